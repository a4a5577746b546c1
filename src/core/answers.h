/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers.h — the values people give to the fields of a kind. The document is a JSON object {field id: value}; a value not filled
   is absent, never 0 nor "". A repeat is an array of objects {"_id": row id, field id: value…}. A choice holds the option's id
   ({"other": "words"} for a free entry), choices an array of ids, a file an array of file ids (as text).
   Reading (from a page), checking (page and API alike), drawing, exporting and the JSON Schema all go through the table of
   field types: one row a type (field_types.c). */
#pragma once
#include "base/buf.h"
#include "core/kind.h"

struct answer_file { str name, type; int64_t size_bytes; bool ready; };
typedef bool (*file_lookup)(void *arg, str file_id, struct answer_file *out);
typedef bool (*list_lookup)(void *arg, arena *mem, str list, str id_or_label, struct option *out);  /* shared value lists */

struct fault { str path;  /* "f12", "f20/r7/f3": also the input's name and the anchor "a-…" of the error summary */
               const struct field *field; const char *msg; str arg; };
struct faults { struct fault *v; size_t n; };

struct form_draw;
struct answers_env {            /* what checking and drawing need to know of the world */
    enum lang lang; str zone; int64_t now_us;
    file_lookup file; void *file_arg;
    list_lookup list; void *list_arg;
};

struct field_type {
    const char *name;                                   /* "text", "choice", … */
    const char *ds_name;                                /* "drop_down_list": documentation only */
    bool holds_value, in_fifteen;
    /* What a form sent for this path → JSON, NULL when left empty. Lenient on form ("12,5", "06 12…"), strict on content. */
    const char *(*parse)(const struct field *f, arena *mem, struct strs typed, const struct answers_env *env, json_t **out);
    /* A JSON value → its normal form; a catalogue key when at fault, NULL when fine. */
    const char *(*check)(const struct field *f, arena *mem, const json_t *given, const struct answers_env *env, json_t **out, str *arg);
    void (*input)(struct form_draw *d, const struct field *f, str path, const json_t *value);      /* HTML of the control only */
    str (*show)(const struct field *f, arena *mem, const json_t *value, const struct answers_env *env);   /* one line of text */
    json_t *(*schema)(const struct field *f);           /* JSON Schema 2020-12 of the value, with "examples" */
    struct rule_value (*rule)(const struct field *f, arena *mem, const json_t *value);
    str (*index)(const struct field *f, arena *mem, const json_t *value);   /* what the side index stores; absent: not filterable */
    bool (*prefill)(const struct field *f, arena *mem, str typed, json_t **out);
};
const struct field_type *field_type_named(str name);    /* NULL: unknown */
extern const struct field_type field_types[];           /* ends with name NULL */

/* The fields of one page as sent by a form: merges into *doc (a new object), gathers faults. Hidden fields keep what they have
   in a draft. `strict`: required fields are checked (next page); otherwise only what was typed (autosave, "add a row"). */
err answers_read(const struct kind *k, const struct form_page *page, arena *mem, const json_t *doc,
                 struct strs (*typed)(void *arg, arena *mem, str path), void *typed_arg,
                 const struct answers_env *env, bool strict, json_t **out_doc, struct faults *faults);
/* One field, for saving as it is left. path may lie in a repeat row. */
err answers_read_one(const struct kind *k, arena *mem, const json_t *doc, str path, struct strs typed,
                     const struct answers_env *env, json_t **out_doc, struct faults *faults);
/* The whole document before filing, exactly the same for page and API: required, types, conditions; values of hidden fields
   are dropped (from_form) or are a fault (API: W("answers.hidden")); unknown ids are a fault for the API. out: normal form. */
err answers_check(const struct kind *k, arena *mem, const json_t *doc, const struct answers_env *env, bool from_form,
                  json_t **out_doc, struct faults *faults);
/* Is this field (in this repeat row; row NULL at top level) shown, given the answers? */
bool answers_shown(const struct kind *k, const struct field *f, const json_t *doc, const json_t *row);

/* Drawing: label, hint, error and control of each field of a page; then of answers as a definition list. */
struct form_draw {
    buf *out; arena *mem; const struct answers_env *env; const struct kind *kind; const json_t *doc; const struct faults *faults;
    void (*rich)(buf *out, arena *mem, str html_or_text, bool is_html);     /* cleaner of imported help, given by the floor above */
    str base_url;              /* where rows are added, values suggested, files sent: base_url + "/suggest?…", "/files" */
    bool is_print;             /* blank paper form */
};
void form_draw_page(struct form_draw *d, const struct form_page *page);
void form_draw_fields(struct form_draw *d, const struct fields *fields, str prefix);       /* asks of a transition too */
struct answer_line { const struct field *field; str path, label, text; bool is_heading; int level; size_t page; struct strs file_ids; };
struct answer_lines { struct answer_line *v; size_t n; };
struct answer_lines answers_lines(arena *mem, const struct kind *k, const json_t *doc, const struct answers_env *env, bool public_only, bool with_private);

json_t *kind_schema(const struct kind *k);              /* JSON Schema of the answers by field id; if/then, arrays of objects, examples */
