/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The letters of a definition, and the variables of their words. */
#include <string.h>

#include "core/kind_parse.h"
#include "core/letter_template.h"
#include "core/life.h"
#include "formats/json.h"
#include "rules/engine.h"

static const struct key letter_keys[] = {
    {"title", WANT_TEXT, offsetof(struct letter, title)},
    {"object", WANT_TEXT, offsetof(struct letter, object)},
    {"outcome", WANT_OWN, 0},
    {"body", WANT_TEXT, offsetof(struct letter, body)},
    {0}};

const char *const letter_outcomes[] = {[LETTER_OTHER] = "other", [LETTER_GRANTED] = "granted", [LETTER_REFUSED] = "refused"};

static err outcome_read(struct reader *r, const json_t *v, enum letter_outcome *out, str at)
{
    for (int i = LETTER_OTHER; i <= LETTER_REFUSED; i++) {
        if (!str_is(json_text(v), letter_outcomes[i])) continue;
        *out = (enum letter_outcome)i;
        return NO_ERR;
    }
    return kind_fault_in(r, W("letter.unknown_outcome"), at, "outcome");
}

static bool name_is_plain(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
    }
    return s.n && s.n <= 64 && s.p[0] != '_';
}

static err letter_read(struct reader *r, const json_t *obj, struct letter *l, str at)
{
    TRY(keys_read(r, obj, letter_keys, l, at));
    if (!name_is_plain(l->name)) return kind_fault(r, W("kind.bad_id"), at);
    const struct { const char *key; const struct text *t; } needed[] = {{"title", &l->title}, {"object", &l->object}, {"body", &l->body}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].t->v[LANG_FR].n) return kind_fault_in(r, W("kind.missing"), at, needed[i].key);
    for (int lang = 0; lang < LANG_N; lang++)
        if (l->body.v[lang].n > LETTER_BODY_BYTES) return kind_fault_in(r, W("letter.too_long"), at, "body");
    const json_t *outcome = json_object_get(obj, "outcome");
    return outcome ? outcome_read(r, outcome, &l->outcome, at) : NO_ERR;
}

err letters_read(struct reader *r, const json_t *obj, str at)
{
    const char *name;
    json_t *v;
    if (!json_is_object(obj)) return kind_fault(r, W("kind.not_object"), at);
    json_object_foreach((json_t *)obj, name, v)
    {
        struct letter l = {.name = str_of(name)};
        TRY(letter_read(r, v, &l, str_fmt(r->mem, "%.*s.%s", STR_ARG(at), name)));
        struct letters *all = &r->k->letters;
        size_t i = 0;
        while (i < all->n && !str_eq(all->v[i].name, l.name)) i++;
        if (i == all->n) PUSH(r->mem, all, l);
        else all->v[i] = l;
    }
    return NO_ERR;
}

/* ---- variables */

err letter_uses(arena *mem, str text, struct letter_uses *out)
{
    int line = 1;
    *out = (struct letter_uses){0};
    for (size_t i = 0; i < text.n; i++) {
        line += text.p[i] == '\n';
        if (text.p[i] != '{') continue;
        size_t end = i + 1;
        while (end < text.n && text.p[end] != '}' && text.p[end] != '{' && text.p[end] != '\n') end++;
        str name = str_trim(str_cut(text, i + 1, end));
        if (end == text.n || text.p[end] != '}' || !name.n) return FAIL_AT(E_INVALID, W("letter.var_open"), str_fmt(mem, "%d", line).p);
        PUSH(mem, out, (struct letter_use){name, line});
        i = end;
    }
    return NO_ERR;
}

const struct letter *transition_letter(const struct kind *k, const struct transition *t)
{
    for (size_t i = 0; i < t->does.n; i++)
        if (strcmp(t->does.v[i].type->name, "letter") == 0) return kind_letter(k, json_text(t->does.v[i].argument));
    return NULL;
}

static bool silence_gives(const struct kind *k, str state)
{
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        if (t->by == BY_SYSTEM && str_is(t->after_setting, "silence.after") && str_is(t->if_value, "acceptance") && str_eq(t->to, state)) return true;
    }
    return false;
}

bool transition_attests(const struct kind *k, const struct transition *t)
{
    for (size_t i = 0; i < t->from.n; i++)
        if (!silence_gives(k, t->from.v[i])) return false;
    return t->from.n > 0 && transition_letter(k, t);
}

/* Their names are the same in every language: a letter moves from town to town. */
static const struct { const char *name, *title; bool may_lack; } own_vars[] = {
    {W("letter.name.reference"), W("letter.var.reference"), false}, {W("letter.name.filed"), W("letter.var.filed"), false}, {W("letter.name.decided"), W("letter.var.decided"), false},
    {W("letter.name.procedure"), W("letter.var.procedure"), false}, {W("letter.name.person"), W("letter.var.person"), true}, {W("letter.name.town"), W("letter.var.town"), false},
    {W("letter.name.service"), W("letter.var.service"), false}};

static struct text words_text(const char *key) { return (struct text){{[LANG_FR] = words(LANG_FR, key), [LANG_EN] = words(LANG_EN, key)}}; }

static bool shows(const struct field *f) { return f->type->holds_value && f->type->show && !f->children.n && strcmp(f->type->name, "repeat") != 0; }

static const struct field *ask_named(const struct transition *t, str name)
{
    for (size_t i = 0; i < t->asks.n; i++)
        if (str_eq(t->asks.v[i].name, name) && shows(&t->asks.v[i]) && !t->asks.v[i].masks) return &t->asks.v[i];
    return NULL;
}

/* The questions that every transition which sends this letter asks. */
static void asks_add(arena *mem, const struct kind *k, const struct letter *l, struct letter_vars *out)
{
    const struct transition *first = NULL;
    size_t from = out->n;
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *t = &k->transitions.v[i];
        if (transition_letter(k, t) != l) continue;
        for (size_t a = 0; !first && a < t->asks.n; a++) {
            const struct field *f = ask_named(t, t->asks.v[a].name);
            if (f) PUSH(mem, out, (struct letter_var){f->name, f->said.v[LANG_FR].n && str_find(f->said.v[LANG_FR], S("{")) < 0 ? f->said : f->label, VAR_ASK, f, NULL, !f->required || f->when});
        }
        for (size_t v = from; first && v < out->n; v++) {
            if (ask_named(t, out->v[v].name)) continue;
            memmove(out->v + v, out->v + v + 1, (out->n - v - 1) * sizeof *out->v);
            out->n--, v--;
        }
        first = first ? first : t;
    }
}

/* {enfants.prénom}: what every row says, in one line. */
static void rows_add(arena *mem, const struct field *repeat, struct letter_vars *out)
{
    for (size_t i = 0; i < repeat->children.n; i++) {
        const struct field *f = &repeat->children.v[i];
        if (!shows(f) || f->is_private) continue;
        PUSH(mem, out, (struct letter_var){str_fmt(mem, "%.*s.%.*s", STR_ARG(repeat->name), STR_ARG(f->name)), f->label, VAR_FIELD, f, NULL, !repeat->required || repeat->when || !f->required || f->when});
    }
}

static void rules_add(arena *mem, const struct kind *k, struct letter_vars *out)
{
    const char *name;
    json_t *rule;
    json_object_foreach((json_t *)k->rules, name, rule) {
        str title = json_is_object(rule) ? json_str(rule, RULE_TITLE) : STR_NONE;
        if (strncmp(name, RULE_PRIVATE, sizeof RULE_PRIVATE - 1) == 0 || letter_var(out, str_of(name))) continue;
        PUSH(mem, out, (struct letter_var){.name = str_of(name), .title = {{[LANG_FR] = title.n ? title : str_of(name)}}, .from = VAR_RULE, .may_lack = true});
    }
}

void letter_vars(arena *mem, const struct kind *k, const struct letter *l, struct letter_vars *out)
{
    *out = (struct letter_vars){0};
    for (size_t i = 0; i < sizeof own_vars / sizeof *own_vars; i++)
        PUSH(mem, out, (struct letter_var){.name = words(LANG_FR, own_vars[i].name), .own = own_vars[i].name, .title = words_text(own_vars[i].title), .from = VAR_OWN, .may_lack = own_vars[i].may_lack});
    asks_add(mem, k, l, out);
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        if (f->is_private) continue;
        if (shows(f)) PUSH(mem, out, (struct letter_var){f->name, f->label, VAR_FIELD, f, NULL, !f->required || f->when});
        rows_add(mem, f, out);
    }
    rules_add(mem, k, out);
}

const struct letter_var *letter_var(const struct letter_vars *all, str name)
{
    for (size_t i = 0; i < all->n; i++)
        if (str_eq(all->v[i].name, name)) return &all->v[i];
    return NULL;
}

static const char *var_fault(const struct kind *k, str name)
{
    const struct field *f = kind_field_named(k, name);
    if (f && f->is_private) return W("letter.var_private");
    if (f && f->parent) return W("letter.var_row");
    return f ? W("letter.var_no_value") : W("letter.var_unknown");
}

void letter_checks(arena *mem, const struct kind *k, const struct letter_vars *vars, str text, struct letter_checks *out)
{
    struct letter_uses uses;
    int64_t line = 0;
    *out = (struct letter_checks){0};
    err e = letter_uses(mem, text, &uses);
    for (size_t i = 0; i < uses.n; i++) {
        const struct letter_var *v = letter_var(vars, uses.v[i].name);
        struct letter_check c = {uses.v[i].line, uses.v[i].name, v ? W("letter.may_lack") : var_fault(k, uses.v[i].name), !v};
        if (!v || v->may_lack) PUSH(mem, out, c);
    }
    if (e.code != OK && str_i64(str_of(e.at), &line).code == OK) PUSH(mem, out, (struct letter_check){(int)line, STR_NONE, e.msg, true});
}

static err text_check(struct reader *r, const struct letter_vars *vars, const struct text *t, str at)
{
    static const char *const codes[] = {[LANG_FR] = "fr", [LANG_EN] = "en"};
    for (int lang = 0; lang < LANG_N; lang++) {
        struct letter_checks checks;
        letter_checks(r->mem, r->k, vars, t->v[lang], &checks);
        for (size_t i = 0; i < checks.n; i++) {
            const struct letter_check *c = &checks.v[i];
            str place = str_fmt(r->mem, "%.*s.%s[%d]", STR_ARG(at), codes[lang], c->line);
            if (c->is_fault) return kind_fault(r, c->msg, c->name.n ? str_fmt(r->mem, "%.*s: {%.*s}", STR_ARG(place), STR_ARG(c->name)) : place);
        }
    }
    return NO_ERR;
}

static bool asks_surely(const struct transition *t, const char *name)
{
    const struct field *f = ask_named(t, str_of(name));
    return f && f->required && !f->when;
}

/* What a transition says of letters: one at most, that is there, signed by an agent; a refusal with its reasons (CRPA L211-2, L211-5). */
static err transition_letters_check(struct reader *r, const struct transition *t)
{
    str at = str_fmt(r->mem, "transitions.%.*s", STR_ARG(t->name));
    const struct letter *found = NULL;
    for (size_t i = 0; i < t->does.n; i++) {
        if (strcmp(t->does.v[i].type->name, "letter") != 0) continue;
        str here = str_fmt(r->mem, "%.*s.does[%zu].letter", STR_ARG(at), i);
        const struct letter *l = kind_letter(r->k, json_text(t->does.v[i].argument));
        if (!l) return kind_fault(r, W("letter.unknown"), here);
        if (found) return kind_fault(r, W("letter.two"), here);
        if (t->by & ~(unsigned)(BY_AGENT | BY_ADMIN)) return kind_fault(r, W("letter.needs_agent"), here);
        if (l->outcome == LETTER_REFUSED && !(t->decision && asks_surely(t, "reason_in_law") && asks_surely(t, "reason_in_fact")))
            return kind_fault(r, W("letter.refused_without_reasons"), here);
        found = l;
    }
    return NO_ERR;
}

static bool is_sent(const struct kind *k, const struct letter *l)
{
    for (size_t i = 0; i < k->transitions.n; i++)
        if (transition_letter(k, &k->transitions.v[i]) == l) return true;
    return false;
}

err letters_check(struct reader *r, const json_t *own, str at)
{
    for (size_t i = 0; i < r->k->transitions.n; i++) TRY(transition_letters_check(r, &r->k->transitions.v[i]));
    for (size_t i = 0; i < r->k->letters.n; i++) {
        const struct letter *l = &r->k->letters.v[i];
        struct letter_vars vars;
        str here = str_fmt(r->mem, "%.*s.%.*s", STR_ARG(at), STR_ARG(l->name));
        bool sent = is_sent(r->k, l);
        if (!sent && json_object_getn(own, l->name.p, l->name.n)) return kind_fault(r, W("letter.never_sent"), here);
        if (!sent) continue;                    /* of the base, and another took its place */
        letter_vars(r->mem, r->k, l, &vars);
        TRY(text_check(r, &vars, &l->object, str_fmt(r->mem, "%.*s.object", STR_ARG(here))));
        TRY(text_check(r, &vars, &l->body, str_fmt(r->mem, "%.*s.body", STR_ARG(here))));
    }
    return NO_ERR;
}
