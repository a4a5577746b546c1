/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/letter_template.h"

#include <string.h>

#include "core/letter_fill.h"
#include "core/receipt.h"
#include "formats/json.h"

str letter_author_lacks(arena *mem, enum lang lang, const struct paper_signature *a)
{
    const struct { str given; const char *name; } parts[] = {
        {a->forename, W("letter.lack.forename")}, {a->surname, W("letter.lack.surname")}, {a->capacity, W("letter.lack.capacity")}, {a->service, W("letter.lack.service")}};
    struct strs lacking = {0};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!str_trim(parts[i].given).n) PUSH(mem, &lacking, words(lang, parts[i].name));
    return lacking.n ? str_join(mem, lacking, S(", ")) : STR_NONE;
}

/* ---- values */

static str own_value(const struct letter_filling *f, const char *own)
{
    const struct letter_source *s = f->s;
    const struct body *b = tenant_body(s->tenant, s->record->body);
    if (strcmp(own, "letter.name.reference") == 0) return s->record->reference;
    if (strcmp(own, "letter.name.filed") == 0) return words_date_us(f->mem, f->lang, s->record->created_us, s->tenant->zone);
    if (strcmp(own, "letter.name.decided") == 0) return words_date_us(f->mem, f->lang, s->now_us, s->tenant->zone);
    if (strcmp(own, "letter.name.procedure") == 0) return text_in(&s->kind->title, f->lang);
    if (strcmp(own, "letter.name.person") == 0) return s->person;
    if (strcmp(own, "letter.name.town") == 0) return b ? b->name : s->tenant->name;
    return f->receipt.service;
}

static bool is_words(const struct field *field) { return strcmp(field->type->name, "textarea") == 0 || strcmp(field->type->name, "text") == 0; }

static str shown(const struct letter_filling *f, const struct field *field, const json_t *value)
{
    if (!value) return STR_NONE;
    return str_trim(is_words(field) ? json_text(value) : field->type->show(field, f->mem, value, f->s->env));    /* show makes one line of words */
}

/* "Léa Durand, Tom Durand": of each row that says it. */
static str rows_value(const struct letter_filling *f, const struct field *field)
{
    const struct letter_source *s = f->s;
    const json_t *rows = answer_in(f->mem, s->record->doc, field->parent);
    struct strs out = {0};
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (!answers_shown(f->mem, s->kind, field, s->record->doc, row, s->env)) continue;
        str one = shown(f, field, answer_in(f->mem, row, field));
        if (one.n) PUSH(f->mem, &out, one);
    }
    return out.n ? str_join(f->mem, out, S(", ")) : STR_NONE;
}

static str value_of(const struct letter_filling *f, str name)
{
    const struct letter_var *v = letter_var(&f->vars, name);
    if (!v) return STR_NONE;
    if (v->from == VAR_OWN) return own_value(f, v->own);
    if (v->from == VAR_ASK) return shown(f, v->field, json_object_getn(f->s->asks, v->field->id.p, v->field->id.n));
    if (v->from == VAR_RULE) return answers_said(f->mem, f->s->kind, v->name, f->s->record->doc, f->s->env);
    const struct field *asked = v->field->parent ? v->field->parent : v->field;
    if (!answers_shown(f->mem, f->s->kind, asked, f->s->record->doc, NULL, f->s->env)) return STR_NONE;
    return v->field->parent ? rows_value(f, v->field) : shown(f, v->field, answer_in(f->mem, f->s->record->doc, v->field));
}

/* ---- words with their variables. What a person wrote is never read as Markdown: values come in after it was. */

struct told { int there, missing; };

static void span_put(struct letter_filling *f, struct paper_spans *out, const struct paper_span *like, str words_said, bool *breaks)
{
    struct paper_span one = *like;
    if (!words_said.n) return;
    one.words = words_said;
    one.breaks = *breaks;
    *breaks = false;
    PUSH(f->mem, out, one);
}

/* What the town typed as French is typed: no line begins with a colon, no quotation mark ends one. */
static str typeset(const struct letter_filling *f, str s)
{
    buf b = BUF(LETTER_BODY_BYTES * 2);
    for (size_t i = 0; f->lang == LANG_FR && i < s.n; i++) {
        bool after = i >= 2 && str_eq(str_cut(s, i - 2, i), S("\u00ab")), before = i + 1 < s.n && (strchr(":;?!", s.p[i + 1]) || str_starts(str_cut(s, i + 1, s.n), S("\u00bb")));
        if (s.p[i] == ' ' && (after || before)) buf_lit(&b, "\u00a0");
        else buf_char(&b, s.p[i]);
    }
    str out = f->lang == LANG_FR ? str_copy(f->mem, buf_str(&b)) : s;
    buf_free(&b);
    return out;
}

/* A value keeps its lines. */
static void value_put(struct letter_filling *f, struct paper_spans *out, const struct paper_span *like, str value, bool *breaks)
{
    for (str rest = value; rest.p;) {
        str line = str_trim(str_split(rest, '\n', &rest));
        span_put(f, out, like, line, breaks);
        if (rest.p) *breaks = true;
    }
}

static void span_fill(struct letter_filling *f, const struct paper_span *span, struct paper_spans *out, struct told *told)
{
    str rest = span->words;
    bool breaks = span->breaks;
    for (;;) {
        ptrdiff_t open = str_find_char(rest, '{'), close = open < 0 ? -1 : str_find_char(str_cut(rest, (size_t)open, rest.n), '}');
        if (close < 0) break;
        str value = value_of(f, str_trim(str_cut(rest, (size_t)open + 1, (size_t)(open + close))));
        span_put(f, out, span, typeset(f, str_cut(rest, 0, (size_t)open)), &breaks);
        value_put(f, out, span, value.n ? value : words(f->lang, W("letter.not_said")), &breaks);
        *(value.n ? &told->there : &told->missing) += 1;
        rest = str_cut(rest, (size_t)(open + close + 1), rest.n);
    }
    span_put(f, out, span, typeset(f, rest), &breaks);
}

/* The rule of what is missing: words none of whose values is there are left out; one missing among others is said. */
static bool spans_fill(struct letter_filling *f, struct paper_spans *spans)
{
    struct paper_spans out = {0};
    struct told told = {0};
    for (size_t i = 0; i < spans->n; i++) span_fill(f, &spans->v[i], &out, &told);
    *spans = out;
    return out.n && (told.there || !told.missing);
}

static bool rows_fill(struct letter_filling *f, struct paper_block *b)
{
    struct paper_rows out = {0};
    for (size_t i = 0; i < b->rows.n; i++) {
        struct paper_row *row = &b->rows.v[i];
        bool kept = row->n > 0;
        for (size_t c = 0; c < row->n; c++) kept &= spans_fill(f, &row->v[c]);
        if (kept) PUSH(f->mem, &out, *row);
    }
    b->rows = out;
    return out.n > 0;
}

static void body_fill(struct letter_filling *f, struct paper *out)
{
    struct paper_blocks body = {0};
    paper_markdown(f->mem, text_in(&f->s->letter->body, f->lang), &body);
    for (size_t i = 0; i < body.n; i++) {
        struct paper_block b = body.v[i];
        bool is_rows = b.type == PAPER_BULLETS || b.type == PAPER_NUMBERS || b.type == PAPER_FACTS || b.type == PAPER_TABLE;
        if (is_rows ? rows_fill(f, &b) : spans_fill(f, &b.words)) PUSH(f->mem, &out->blocks, b);
    }
}

void letter_heading(struct letter_filling *f, struct paper *out, str words_said)
{
    PUSH(f->mem, &out->blocks, (struct paper_block){.type = PAPER_HEADING3, .words = paper_words(f->mem, words_said)});
}

/* A paragraph for each group of lines. */
void letter_say(struct letter_filling *f, struct paper *out, str words_said)
{
    for (str rest = words_said; rest.p;) {
        ptrdiff_t gap = str_find(rest, S("\n\n"));
        str one = gap < 0 ? rest : str_cut(rest, 0, (size_t)gap);
        struct paper_spans spans = {0};
        bool breaks = false;
        value_put(f, &spans, &(struct paper_span){0}, str_trim(one), &breaks);
        if (spans.n) PUSH(f->mem, &out->blocks, (struct paper_block){.type = PAPER_PARAGRAPH, .words = spans});
        rest = gap < 0 ? STR_NONE : str_cut(rest, (size_t)gap + 2, rest.n);
    }
}

/* ---- what the agent answered and the body does not repeat: nothing said at the decision is lost */

bool letter_body_says(const struct letter_filling *f, str name)
{
    for (size_t i = 0; i < f->uses.n; i++)
        if (str_eq(f->uses.v[i].name, name)) return true;
    return false;
}

str letter_answer(const struct letter_filling *f, const struct field *ask)
{
    return shown(f, ask, json_object_getn(f->s->asks, ask->id.p, ask->id.n));
}

static void answers_fill(struct letter_filling *f, struct paper *out)
{
    const struct transition *t = f->s->transition;
    for (size_t i = 0; i < t->asks.n; i++) {
        const struct field *ask = &t->asks.v[i];
        bool is_reason = str_is(ask->name, "reason_in_law") || str_is(ask->name, "reason_in_fact");
        if (!is_words(ask) || is_reason || letter_body_says(f, ask->name)) continue;
        str said = letter_answer(f, ask), title = text_in(&ask->said, f->lang);
        if (!said.n) continue;
        bool plain = title.n && str_find(title, S("{")) >= 0;
        if (!plain) letter_heading(f, out, title.n ? title : text_in(&ask->label, f->lang));
        letter_say(f, out, said);
    }
}

static void parts_fill(struct letter_filling *f, bool before, struct paper *out)
{
    const struct letter_source *s = f->s;
    for (const struct letter_part *p = letter_parts; p->name; p++)
        if (p->before == before && (!p->applies || p->applies(s->kind, s->transition, s->letter))) p->fill(f, out);
}

err letter_fill(arena *mem, const struct letter_source *s, struct paper *out)
{
    struct letter_filling f = {.mem = mem, .s = s, .lang = s->env->lang};
    str lacks = letter_author_lacks(mem, f.lang, &s->author);
    if (lacks.n) return FAIL_AT(E_INVALID, W("letter.author_lacks"), str_z(mem, lacks));
    TRY(receipt_of(mem, s->tenant, s->kind, s->record, f.lang, &f.receipt));
    TRY(letter_uses(mem, text_in(&s->letter->body, f.lang), &f.uses));
    letter_vars(mem, s->kind, s->letter, &f.vars);
    struct paper_spans object = paper_words(mem, text_in(&s->letter->object, f.lang));
    spans_fill(&f, &object);
    str title = text_in(&s->letter->title, f.lang);
    *out = (struct paper){.lang = f.lang, .made_us = s->now_us, .object = paper_plain(mem, &object),
                          .title = words_fill(mem, f.lang, W("letter.document_title"), "title", title, "reference", s->record->reference, NULL)};
    if (s->person.n) PUSH(mem, &out->recipient, s->person);
    parts_fill(&f, true, out);
    PUSH(mem, &out->blocks, (struct paper_block){.type = PAPER_HEADING2, .words = paper_words(mem, title)});
    body_fill(&f, out);
    answers_fill(&f, out);
    parts_fill(&f, false, out);
    return NO_ERR;
}

static json_t *sample_of(arena *mem, const struct field *f, const struct answers_env *env)
{
    if (strcmp(f->type->name, "repeat") == 0) return json_pack("[o]", json_incref(letter_sample(mem, &f->children, env)));
    if (is_words(f) && !f->example.n) return json_from_str(str_fmt(mem, "[%.*s]", STR_ARG(text_in(&f->label, env->lang))));       /* "[L’objet, en quelques mots]" */
    if (!f->type->schema) return NULL;
    json_t *schema = json_own(mem, f->type->schema(f, mem, env));
    return json_incref(json_array_get(json_object_get(schema, "examples"), 0));
}

json_t *letter_sample(arena *mem, const struct fields *fields, const struct answers_env *env)
{
    json_t *doc = json_own(mem, json_object());
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        json_t *value = f->type->holds_value && !f->is_private && !f->masks ? sample_of(mem, f, env) : NULL;
        if (value) json_object_setn_new(doc, f->id.p, f->id.n, value);
    }
    return doc;
}
