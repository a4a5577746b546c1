/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/form_rules.h"

#include <pthread.h>
#include <string.h>

#include "core/offer.h"
#include "core/value_list.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "rules/imports.h"

err kind_fault(struct reader *r, const char *msg, str at)
{
    return FAIL_AT(E_INVALID, msg, str_z(r->mem, at));
}

err kind_fault_in(struct reader *r, const char *msg, str at, const char *key)
{
    return FAIL_AT(E_INVALID, msg, str_fmt(r->mem, "%.*s%s%s", STR_ARG(at), at.n ? "." : "", key).p);
}

err text_read(struct reader *r, const json_t *v, struct text *out, str at)
{
    *out = (struct text){0};
    if (json_is_string(v)) {
        out->v[LANG_FR] = json_text(v);
        return out->v[LANG_FR].n ? NO_ERR : kind_fault(r, W("kind.text_empty"), at);
    }
    if (!json_is_object(v)) return kind_fault(r, W("kind.not_text"), at);
    const char *key;
    json_t *words_of;
    json_object_foreach((json_t *)v, key, words_of)
    {
        int lang = strcmp(key, "fr") == 0 ? LANG_FR : strcmp(key, "en") == 0 ? LANG_EN : -1;
        if (lang < 0) return kind_fault_in(r, W("kind.unknown_language"), at, key);
        if (!json_is_string(words_of)) return kind_fault_in(r, W("kind.not_text"), at, key);
        out->v[lang] = json_text(words_of);
    }
    return out->v[LANG_FR].n ? NO_ERR : kind_fault_in(r, W("kind.text_empty"), at, "fr");
}

err strs_read(struct reader *r, const json_t *v, struct strs *out, str at)
{
    *out = (struct strs){0};
    if (json_is_string(v)) {
        PUSH(r->mem, out, json_text(v));
        return NO_ERR;
    }
    if (!json_is_array(v)) return kind_fault(r, W("kind.not_list"), at);
    for (size_t i = 0; i < json_array_size(v); i++) {
        json_t *item = json_array_get(v, i);
        if (!json_is_string(item)) return kind_fault(r, W("kind.not_string"), str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i));
        PUSH(r->mem, out, json_text(item));
    }
    return NO_ERR;
}

static err key_read(struct reader *r, const json_t *v, const struct key *key, void *at_out, str at)
{
    switch (key->want) {
    case WANT_TEXT:
        return text_read(r, v, at_out, at);
    case WANT_STR:
        if (!json_is_string(v) || !json_string_length(v)) return kind_fault(r, W("kind.not_string"), at);
        *(str *)at_out = json_text(v);
        return NO_ERR;
    case WANT_BOOL:
        if (!json_is_boolean(v)) return kind_fault(r, W("kind.not_bool"), at);
        *(bool *)at_out = json_is_true(v);
        return NO_ERR;
    case WANT_INT:
        if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > 1000000)
            return kind_fault(r, W("kind.not_integer"), at);
        *(int *)at_out = (int)json_integer_value(v);
        return NO_ERR;
    case WANT_I64:
        if (!json_is_integer(v) || json_integer_value(v) < 0) return kind_fault(r, W("kind.not_integer"), at);
        *(int64_t *)at_out = json_integer_value(v);
        return NO_ERR;
    case WANT_NUMBER:
        if (!json_is_number(v)) return kind_fault(r, W("kind.not_number"), at);
        *(double *)at_out = json_number_value(v);
        return NO_ERR;
    case WANT_JSON:
        *(json_t **)at_out = (json_t *)v;
        return NO_ERR;
    case WANT_SPAN:
        if (!json_is_string(v) || span_parse(json_text(v), at_out).code != OK) return kind_fault(r, W("kind.bad_span"), at);
        return NO_ERR;
    case WANT_OWN:
        return NO_ERR;
    }
    return NO_ERR;
}

err keys_read(struct reader *r, const json_t *obj, const struct key *keys, void *out, str at)
{
    if (!json_is_object(obj)) return kind_fault(r, W("kind.not_object"), at);
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)obj, name, v)
    {
        const struct key *key = keys;
        while (key->name && strcmp(key->name, name) != 0) key++;
        if (!key->name) return kind_fault_in(r, W("kind.unknown_key"), at, name);
        str here = str_fmt(r->mem, "%.*s%s%s", STR_ARG(at), at.n ? "." : "", name);
        TRY(key_read(r, v, key, (char *)out + key->offset, here));
    }
    return NO_ERR;
}

static struct text words_text(const char *key) { return (struct text){{[LANG_FR] = words(LANG_FR, key), [LANG_EN] = words(LANG_EN, key)}}; }

static const struct key state_keys[] = {
    {"title", WANT_TEXT, offsetof(struct state, title)},
    {"initial", WANT_BOOL, offsetof(struct state, is_initial)},
    {"final", WANT_BOOL, offsetof(struct state, is_final)},
    {"public", WANT_OWN, 0},
    {"tone", WANT_STR, offsetof(struct state, tone)},
    {0}};
static const char *const tones[] = {"waiting", "moving", "citizen", "done", "refused"};

bool id_is_plain(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) return false;
    }
    return s.n && s.n <= 64 && s.p[0] != '_';
}

static struct state *state_slot(struct reader *r, str name)
{
    for (size_t i = 0; i < r->k->states.n; i++)
        if (str_eq(r->k->states.v[i].name, name)) return &r->k->states.v[i];
    PUSH(r->mem, &r->k->states, (struct state){0});
    return &r->k->states.v[r->k->states.n - 1];
}

/* true, or the names of the fields shown before publication. */
static err state_public_read(struct reader *r, const json_t *v, struct state *s, str at)
{
    if (!v || json_is_boolean(v)) {
        s->is_public = json_is_true(v);
        return NO_ERR;
    }
    TRY(strs_read(r, v, &s->shown, at));
    for (size_t i = 0; i < s->shown.n; i++) {
        const struct field *f = kind_field_named(r->k, s->shown.v[i]);
        if (!f || f->parent || !f->is_public || f->is_private) return kind_fault(r, W("kind.no_such_field"), str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i));
    }
    return NO_ERR;
}

static err states_read(struct reader *r, const json_t *obj)
{
    if (!json_is_object(obj)) return kind_fault(r, W("kind.not_object"), S("states"));
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)obj, name, v)
    {
        str at = str_fmt(r->mem, "states.%s", name);
        struct state s = {.name = str_of(name)};
        if (!id_is_plain(s.name)) return kind_fault(r, W("kind.bad_id"), at);
        TRY(keys_read(r, v, state_keys, &s, at));
        TRY(state_public_read(r, json_object_get(v, "public"), &s, str_fmt(r->mem, "%.*s.public", STR_ARG(at))));
        if (!s.title.v[LANG_FR].n) return kind_fault_in(r, W("kind.missing"), at, "title");
        bool known = !s.tone.n;
        for (size_t i = 0; i < sizeof tones / sizeof *tones; i++) known |= str_is(s.tone, tones[i]);
        if (!known) return kind_fault_in(r, W("kind.unknown_tone"), at, "tone");
        if (!s.tone.n) s.tone = s.is_initial ? S("waiting") : s.is_final ? S("done") : S("moving");
        *state_slot(r, s.name) = s;
    }
    return NO_ERR;
}

static err states_check(struct reader *r)
{
    size_t initial = 0;
    for (size_t i = 0; i < r->k->states.n; i++) initial += r->k->states.v[i].is_initial;
    if (initial != 1) return kind_fault(r, W("kind.one_initial"), S("states"));
    return NO_ERR;
}

struct retention { struct span final, draft; str then; };
static const struct key retention_keys[] = {
    {"final", WANT_SPAN, offsetof(struct retention, final)},
    {"draft", WANT_SPAN, offsetof(struct retention, draft)},
    {"then", WANT_STR, offsetof(struct retention, then)},
    {0}};

static err retention_read(struct reader *r, const json_t *obj)
{
    struct retention keep = {.draft = {90, SPAN_DAYS}, .then = S("anonymise")};
    TRY(keys_read(r, obj, retention_keys, &keep, S("retention")));
    if (!keep.final.count) return kind_fault(r, W("kind.missing"), S("retention.final"));
    if (!str_is(keep.then, "anonymise") && !str_is(keep.then, "remove")) return kind_fault(r, W("kind.unknown_then"), S("retention.then"));
    r->k->keep_final = keep.final;
    r->k->keep_draft = keep.draft;
    r->k->keep_then = keep.then;
    r->k->has_keep = true;
    return NO_ERR;
}

static const char *const facets_known[] = {"place", "thread", "support", "ballot", "slots", "table", "money", "link"};

static err facets_read(struct reader *r, const json_t *v)
{
    TRY(strs_read(r, v, &r->k->facets, S("facets")));
    for (size_t i = 0; i < r->k->facets.n; i++) {
        bool known = false;
        for (size_t j = 0; j < sizeof facets_known / sizeof *facets_known; j++) known |= str_is(r->k->facets.v[i], facets_known[j]);
        if (!known) return kind_fault(r, W("kind.unknown_facet"), str_fmt(r->mem, "facets[%zu]", i));
    }
    return NO_ERR;
}

static const struct key kind_keys[] = {
    {"kind", WANT_STR, offsetof(struct kind, name)},
    {"base", WANT_STR, offsetof(struct kind, base)},
    {"service", WANT_STR, offsetof(struct kind, service)},
    {"title", WANT_TEXT, offsetof(struct kind, title)},
    {"description", WANT_OWN, 0},
    {"description_html", WANT_BOOL, offsetof(struct kind, description_is_html)},
    {"number", WANT_I64, offsetof(struct kind, number)},
    {"facets", WANT_OWN, 0},
    {"fields", WANT_OWN, 0},
    {"states", WANT_OWN, 0},
    {"transitions", WANT_OWN, 0},
    {"letters", WANT_OWN, 0},
    {"rules", WANT_OWN, 0},
    {"packages", WANT_OWN, 0},
    {"eligibility", WANT_OWN, 0},
    {"routing", WANT_OWN, 0},
    {"retention", WANT_OWN, 0},
    {"title_from", WANT_OWN, 0},
    {"settings", WANT_JSON, offsetof(struct kind, settings)},
    {"next_id", WANT_OWN, 0},
    {"foreign", WANT_JSON, offsetof(struct kind, foreign)},
    {0}};

/* What a kind takes from its base before its own words are read. */
static void base_take(struct reader *r, const struct kind *base)
{
    struct kind *k = r->k;
    k->service = base->service;
    k->facets = base->facets;
    for (size_t i = 0; i < base->states.n; i++) PUSH(r->mem, &k->states, base->states.v[i]);
    for (size_t i = 0; i < base->transitions.n; i++) PUSH(r->mem, &k->transitions, base->transitions.v[i]);
    for (size_t i = 0; i < base->letters.n; i++) PUSH(r->mem, &k->letters, base->letters.v[i]);
    k->keep_final = base->keep_final;
    k->keep_draft = base->keep_draft;
    k->keep_then = base->keep_then;
    k->has_keep = base->has_keep;
}

/* An empty description is no fault: imports have many. */
static err description_read(struct reader *r, const json_t *v)
{
    if (json_is_string(v) && !json_string_length(v)) return NO_ERR;
    return text_read(r, v, &r->k->description, S("description"));
}

static err title_from_read(struct reader *r, const json_t *v)
{
    if (!json_is_string(v)) return kind_fault(r, W("kind.not_string"), S("title_from"));
    const struct field *f = kind_field_named(r->k, json_text(v));
    if (!f || f->parent || !f->type->show || f->is_private) return kind_fault(r, W("kind.no_such_field"), S("title_from"));
    r->k->title_from = f->name;
    return NO_ERR;
}

/* Facet place: where it is comes first, on a page of its own, unless the kind declares a field of that type itself. */
static err place_add(struct reader *r, const json_t *own)
{
    bool has = false, declared = false;
    for (size_t i = 0; i < r->k->facets.n; i++) has |= str_is(r->k->facets.v[i], "place");
    for (size_t i = 0; i < json_array_size(own); i++) declared |= str_is(json_str(json_array_get(own, i), "type"), "place");
    if (!has || declared) return NO_ERR;
    const struct { const char *id, *name, *type; struct text label, help; bool holds; } rows[] = {
        {"place-where", "place-where", "heading", words_text(W("kind.place.where")), {{{0}}}, false},
        {"place", "lieu", "place", words_text(W("kind.place.label")), words_text(W("kind.place.help")), true},
        {"place-what", "place-what", "heading", words_text(W("kind.place.what")), {{{0}}}, false}};
    bool headed = str_is(json_str(json_array_get(own, 0), "type"), "heading");
    for (size_t i = 0; i < (headed ? 2 : 3); i++) {
        struct field f = {.id = str_of(rows[i].id), .name = str_of(rows[i].name), .type = field_type_named(str_of(rows[i].type)), .label = rows[i].label,
                          .help = rows[i].help, .required = rows[i].holds, .is_public = rows[i].holds, .level = rows[i].holds ? 0 : 1};
        if (rows[i].holds) f.list = LIST_ADDRESSES;
        PUSH(r->mem, &r->k->fields, f);
    }
    return NO_ERR;
}

/* A map of rules, or their text in YAML. */
static err rules_of(struct reader *r, const json_t *given, json_t **out, str at)
{
    *out = (json_t *)given;
    if (json_is_string(given)) {
        err e = yaml_parse(r->mem, json_text(given), out);
        if (e.code != OK) return FAIL_AT(E_INVALID, e.msg, str_z(r->mem, str_fmt(r->mem, "%.*s: %s", STR_ARG(at), e.at ? e.at : "")));
    }
    return json_is_object(*out) ? NO_ERR : kind_fault(r, W("kind.not_object"), at);
}

/* Published rules come with the definition, under their package's name, and are taken by `importer!`. */
static err rules_take(struct reader *r, const json_t *given, const json_t *packages)
{
    struct { struct rule_package *v; size_t n; } all = {0};
    struct rule_fault fault;
    json_t *rules, *one;
    const char *name;
    if (packages && !json_is_object(packages)) return kind_fault(r, W("kind.not_object"), S("packages"));
    json_object_foreach((json_t *)packages, name, one) {
        struct rule_package p = {.name = str_of(name)};
        TRY(rules_of(r, one, &p.rules, str_fmt(r->mem, "packages.%s", name)));
        PUSH(r->mem, &all, p);
    }
    if (!given) return NO_ERR;
    TRY(rules_of(r, given, &rules, S("rules")));
    err e = rules_import(r->mem, rules, all.v, all.n, &rules, &fault);
    if (e.code != OK) return kind_fault(r, e.msg, str_fmt(r->mem, "rules: %.*s", STR_ARG(fault.message)));
    r->k->rules = rules;
    return NO_ERR;
}

static const struct key requirement_keys[] = {{"must", WANT_OWN, 0}, {"role", WANT_OWN, 0}, {"message", WANT_TEXT, offsetof(struct requirement, message)}, {0}};
static const struct key routing_keys[] = {{"when", WANT_OWN, 0}, {"role", WANT_OWN, 0}, {"team", WANT_STR, offsetof(struct route_to_team, team)}, {0}};

/* The rule that an entry of a list carries under this key, with its role. */
static err rule_carried(struct reader *r, const json_t *entry, const char *key, struct condition **out, str at)
{
    str here = str_fmt(r->mem, "%.*s.%s", STR_ARG(at), key);
    TRY(condition_read(r, json_object_get(entry, key), out, here));
    if (!*out) return kind_fault_in(r, W("kind.missing"), at, key);
    TRY(role_read(r, entry, *out, at));
    return condition_sources(r, *out, &r->k->fields, SIZE_MAX, NULL, 0, here);
}

static err eligibility_read(struct reader *r, const json_t *list)
{
    if (!json_is_array(list)) return kind_fault(r, W("kind.not_list"), S("eligibility"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct requirement one = {0};
        str at = str_fmt(r->mem, "eligibility[%zu]", i);
        TRY(keys_read(r, json_array_get(list, i), requirement_keys, &one, at));
        if (!one.message.v[LANG_FR].n) return kind_fault_in(r, W("kind.missing"), at, "message");
        TRY(rule_carried(r, json_array_get(list, i), "must", &one.must, at));
        PUSH(r->mem, &r->k->eligibility, one);
    }
    return NO_ERR;
}

static err routing_read(struct reader *r, const json_t *list)
{
    if (!json_is_array(list)) return kind_fault(r, W("kind.not_list"), S("routing"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct route_to_team one = {0};
        str at = str_fmt(r->mem, "routing[%zu]", i);
        TRY(keys_read(r, json_array_get(list, i), routing_keys, &one, at));
        if (!one.team.n) return kind_fault_in(r, W("kind.missing"), at, "team");
        TRY(rule_carried(r, json_array_get(list, i), "when", &one.when, at));
        PUSH(r->mem, &r->k->routing, one);
    }
    return NO_ERR;
}

static err kind_check(struct reader *r, const json_t *definition, const struct kind *base)
{
    struct kind *k = r->k;
    if (!id_is_plain(k->name)) return kind_fault(r, k->name.n ? W("kind.bad_id") : W("kind.missing"), S("kind"));
    if (!k->title.v[LANG_FR].n) return kind_fault(r, W("kind.missing"), S("title"));
    if (k->base.n && (!base || !str_eq(base->name, k->base))) return kind_fault(r, W("kind.unknown_base"), S("base"));
    if (k->settings && !json_is_object(k->settings)) return kind_fault(r, W("kind.not_object"), S("settings"));
    const json_t *v;
    enum offer offer;
    if ((v = json_object_get(definition, "description"))) TRY(description_read(r, v));
    if ((v = json_object_get(definition, "facets"))) TRY(facets_read(r, v));
    if ((v = json_object_get(definition, "retention"))) TRY(retention_read(r, v));
    if (!offer_named(json_str(k->settings, "offer"), &offer)) return kind_fault(r, W("kind.bad_offer"), S("settings.offer"));
    if (!(v = json_object_get(definition, "fields")) && offer == OFFER_HERE) return kind_fault(r, W("kind.missing"), S("fields"));
    TRY(rules_take(r, json_object_get(definition, "rules"), json_object_get(definition, "packages")));
    if (v) TRY(place_add(r, v));
    if (v) TRY(fields_read(r, v, &k->fields, NULL, S("fields")));
    TRY(fields_check(r, &k->fields, &k->fields_walk, S("fields")));
    if ((v = json_object_get(definition, "states"))) TRY(states_read(r, v));
    TRY(states_check(r));
    if ((v = json_object_get(definition, "transitions"))) TRY(transitions_read(r, v, S("transitions")));
    if ((v = json_object_get(definition, "eligibility"))) TRY(eligibility_read(r, v));
    if ((v = json_object_get(definition, "routing"))) TRY(routing_read(r, v));
    TRY(kind_rules_build(r));
    if ((v = json_object_get(definition, "letters"))) TRY(letters_read(r, v, S("letters")));
    if (!r->unchecked) TRY(letters_check(r, v, S("letters")));
    if ((v = json_object_get(definition, "title_from"))) TRY(title_from_read(r, v));
    if (!k->has_keep) return kind_fault(r, W("kind.missing"), S("retention"));
    return NO_ERR;
}

/* ---- what comes with the program: read once, then only read */

enum { SHIPPED_MOST = 16 };
static pthread_mutex_t shipped_lock = PTHREAD_MUTEX_INITIALIZER;
static struct shipped { arena *mem; const json_t *asks; struct { const char *name; arena *mem; const struct kind *kind; } kinds[SHIPPED_MOST]; size_t n; } shipped;

static err asks_get(const json_t **out)
{
    json_t *asks;
    pthread_mutex_lock(&shipped_lock);
    if (!shipped.mem) shipped.mem = arena_new(0);
    err e = shipped.asks ? NO_ERR : json_parse(shipped.mem, str_of(asks_shipped), &asks);
    if (!shipped.asks && e.code == OK) shipped.asks = asks;
    *out = shipped.asks;
    pthread_mutex_unlock(&shipped_lock);
    return e;
}

static const struct kind *base_known(const char *name)
{
    for (size_t i = 0; i < shipped.n; i++)
        if (strcmp(shipped.kinds[i].name, name) == 0) return shipped.kinds[i].kind;
    return NULL;
}

/* NULL: no kind of this name comes with the program. */
static err base_get(const char *name, const struct kind **out)
{
    const char *const *known = kind_names_shipped;
    struct kind *made = NULL;
    json_t *json;
    *out = NULL;
    while (name && *known && strcmp(*known, name) != 0) known++;
    if (!name || !*known) return NO_ERR;
    pthread_mutex_lock(&shipped_lock);
    *out = base_known(name);
    pthread_mutex_unlock(&shipped_lock);
    if (*out) return NO_ERR;
    arena *mem = arena_new(0);
    err e = json_parse(mem, str_of(kind_yaml_shipped(name)), &json);
    if (e.code == OK) e = kind_parse(mem, json, NULL, &made);
    pthread_mutex_lock(&shipped_lock);
    *out = base_known(name);            /* another thread may have been first */
    bool kept = e.code == OK && !*out && shipped.n < SHIPPED_MOST;
    if (kept) {
        shipped.kinds[shipped.n].name = *known;
        shipped.kinds[shipped.n].mem = mem;
        *out = shipped.kinds[shipped.n++].kind = made;
    }
    pthread_mutex_unlock(&shipped_lock);
    if (!kept) arena_free(mem);
    return e;
}

static err parse(arena *mem, const json_t *definition, const struct kind *base, bool unchecked, struct kind **out)
{
    struct reader r = {.mem = mem, .k = NEW(mem, struct kind), .base = base, .unchecked = unchecked};
    TRY(asks_get(&r.asks));
    r.k->definition = json_own(mem, json_incref((json_t *)definition));
    const json_t *wants_base = json_is_object(definition) ? json_object_get(definition, "base") : NULL;
    if (base && wants_base) base_take(&r, base);
    TRY(keys_read(&r, definition, kind_keys, r.k, S("")));
    TRY(kind_check(&r, definition, base));
    if (!r.k->service.n) r.k->service = r.k->name;
    *out = r.k;
    return NO_ERR;
}

err kind_parse(arena *mem, const json_t *definition, const struct kind *base, struct kind **out) { return parse(mem, definition, base, false, out); }

static const char *base_name(const json_t *definition) { return json_is_object(definition) ? json_string_value(json_object_get(definition, "base")) : NULL; }

err kind_parse_any(arena *mem, const json_t *definition, struct kind **out)
{
    const struct kind *base;
    TRY(base_get(base_name(definition), &base));
    return parse(mem, definition, base, false, out);
}

err kind_parse_unchecked(arena *mem, const json_t *definition, struct kind **out)
{
    const struct kind *base;
    TRY(base_get(base_name(definition), &base));
    return parse(mem, definition, base, true, out);
}
