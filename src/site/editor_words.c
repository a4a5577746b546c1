/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the definition of a procedure says, in words that people read: types, delays, conditions, faults; and the draft that is kept. */
#include <string.h>

#include "core/answers.h"
#include "core/kind_edit.h"
#include "formats/json.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

/* Types offered to whoever edits; an imported one outside the list keeps its own. */
static const char *const offered[] = {"text", "textarea", "yesno", "checkbox", "choice", "choices", "date", "integer", "decimal", "email", "phone", "address",
                                      "file", "civility", "iban", "siret", "repeat", "heading", "note", NULL};

void editor_types(struct req *q, const struct field_type *chosen, struct choices *out)
{
    bool there = false;
    for (size_t i = 0; offered[i]; i++) {
        const struct field_type *t = field_type_named(str_of(offered[i]));
        there |= t == chosen;
        PUSH(q->mem, out, (struct choice){.value = str_of(t->name), .label = words(q->lang, t->title), .is_chosen = t == chosen});
    }
    if (chosen && !there) PUSH(q->mem, out, (struct choice){.value = str_of(chosen->name), .label = words(q->lang, chosen->title), .is_chosen = true});
}

/* ---- settings ---- */

void setting_put(arena *mem, json_t *settings, const char *path, json_t *value)
{
    str rest, first = str_split(str_of(path), '.', &rest);
    json_t *in = settings;
    if (rest.p) {
        in = json_object_get(settings, str_z(mem, first));
        if (!json_is_object(in)) {
            in = json_object();
            json_object_set_new(settings, str_z(mem, first), in);
        }
        first = rest;
    }
    if (value) json_object_set_new(in, str_z(mem, first), value);
    else json_object_del(in, str_z(mem, first));
}

void means_choices(struct req *q, str chosen, struct choices *out)
{
    static const struct { const char *value, *key; } means[] = {{"acceptance", W("admin.means.acceptance")}, {"rejection", W("admin.means.rejection")}, {"none", W("admin.means.none")}};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        PUSH(q->mem, out, (struct choice){.value = str_of(means[i].value), .label = words(q->lang, means[i].key), .is_chosen = str_is(chosen, means[i].value)});
}

/* ---- delays ---- */

void span_draw(struct req *q, struct part_span *p, const char *key, str stored, bool optional)
{
    static const struct { const char *value, *key; enum span_unit unit; } units[] = {
        {"days", W("admin.unit.days"), SPAN_DAYS}, {"working days", W("admin.unit.working_days"), SPAN_WORKING_DAYS},
        {"weeks", W("admin.unit.weeks"), SPAN_WEEKS}, {"months", W("admin.unit.months"), SPAN_MONTHS}};
    struct span s = {0, SPAN_MONTHS};
    bool there = span_typed(q->mem, stored, &s).code == OK;
    *p = (struct part_span){.name = S("after"), .label = words(q->lang, key), .optional = optional, .value = there ? str_fmt(q->mem, "%d", s.count) : stored};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        PUSH(q->mem, &p->units, (struct choice){.value = str_of(units[i].value), .label = words(q->lang, units[i].key), .is_chosen = units[i].unit == s.unit});
}

err span_given(struct req *q, const char *name, str *out)
{
    str count = str_trim(field(q, name)), unit = field(q, str_fmt(q->mem, "%s.unit", name).p);
    struct span s;
    int64_t n;
    *out = STR_NONE;
    if (!count.n) return NO_ERR;
    /* "2", and its unit beside; or the whole of it typed: "2 mois". */
    str whole = str_i64(count, &n).code == OK ? str_fmt(q->mem, "%.*s %.*s", STR_ARG(count), STR_ARG(unit)) : count;
    if (span_typed(q->mem, whole, &s).code != OK || s.count <= 0) return FAIL_AT(E_INVALID, W("admin.span_bad"), name);
    *out = span_text(q->mem, s);
    return NO_ERR;
}

/* ---- conditions ---- */

str rule_words(struct req *q, const struct field *f)
{
    struct answers_env env = {.lang = q->lang, .zone = q->tenant->zone};
    return f->when ? condition_words(q->mem, &env, f->when) : STR_NONE;
}

/* ---- faults: the place in the definition becomes the question, by its words ---- */

static const json_t *field_at(struct req *q, const json_t *def, str at, str *out_key)
{
    int dot = -1;
    for (size_t i = 0; i < at.n && at.p[i] != ':'; i++)
        if (at.p[i] == '.' && i + 1 < at.n && !str_starts(str_cut(at, i + 1, at.n), S("fields["))) { dot = (int)i; break; }
    str path = dot >= 0 ? str_cut(at, 0, (size_t)dot) : str_split(at, ':', &(str){0});
    *out_key = dot >= 0 ? str_cut(at, (size_t)dot + 1, at.n) : STR_NONE;
    return json_path(def, str_z(q->mem, path));
}

void editor_fault(struct req *q, struct links *faults, err e, const json_t *def, const char *id)
{
    str said = words(q->lang, e.msg), at = str_of(e.at ? e.at : ""), key = STR_NONE, detail = STR_NONE;
    const char *to = id;
    if (str_starts(at, S("fields["))) {
        const json_t *f = field_at(q, def, at, &key), *label = json_object_get(f, "label");
        str question = json_is_object(label) ? json_str(label, "fr") : json_text(label);
        str rest, plain = str_split(key, ':', &rest);
        detail = str_trim(rest);
        if (question.n) said = words_fill(q->mem, q->lang, W("editor.fault_in"), "question", question, "said", said, NULL);
        to = str_z(q->mem, param(q, "id").n ? plain : str_fmt(q->mem, "f-%.*s", STR_ARG(json_str(f, "id"))));
    } else if (e.at && strcmp(e.at, id) != 0) {
        detail = at;
    }
    if (detail.n) said = str_fmt(q->mem, "%.*s (%.*s)", STR_ARG(said), STR_ARG(detail));
    PUSH(q->mem, faults, (struct link){.label = said, .at = URL(q->mem, "#{}", str_of(to))});
}

err editor_write(struct req *q, const struct kind_row *row, err (*edit)(struct req *q, json_t *def, str what), str what, json_t **out_def)
{
    json_t *stored;
    int64_t seen, revision;
    if (str_i64(field(q, "revision"), &seen).code != OK) return FAIL_AT(E_INVALID, "desk.no_version", "revision");
    TRY(kind_draft_definition(q->db, q->mem, row->name, &stored));
    json_t *def = kind_edit_start(q->mem, stored);
    *out_def = def;
    TRY(edit(q, def, what));
    return kind_draft_save(q->db, q->mem, row->name, def, q->who->account, seen, &revision);
}

err editor_kind_asked(struct req *q, struct kind_row *row)
{
    TRY(kind_row_get(q->db, q->mem, param(q, "name"), row));
    return who_has(q->who, ROLE_MANAGER, row->body, row->team, row->name) ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

int64_t editor_body(const struct req *q, str name)
{
    for (size_t i = 0; i < q->tenant->bodies.n; i++)
        if (who_has(q->who, ROLE_MANAGER, q->tenant->bodies.v[i].id, 0, name)) return q->tenant->bodies.v[i].id;
    return 0;
}
