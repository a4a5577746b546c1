/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/demo_answers.h"

#include <string.h>

#include "formats/json.h"
#include "main/demo_words.h"

uint64_t dice_below(struct dice *d, uint64_t n)
{
    d->state += UINT64_C(0x9E3779B97F4A7C15);       /* splitmix64 (Steele, Lea, Flood 2014) */
    uint64_t z = d->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (z ^ (z >> 31)) % n;
}

bool dice_one_in(struct dice *d, uint64_t n) { return dice_below(d, n) == 0; }

str dice_pick(struct dice *d, const char *const *list)
{
    size_t n = 0;
    while (list[n]) n++;
    return str_of(list[dice_below(d, n)]);
}

str demo_person(arena *mem, struct dice *d)
{
    str first = dice_pick(d, demo_forenames), last = dice_pick(d, demo_surnames);
    return str_fmt(mem, "%.*s %.*s", STR_ARG(first), STR_ARG(last));
}

str demo_sentence(arena *mem, struct dice *d)
{
    str a = dice_pick(d, demo_sentences), b = dice_pick(d, demo_sentences);
    return str_eq(a, b) ? a : str_fmt(mem, "%.*s %.*s", STR_ARG(a), STR_ARG(b));
}

static bool is_type(const struct field *f, const char *name) { return strcmp(f->type->name, name) == 0; }
static json_t *text_value(str s) { return json_stringn(s.p, s.n); }

struct draw_ctx { arena *mem; struct dice *d; const struct answers_env *env; const struct demo_files *files; size_t topic; };

static json_t *address_value(struct draw_ctx *c)
{
    str street = dice_pick(c->d, demo_streets);
    json_t *a = json_object();
    json_object_set_new(a, "street", text_value(str_fmt(c->mem, "%d %.*s", (int)dice_below(c->d, 90) + 1, STR_ARG(street))));
    json_object_set_new(a, "postcode", json_string("88000"));
    json_object_set_new(a, "commune", json_string("Épinal"));
    return a;
}

static json_t *options_value(struct draw_ctx *c, const struct field *f, bool several)
{
    if (!f->options.n) return NULL;
    json_t *list = json_array();
    for (size_t i = 0; several && i < f->options.n; i++)
        if (dice_one_in(c->d, 2)) json_array_append_new(list, text_value(f->options.v[i].id));
    json_t *one = text_value(f->options.v[dice_below(c->d, f->options.n)].id);
    if (!several) {
        json_decref(list);
        return one;
    }
    if (!json_array_size(list)) json_array_append(list, one);
    json_decref(one);
    return list;
}

static bool named(const struct field *f, const char *part) { return str_find(f->name, str_of(part)) >= 0; }

static double number_in(struct draw_ctx *c, const struct field *f)
{
    for (const struct demo_range *r = demo_ranges; r->field; r++)
        if (named(f, r->field)) return r->low + r->step * (double)dice_below(c->d, (uint64_t)((r->high - r->low) / r->step) + 1);
    double low = f->has_min ? f->min : 1, high = f->has_max ? f->max : low + 400;
    return low + (double)dice_below(c->d, (uint64_t)(high - low) + 1);
}

static str said_in(struct draw_ctx *c, const struct field *f)
{
    for (const struct demo_said *s = demo_said; s->field; s++) {
        size_t n = 0;
        if (!named(f, s->field)) continue;
        while (s->said[n]) n++;
        return str_of(s->said[c->topic % n]);
    }
    return STR_NONE;
}

static json_t *line_value(struct draw_ctx *c, const struct field *f)
{
    str said = said_in(c, f);
    if (!said.n) said = is_type(f, "textarea") ? demo_sentence(c->mem, c->d) : demo_person(c->mem, c->d);
    return text_value(f->max_length && (int)said.n > f->max_length ? S("Demande") : said);
}

/* A birth some years ago, a stay of the last months, an event to come, a record of long ago. */
static str day_value(struct draw_ctx *c, const struct field *f)
{
    int64_t today = c->env->now_us / DAY_US, day = today + 12 + (int64_t)dice_below(c->d, 60);
    if (named(f, "naissance")) day = today - 1200 - (int64_t)dice_below(c->d, 2500);
    else if (f->past && named(f, "début")) day = today - 92;
    else if (f->past && named(f, "fin")) day = today - 30;
    else if (f->past && named(f, "arrivée")) day = today - 91 + (int64_t)dice_below(c->d, 46);
    else if (f->past) day = today - 200 - (int64_t)dice_below(c->d, 24000);
    else if (named(f, "fin")) day = today + 100 + (int64_t)dice_below(c->d, 90);
    return date_iso(c->mem, day);
}

static str moment_value(struct draw_ctx *c, const struct field *f)
{
    bool ends = named(f, "fin") || named(f, "fermeture");
    str day = date_iso(c->mem, c->env->now_us / DAY_US + 20 + (int64_t)(c->topic % 70));
    return str_fmt(c->mem, "%.*sT%02d:00", STR_ARG(day), ends ? 22 : 9 + (int)dice_below(c->d, 10));
}

static json_t *file_value(struct draw_ctx *c, const struct field *f)
{
    str id = c->files->make(c->files->arg, str_is(f->accept, "image"));
    return id.n ? json_pack("[s#]", id.p, id.n) : NULL;
}

static json_t *field_value(struct draw_ctx *c, const struct field *f)
{
    if (is_type(f, "choice") || is_type(f, "linked_choice")) return options_value(c, f, false);
    if (is_type(f, "choices")) return options_value(c, f, true);
    if (is_type(f, "yesno")) return json_boolean(dice_one_in(c->d, 2));
    if (is_type(f, "checkbox")) return json_true();
    if (is_type(f, "civility")) return json_string(dice_one_in(c->d, 2) ? "mme" : "m");
    if (is_type(f, "integer")) return json_integer((json_int_t)number_in(c, f));
    if (is_type(f, "decimal") || is_type(f, "number")) return json_real(number_in(c, f));
    if (is_type(f, "date")) return text_value(day_value(c, f));
    if (is_type(f, "datetime")) return text_value(moment_value(c, f));
    if (is_type(f, "email")) return text_value(str_fmt(c->mem, "personne%d@exemple.fr", (int)dice_below(c->d, 900)));
    if (is_type(f, "phone")) return text_value(str_fmt(c->mem, "+33639980%03d", (int)dice_below(c->d, 1000)));      /* Arcep: numbers kept for fiction */
    if (is_type(f, "address")) return address_value(c);
    if (is_type(f, "file") || is_type(f, "identity")) return file_value(c, f);
    if (is_type(f, "textarea") || is_type(f, "text")) return line_value(c, f);
    json_t *schema = f->type->schema ? json_own(c->mem, f->type->schema(f, c->mem, c->env)) : NULL;       /* any other type: its own example */
    json_t *example = json_array_get(json_object_get(schema, "examples"), 0);
    return example ? json_deep_copy(example) : NULL;
}

static void fields_fill(struct draw_ctx *c, const struct kind *k, const struct fields *fields, json_t *doc, json_t *into);

static json_t *rows_value(struct draw_ctx *c, const struct kind *k, const struct field *f, json_t *doc)
{
    json_t *rows = json_array();
    size_t n = 1 + dice_below(c->d, f->many > 0 && f->many < 3 ? (uint64_t)f->many : 3);
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "_id", text_value(str_fmt(c->mem, "r%zu", i + 1)));
        json_array_append_new(rows, row);
        fields_fill(c, k, &f->children, doc, row);
        c->topic++;
    }
    return rows;
}

static void fields_fill(struct draw_ctx *c, const struct kind *k, const struct fields *fields, json_t *doc, json_t *into)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        if (!f->type->holds_value || f->is_private || f->computed || (!f->required && dice_one_in(c->d, 2))) continue;
        if (!answers_shown(c->mem, k, f, doc, into == doc ? NULL : into, c->env)) continue;
        json_t *v = is_type(f, "repeat") ? rows_value(c, k, f, doc) : field_value(c, f);
        if (v) json_object_set_new(into, str_z(c->mem, f->id), v);
    }
}

err demo_answers(arena *mem, struct dice *d, const struct kind *k, const struct answers_env *env, const struct demo_files *files, json_t **out)
{
    struct draw_ctx c = {mem, d, env, files, dice_below(d, 1000)};
    json_t *doc = json_own(mem, json_object());
    fields_fill(&c, k, &k->fields, doc, doc);
    struct answer_faults faults = {0};
    TRY(answers_check(k, mem, doc, env, true, out, &faults));
    if (faults.n) return FAIL_AT(E_INTERNAL, faults.v[0].msg, str_z(mem, faults.v[0].path));
    return NO_ERR;
}
