/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/form_rules.h"
#include "core/life.h"
#include "formats/json.h"

static const struct key transition_keys[] = {
    {"use", WANT_OWN, 0},
    {"title", WANT_TEXT, offsetof(struct transition, title)},
    {"history", WANT_TEXT, offsetof(struct transition, history)},
    {"before", WANT_TEXT, offsetof(struct transition, before)},
    {"done", WANT_TEXT, offsetof(struct transition, done)},
    {"from", WANT_OWN, 0},
    {"to", WANT_STR, offsetof(struct transition, to)},
    {"by", WANT_OWN, 0},
    {"asks", WANT_OWN, 0},
    {"does", WANT_OWN, 0},
    {"when", WANT_OWN, 0},
    {"role", WANT_OWN, 0},
    {"after", WANT_OWN, 0},
    {"after_setting", WANT_STR, offsetof(struct transition, after_setting)},
    {"if_setting", WANT_OWN, 0},
    {"decision", WANT_BOOL, offsetof(struct transition, decision)},
    {0}};

static err by_read(struct reader *r, const json_t *v, struct transition *t, str at)
{
    static const struct { const char *name; unsigned by; } names[] = {
        {"agent", BY_AGENT}, {"author", BY_AUTHOR}, {"system", BY_SYSTEM}, {"admin", BY_ADMIN}};
    struct strs given;
    TRY(strs_read(r, v, &given, at));
    for (size_t i = 0; i < given.n; i++) {
        unsigned by = 0;
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            if (str_is(given.v[i], names[j].name)) by = names[j].by;
        if (!by) return kind_fault(r, W("kind.unknown_by"), at);
        t->by |= by;
    }
    return NO_ERR;
}

/* {use: reason, required: false}: a shared ask with some members replaced. */
static err ask_changed(struct reader *r, const json_t *v, json_t **out_obj, str at)
{
    str name = json_str(v, "use");
    const json_t *shared = json_object_get(r->asks, str_z(r->mem, name));
    if (!shared) return kind_fault_in(r, W("kind.unknown_ask"), at, "use");
    json_t *made = json_own(r->mem, json_deep_copy(shared));
    json_object_update(made, (json_t *)v);
    json_object_del(made, "use");
    json_put_str(made, "id", name);
    *out_obj = made;
    return NO_ERR;
}

static err ask_read(struct reader *r, const json_t *v, struct fields *out, str at)
{
    struct field f = {0};
    json_t *obj = (json_t *)v;
    if (json_is_string(v)) {
        const json_t *shared = json_object_get(r->asks, json_string_value(v));
        if (!shared) return kind_fault(r, W("kind.unknown_ask"), at);
        obj = json_own(r->mem, json_deep_copy(shared));
        json_put_str(obj, "id", json_text(v));
    } else if (json_is_object(v) && json_object_get(v, "use")) {
        TRY(ask_changed(r, v, &obj, at));
    }
    r->in_asks = true;
    err e = field_read(r, obj, &f, at);
    r->in_asks = false;
    TRY(e);
    /* Nothing public to mask: nothing to ask. */
    if (json_object_get(obj, "options_from") && !f.options.n) return NO_ERR;
    PUSH(r->mem, out, f);
    return NO_ERR;
}

static err asks_read(struct reader *r, const json_t *v, struct transition *t, str at)
{
    if (!json_is_array(v)) return kind_fault(r, W("kind.not_list"), at);
    for (size_t i = 0; i < json_array_size(v); i++)
        TRY(ask_read(r, json_array_get(v, i), &t->asks, str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i)));
    size_t all;
    TRY(fields_check(r, &t->asks, &all, at));
    return asks_rules_build(r, t, at);
}

static err does_read(struct reader *r, const json_t *v, struct transition *t, str at)
{
    if (!json_is_array(v)) return kind_fault(r, W("kind.not_list"), at);
    for (size_t i = 0; i < json_array_size(v); i++) {
        json_t *item = json_array_get(v, i), *argument = NULL;
        str here = str_fmt(r->mem, "%.*s[%zu]", STR_ARG(at), i);
        const char *name = json_string_value(item);
        if (json_is_object(item) && json_object_size(item) == 1) {
            void *iter = json_object_iter(item);
            name = json_object_iter_key(iter);
            argument = json_object_iter_value(iter);
        }
        if (!name) return kind_fault(r, W("kind.not_effect"), here);
        const struct effect_type *type = effect_named(str_of(name));
        if (!type) return kind_fault_in(r, W("kind.unknown_effect"), here, name);
        err e = type->check ? type->check(argument) : NO_ERR;
        if (e.code != OK)
            return kind_fault(r, e.msg, str_fmt(r->mem, "%.*s.%s%s%s", STR_ARG(here), name, e.at ? ": " : "", e.at ? e.at : ""));
        PUSH(r->mem, &t->does, (struct effect){type, argument});
    }
    return NO_ERR;
}

static err if_setting_read(struct reader *r, const json_t *v, struct transition *t, str at)
{
    if (!json_is_object(v) || json_object_size(v) != 1) return kind_fault(r, W("kind.not_object"), at);
    void *iter = json_object_iter((json_t *)v);
    t->if_setting = str_of(json_object_iter_key(iter));
    t->if_value = json_text(json_object_iter_value(iter));
    return t->if_value.n ? NO_ERR : kind_fault(r, W("kind.not_string"), at);
}

static err transition_check(struct reader *r, const struct transition *t, str at)
{
    if (!t->from.n) return kind_fault_in(r, W("kind.missing"), at, "from");
    for (size_t i = 0; i < t->from.n; i++)
        if (!kind_state(r->k, t->from.v[i]))
            return kind_fault(r, W("kind.unknown_state"), str_fmt(r->mem, "%.*s.from[%zu]", STR_ARG(at), i));
    if (t->to.n && !kind_state(r->k, t->to)) return kind_fault_in(r, W("kind.unknown_state"), at, "to");
    if ((t->has_after || t->after_rule) && t->after_setting.n) return kind_fault_in(r, W("kind.two_timers"), at, "after");
    return NO_ERR;
}

static bool has_rule(const json_t *transition)
{
    const json_t *when = json_object_get(transition, "when");
    return (when && !json_is_null(when)) || json_is_object(json_object_get(transition, "after"));
}

/* {use: accept, does: […]}: a transition of the base with some members replaced. */
static err transition_changed(struct reader *r, const json_t *obj, const json_t **out, str at)
{
    if (!json_is_object(obj) || !json_object_get(obj, "use")) return NO_ERR;
    const json_t *of = r->base ? json_object_get(json_object_get(r->base->definition, "transitions"), str_z(r->mem, json_str(obj, "use"))) : NULL;
    if (!of) return kind_fault_in(r, W("kind.unknown_transition"), at, "use");
    json_t *made = json_own(r->mem, json_deep_copy(of));
    json_object_update(made, (json_t *)obj);
    json_object_del(made, "use");
    /* "when": null, "after": null take the base's away; its role then was that of no rule. */
    if (!json_object_get(obj, "role") && !has_rule(made)) json_object_del(made, "role");
    *out = made;
    return NO_ERR;
}

/* "15 days", or {rule: a duration in jours or mois}. */
static err after_read(struct reader *r, const json_t *v, struct transition *t, str at)
{
    if (!json_is_object(v)) {
        if (!json_is_string(v) || span_parse(json_text(v), &t->after).code != OK) return kind_fault(r, W("kind.bad_span"), at);
        t->has_after = true;
        return NO_ERR;
    }
    if (json_object_size(v) != 1 || !json_object_get(v, "rule")) return kind_fault(r, W("kind.bad_span"), at);
    str rule = str_fmt(r->mem, "%.*s.rule", STR_ARG(at));
    TRY(condition_read(r, json_object_get(v, "rule"), &t->after_rule, rule));
    return condition_sources(r, t->after_rule, &r->k->fields, SIZE_MAX, NULL, 0, rule);
}

static err transition_read(struct reader *r, const json_t *obj, struct transition *t, str at)
{
    const json_t *v;
    TRY(transition_changed(r, obj, &obj, at));
    TRY(keys_read(r, obj, transition_keys, t, at));
    if ((v = json_object_get(obj, "after")) && !json_is_null(v)) TRY(after_read(r, v, t, str_fmt(r->mem, "%.*s.after", STR_ARG(at))));
    if ((v = json_object_get(obj, "from"))) TRY(strs_read(r, v, &t->from, str_fmt(r->mem, "%.*s.from", STR_ARG(at))));
    if ((v = json_object_get(obj, "by"))) TRY(by_read(r, v, t, str_fmt(r->mem, "%.*s.by", STR_ARG(at))));
    if (!t->by) t->by = t->has_after || t->after_rule || t->after_setting.n ? BY_SYSTEM : BY_AGENT;
    if ((v = json_object_get(obj, "asks"))) TRY(asks_read(r, v, t, str_fmt(r->mem, "%.*s.asks", STR_ARG(at))));
    if ((v = json_object_get(obj, "does"))) TRY(does_read(r, v, t, str_fmt(r->mem, "%.*s.does", STR_ARG(at))));
    if ((v = json_object_get(obj, "if_setting"))) TRY(if_setting_read(r, v, t, str_fmt(r->mem, "%.*s.if_setting", STR_ARG(at))));
    str when = str_fmt(r->mem, "%.*s.when", STR_ARG(at));
    if ((v = json_object_get(obj, "when")) && !json_is_null(v)) TRY(condition_read(r, v, &t->when, when));
    TRY(role_read(r, obj, t->when ? t->when : t->after_rule, at));
    if (t->when) TRY(condition_sources(r, t->when, &r->k->fields, SIZE_MAX, NULL, 0, when));
    if (!t->title.v[LANG_FR].n) t->title.v[LANG_FR] = t->name;
    return transition_check(r, t, at);
}

err transitions_read(struct reader *r, const json_t *obj, str at)
{
    if (!json_is_object(obj)) return kind_fault(r, W("kind.not_object"), at);
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)obj, name, v)
    {
        struct transition t = {.name = str_of(name)};
        if (!id_is_plain(t.name)) return kind_fault(r, W("kind.bad_id"), str_fmt(r->mem, "%.*s.%s", STR_ARG(at), name));
        TRY(transition_read(r, v, &t, str_fmt(r->mem, "%.*s.%s", STR_ARG(at), name)));
        struct transitions *all = &r->k->transitions;
        size_t i = 0;
        while (i < all->n && !str_eq(all->v[i].name, t.name)) i++;
        if (i == all->n) PUSH(r->mem, all, t);
        else all->v[i] = t;
    }
    return NO_ERR;
}
