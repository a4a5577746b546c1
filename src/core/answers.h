/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers.h — the values people give to the fields of a kind. The document is a JSON object {field id: value}; a value not filled
   is absent, never 0 nor "". A repeat is an array of objects {"_id": row id, field id: value…}. A choice holds the option's id
   ({"other": "words"} for a free entry), choices an array of ids, a file an array of file ids (as text), an address an object
   {street, postcode, commune}, a date "2026-11-23", a ticked box true. Full list: docs/kinds.md.
   Reading (from a page), checking (page and API alike), drawing, exporting and the JSON Schema all go through the table of
   field types: one row a type (field_types.c). JSON handed out lives as long as `mem` (formats/json.h). */
#pragma once
#include "base/buf.h"
#include "core/kind.h"

struct answer_file { str name, type; int64_t size_bytes; bool ready; };
typedef bool (*file_lookup)(void *arg, str file_id, struct answer_file *out);
typedef bool (*list_lookup)(void *arg, arena *mem, str list, str id_or_label, struct option *out);  /* shared value lists */
/* The first `most` entries in their order, and how many there are in all; false: no such list. */
typedef bool (*list_options)(void *arg, arena *mem, str list, size_t most, struct options *out, size_t *out_total);
typedef bool (*list_suggest)(void *arg, arena *mem, str list, str typed, size_t most, struct options *out);
/* Where an address of the town stands; false: not in its list of addresses. */
typedef bool (*address_locate)(void *arg, arena *mem, str address, double *out_lat, double *out_lon);

struct answer_fault { str path;  /* "f12", "f20/r7/f3": also the input's name and the anchor "a-…" of the error summary */
               const struct field *field; const char *msg; str arg; };
struct answer_faults { struct answer_fault *v; size_t n; };
/* The fault in words, its argument filled in: "Choisissez une date après le 3 mai 2026." */
str answer_fault_words(arena *mem, enum lang lang, const struct answer_fault *f);

struct form_draw;
struct answers_env {            /* what checking and drawing need to know of the world; any callback may be NULL */
    enum lang lang; str zone; int64_t now_us;
    file_lookup file; void *file_arg;
    list_lookup list; list_options options; list_suggest suggest; address_locate locate; void *list_arg;       /* list_env (value_list.h) fills them */
    const json_t *map;          /* the tenant's: lat, lon, zoom, tiles, credit; list_env too */
    int64_t file_bytes_most;    /* of one document; 0: not said */
    bool has_outline;           /* of the town: /carte/contour.json */
};

struct tenant;
struct answers_env tenant_env(const struct tenant *t, int64_t now_us);      /* its language, its zone */

struct field_type {
    const char *name;                                   /* "text", "choice", … */
    const char *title;                                  /* what people call it: a catalogue key */
    const char *ds_name;                                /* "DropDownList": its name in descriptors */
    bool holds_value, in_fifteen;
    bool has_options;                                   /* options or list */
    const char *const *parts;                           /* several inputs: "d","m","y" → path.d, path.m, path.y; ends with NULL */
    /* What a form sent for this path → JSON, NULL when left empty. Lenient on form ("12,5", "06 12…"), strict on content.
       With parts: typed.v[0] is the value of the bare path, then one a part, absent when not sent. A catalogue key when at fault. */
    const char *(*parse)(const struct field *f, arena *mem, struct strs typed, const struct answers_env *env, json_t **out);
    /* A JSON value → its normal form; a catalogue key when at fault, NULL when fine. *out NULL: it is as good as not filled. */
    const char *(*check)(const struct field *f, arena *mem, const json_t *given, const struct answers_env *env, json_t **out, str *arg);
    /* What of a stored value the type can hold: the value, a part of it, or NULL. */
    const json_t *(*fits)(const struct field *f, arena *mem, const json_t *value);
    void (*input)(struct form_draw *d, const struct field *f, str path, const json_t *value);      /* HTML of the control only */
    str (*show)(const struct field *f, arena *mem, const json_t *value, const struct answers_env *env);   /* one line of text */
    json_t *(*schema)(const struct field *f, arena *mem, const struct answers_env *env);   /* JSON Schema 2020-12 of the value, with "examples"; a new reference */
    enum rule_value_kind reads_as;                      /* in conditions; RULE_UNDEFINED: none may read it */
    struct rule_value (*rule)(const struct field *f, arena *mem, const json_t *value);
    str (*index)(const struct field *f, arena *mem, const json_t *value);   /* what the side index stores (of a list: of each item); NULL: not filterable */
    bool (*prefill)(const struct field *f, arena *mem, str typed, json_t **out);         /* a link's ?f12=… ; NULL: never */
    const char *autocomplete;                           /* HTML autofill token usual for this type */
};
const struct field_type *field_type_named(str name);    /* NULL: unknown */
const struct field_type *field_type_ds(str ds_name);    /* "YesNo" or "YesNoChampDescriptor" */
extern const struct field_type field_types[];           /* ends with name NULL */

/* What a form sent: every value given under a name; none: n = 0. */
typedef struct strs (*typed_lookup)(void *arg, arena *mem, str name);

/* The fields of one page as sent by a form: merges into a copy of doc, gathers faults. Hidden fields keep what they have.
   `strict`: required fields are checked (next page); otherwise only what was typed (autosave, "add a row").
   The buttons _row_add=f20, _row_remove=f20/r7 and _file_remove=f3/ID are obeyed here: answers_button says one was pressed, and
   the page is then shown again. A value at fault is not stored; what was typed is shown again through form_draw.typed.
   A question that appears because of answers on the same page and was not seen (no _seen=f12 sent): W("answers.now_asked"). */
err answers_read(const struct kind *k, const struct form_page *page, arena *mem, const json_t *doc, typed_lookup typed, void *typed_arg,
                 const struct answers_env *env, bool strict, json_t **out_doc, struct answer_faults *faults);
/* The agents' annotations, as their form sent them, merged into a copy of doc; always strict. */
err answers_read_private(const struct kind *k, arena *mem, const json_t *doc, typed_lookup typed, void *typed_arg, const struct answers_env *env,
                         json_t **out_doc, struct answer_faults *faults);
bool answers_button(typed_lookup typed, void *typed_arg, arena *mem);
/* Questions of a transition: the same for a list of fields, always strict. */
err answers_read_fields(const struct fields *fields, arena *mem, typed_lookup typed, void *typed_arg, const struct answers_env *env,
                        json_t **out_doc, struct answer_faults *faults);
/* One field, for saving as it is left; path may lie in a repeat row ("f20/r7/f3"). E_NOT_FOUND: no such field.
   *out_value NULL: emptied. The parts of a date are looked up by their names. */
err answers_read_one(const struct kind *k, arena *mem, str path, typed_lookup typed, void *typed_arg, const struct answers_env *env,
                     json_t **out_value, struct answer_faults *faults);
/* doc with the value at path replaced (NULL: removed); rows are made when missing. For draft_save_value. */
err answers_put(const struct kind *k, arena *mem, const json_t *doc, str path, const json_t *value, json_t **out_doc);
/* What the document, or a row, holds for a field; NULL: not filled. A value that its present type or options cannot hold, left by
   another revision of the kind, counts as not filled: all who read a stored document read it through here. */
const json_t *answer_in(arena *mem, const json_t *obj, const struct field *f);
json_t *answers_held(arena *mem, const struct kind *k, const json_t *doc);  /* the whole document, so read */
const json_t *answers_at(const json_t *doc, str path);  /* NULL: not filled */
/* The field a path names, rows skipped; NULL: none. */
const struct field *answers_field(const struct kind *k, str path);

/* The whole document before filing, exactly the same for page and API: required, types, conditions; values of hidden fields
   are dropped (from_form) or are a fault (API: W("answers.hidden")); unknown ids are a fault for the API, and agents' annotations
   too; from_form keeps annotations. out: normal form. No fault: *out_doc may be filed. */
err answers_check(const struct kind *k, arena *mem, const json_t *doc, const struct answers_env *env, bool from_form,
                  json_t **out_doc, struct answer_faults *faults);
err answers_check_fields(const struct fields *fields, arena *mem, const json_t *doc, const struct answers_env *env,
                         json_t **out_doc, struct answer_faults *faults);      /* asks of a transition, from the API */
/* Is this field (in this repeat row; row NULL at top level) shown, given the answers? */
bool answers_shown(arena *mem, const struct kind *k, const struct field *f, const json_t *doc, const json_t *row, const struct answers_env *env);
/* Of each page, whether it has something to show. */
bool *answers_pages_shown(arena *mem, const struct kind *k, const struct form_pages *pages, const json_t *doc, const struct answers_env *env);
/* A guard of a transition on the record's answers, or the condition of one of its asks (fields: t->asks) on its own. NULL: true. */
bool answers_condition(const struct fields *fields, const struct condition *c, const json_t *doc, const struct answers_env *env);
/* How long a timer lasts: a duration its rule gives in jours, mois or ans. false: none, or not a duration from 0 to 100 years. */
bool answers_span(const struct kind *k, const struct condition *c, const json_t *doc, const struct answers_env *env, struct span *out);
struct strs span_unit_names(arena *mem);     /* the units of such a duration: "jour", "mois"…, "" */
/* doc with its computed values, and without those that have none any more: a draft's are computed when it is shown. */
json_t *answers_computed(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env);
/* What the server alone decides on a page: {"shown": {path: bool}, "values": {path: text}}; NULL: nothing. */
json_t *answers_live(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env);
/* What a rule of the definition says of the answers, for people: "12,5 €", "oui". Absent: nothing. */
str answers_said(arena *mem, const struct kind *k, str rule, const json_t *doc, const struct answers_env *env);
/* The team the record goes to, by its name in the definition; absent: no rule says. */
str answers_team(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env);

/* Drawing: label, hint, error and control of each field of a page; then of answers as a definition list. */
struct form_draw {
    buf *out; arena *mem; const struct answers_env *env; const struct kind *kind; const json_t *doc; const struct answer_faults *faults;
    void (*rich)(buf *out, arena *mem, str html_or_text, bool is_html);     /* cleaner of imported help, given by the floor above */
    str base_url;              /* rows, values suggested, files: base_url + "/suggest?field=f3&q=…", "/files" */
    str id_prefix;             /* before every id, when several forms of a page may hold the same field; links of an error summary then need it too */
    typed_lookup typed; void *typed_arg;    /* after a fault: shows what was typed again; NULL: the document's values */
};
void form_draw_page(struct form_draw *d, const struct form_page *page);
void form_draw_fields(struct form_draw *d, const struct fields *fields, str prefix);       /* asks of a transition too */
void form_draw_private(struct form_draw *d);                                               /* the agents' annotations */
struct answer_line { const struct field *field; str path, label, text; bool is_heading; int level; size_t page; struct strs file_ids; };
struct answer_lines { struct answer_line *v; size_t n; };
struct answer_lines answers_lines(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env, bool public_only, bool with_private);

/* Documents. A program is accepted nowhere. */
#define FILE_PROGRAM S("application/x-executable")
bool field_accepts(arena *mem, const struct field *f, str type);
str field_formats(arena *mem, enum lang lang, const struct field *f);       /* "PDF, JPEG, PNG", in words; absent: any */

/* JSON Schema of the answers by field id; if/then, arrays of objects, examples. Lives as long as mem. */
json_t *kind_schema(const struct kind *k, arena *mem, const struct answers_env *env);

/* "« Souhaitez-vous être rappelé ? » est « oui »" (condition_words.c). Words of another language are marked within (base/said.h). */
str condition_words(arena *mem, const struct answers_env *env, const struct condition *c);
