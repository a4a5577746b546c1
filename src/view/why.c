/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* why.c — the tree: a rule is explained where it is first read, and only pointed at afterwards; below DEPTH_MOST it is explained in the
   list of rules, so that the page stays as long as the rules read and no line is squeezed. */
#include <string.h>
#include "base/said.h"
#include "formats/yaml.h"
#include "rules/engine.h"
#include "view/why_inside.h"

enum { DEPTH_MOST = 8 };
#define BYTES_MOST ((size_t)8 << 20)

static void item(struct why *w, const json_t *step);
static void children(struct why *w, const json_t *step);

static struct html_out writer(struct why *w) { return (struct html_out){.b = w->out, .mem = w->mem, .lang = w->lang}; }

/* ---- a line, and what opens under it ---- */

struct line { str title, value, why; };

static void line_write(struct why *w, const struct line *l)
{
    struct html_out o = writer(w);
    const char *key = l->title.n ? l->why.n ? W("trace.line") : W("trace.line_bare") : l->why.n ? W("trace.step") : W("trace.step_bare");
    html_rich(&o, key, "title", l->title, "value", l->value, "why", l->why, NULL);
}

/* Of a rule: its page, or its place in the list. */
static void see(struct why *w, str rule, const char *key)
{
    struct url at = w->names && w->names->page ? w->names->page(w->names->arg, rule) : (struct url){0};
    const json_t *number = json_object_get(w->numbers, str_z(w->mem, rule));
    if (!at.n && !number) return;
    buf_lit(w->out, " <a class=\"why-see\" href=\"");
    if (at.n) buf_html(w->out, url_str(at));
    else buf_fmt(w->out, "#regle-%lld", json_integer_value(number));
    buf_lit(w->out, "\">");
    buf_words(w->out, w->lang, key, "title", why_title(w, rule), NULL);
    buf_lit(w->out, "</a>");
}

/* What `inner` holds, folded under a line. */
static void folded(struct why *w, buf *inner, const char *css, void (*line)(struct why *, const void *), const void *arg, str rule)
{
    bool open = w->options.open || w->depth == 0;
    buf_fmt(w->out, "<li%s>", css);
    if (inner->n) {
        buf_fmt(w->out, "<details%s><summary>", open ? " open" : "");
        line(w, arg);
        buf_lit(w->out, "</summary><ul>");
        buf_put(w->out, buf_str(inner));
        buf_lit(w->out, "</ul>");
        if (rule.n) {
            buf_lit(w->out, "<p class=\"why-rule\">");
            see(w, rule, W("trace.see"));
            buf_lit(w->out, "</p>");
        }
        buf_lit(w->out, "</details>");
    } else {
        line(w, arg);
        if (rule.n) see(w, rule, W("trace.see"));
    }
    buf_lit(w->out, "</li>\n");
    if (inner->full) w->out->full = true;
    buf_free(inner);
}

/* `draw` writes into a buffer of its own. */
static buf apart(struct why *w, void (*draw)(struct why *, const json_t *), const json_t *of)
{
    buf inner = BUF(BYTES_MOST), *outer = w->out;
    w->out = &inner;
    w->depth++;
    draw(w, of);
    w->depth--;
    w->out = outer;
    return inner;
}

static void line_any(struct why *w, const void *l) { line_write(w, l); }

struct said_line { const char *key; str a; };
static void line_said(struct why *w, const void *arg)
{
    const struct said_line *l = arg;
    struct html_out o = writer(w);
    html_rich(&o, l->key, "a", l->a, NULL);
}

/* ---- rules ---- */

static str rule_of(const json_t *step)
{
    return why_is(step, "rule") ? json_str(step, "rule") : why_is(step, "replaced") || why_is(step, "made inapplicable") ? json_str(step, "by") : STR_NONE;
}

static void rule_children(struct why *w, const json_t *rule)
{
    if (json_object_get(rule, "step")) children(w, json_object_get(rule, "step"));
}

/* A rule that only passes on another of the same title (a question computed by a rule) is said once. */
static const json_t *rule_behind(struct why *w, str *name)
{
    const json_t *rule = why_rule(w, *name), *aside;
    for (int hops = 0; rule && hops < 4; hops++) {
        const json_t *core = why_core(w, json_object_get(rule, "step"), &aside), *inner = why_is(core, "rule") ? why_rule(w, json_str(core, "rule")) : NULL;
        if (aside || !inner || !str_eq(why_title(w, json_str(core, "rule")), why_title(w, *name))) break;
        *name = json_str(core, "rule");
        rule = inner;
    }
    return rule;
}

static void rule_item(struct why *w, str name, const json_t *step)
{
    const json_t *rule = rule_behind(w, &name);
    struct line l = {.title = why_title(w, name), .value = why_step_value(w, rule ? rule : step, name)};
    bool told = json_object_get(w->world->told, str_z(w->mem, name)) != NULL, deep = w->depth > DEPTH_MOST;
    buf inner = BUF(BYTES_MOST);
    if (rule && !told && !deep) {
        json_object_set_new(w->world->told, str_z(w->mem, name), json_true());
        l.why = why_rule_clause(w, name, rule);
        inner = apart(w, rule_children, rule);
    } else if (rule && !told) {
        l.why = why_rule_clause(w, name, rule);
    }
    folded(w, &inner, "", line_any, &l, name);
}

/* ---- steps ---- */

static bool is_plain(const json_t *step) { return !step || why_is(step, "constant") || why_is(step, "today"); }

static void item(struct why *w, const json_t *step)
{
    const json_t *aside, *core = why_core(w, step, &aside);
    if (!aside && core && rule_of(core).n) step = core;
    step = why_part(w, step);
    if (!step) return;
    str rule = rule_of(step);
    if (rule.n && (!why_is(step, "replaced") || json_object_get(step, "by"))) {
        rule_item(w, rule, step);
        return;
    }
    struct line l = {.value = why_step_value(w, step, STR_NONE), .why = why_clause(w, step)};
    buf inner = apart(w, children, step);
    folded(w, &inner, "", line_any, &l, STR_NONE);
}

/* A condition is said by its sentence; what it compares opens under it. */
static void test_item(struct why *w, const json_t *test)
{
    test = why_part(w, test);
    if (!test) return;
    str clause = why_clause(w, test);
    if (rule_of(test).n || !clause.n) {
        item(w, test);
        return;
    }
    struct said_line l = {W("trace.test"), clause};
    buf inner = apart(w, children, test);
    folded(w, &inner, "", line_said, &l, STR_NONE);
}

struct band_line { const json_t *scale, *band; };
static void line_band(struct why *w, const void *arg)
{
    const struct band_line *l = arg;
    const json_t *rate = json_object_get(l->band, "rate"), *amount = json_object_get(l->band, "amount"), *part = json_object_get(l->band, "part");
    const char *key = part && rate ? W("trace.band.part") : amount ? W("trace.band.amount") : rate ? W("trace.band.rate") : W("trace.band.outside");
    struct html_out o = writer(w);
    html_rich(&o, key, "band", why_band(w, l->scale, l->band), "rate", rate ? why_step_value(w, rate, STR_NONE) : STR_NONE,
              "amount", amount ? why_step_value(w, amount, STR_NONE) : STR_NONE,
              "part", part ? why_value(w->mem, w->lang, part, json_str(l->scale, "unit")) : STR_NONE, NULL);
}

static void band_children(struct why *w, const json_t *band)
{
    static const char *const members[] = {"ceiling", "rate", "amount"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *step = json_object_get(band, members[i]);
        if (!is_plain(step)) item(w, step);
    }
}

static void bands(struct why *w, const json_t *scale)
{
    size_t i;
    json_t *band;
    json_array_foreach(json_object_get(scale, "bands"), i, band) {
        struct band_line l = {scale, band};
        buf inner = apart(w, band_children, band);
        folded(w, &inner, json_is_true(json_object_get(band, "holds")) ? " class=\"why-holds\"" : "", line_band, &l, STR_NONE);
    }
}

static void branch_children(struct why *w, const json_t *branch)
{
    const json_t *test = json_object_get(branch, "test"), *of = json_object_get(branch, "of");
    const json_t *itself = test ? why_part(w, test) : NULL;
    if (itself && rule_of(itself).n) item(w, itself);
    else if (itself) children(w, itself);
    if (of) item(w, of);
}

static void branches(struct why *w, const json_t *step)
{
    size_t i;
    json_t *branch;
    json_array_foreach(json_object_get(step, "branches"), i, branch) {
        const json_t *test = json_object_get(branch, "test"), *itself = test ? why_part(w, test) : NULL, *v = json_object_get(itself, "value");
        struct said_line l = {.key = W("trace.case.otherwise")};
        if (itself) {
            str rule = rule_of(itself);
            l.key = !v ? W("trace.case.perhaps") : json_object_get(branch, "of") ? W("trace.case.yes") : W("trace.case.no");
            l.a = rule.n ? words_fill(w->mem, w->lang, W("trace.said"), "title", why_title(w, rule), "value", why_step_value(w, itself, rule), NULL) : why_clause(w, itself);
        }
        buf inner = apart(w, branch_children, branch);
        folded(w, &inner, "", line_said, &l, STR_NONE);
    }
}

static void context(struct why *w, const json_t *step)
{
    const json_t *number = json_object_get(step, "context");
    const json_t *inner = number ? json_array_get(json_object_get(w->trace, "contexts"), (size_t)json_integer_value(number)) : NULL;
    struct why_world *outer = w->world, world = {.rules = json_object_get(inner, "rules"), .parts = json_object_get(inner, "parts")};
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(step, "set"), i, one) {
        if (!is_plain(json_object_get(one, "to"))) item(w, json_object_get(one, "to"));
    }
    if (!inner) return;
    world.told = json_own(w->mem, json_object());
    w->world = &world;
    item(w, json_object_get(inner, "step"));
    w->world = outer;
}

/* Constants are in the sentence already, unless it is of too many. */
static void children(struct why *w, const json_t *step)
{
    static const char *const members[] = {"of", "bound", "less", "digits", "base", "multiplier", "then", "otherwise", "since", "until"};
    const json_t *aside;
    size_t i;
    json_t *one;
    step = why_core(w, step, &aside);
    if (!step) return;
    const json_t *test = json_object_get(step, "test"), *of = json_object_get(step, "of");
    size_t n = json_array_size(of);
    str goal = json_str(step, "goal");
    if (test) test_item(w, test);
    json_array_foreach(of, i, one) {
        if (n > 4 || !is_plain(one)) item(w, one);
    }
    for (i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *v = json_object_get(step, members[i]);
        if (json_is_object(v) && !is_plain(v)) item(w, v);
    }
    if (aside && !is_plain(json_object_get(aside, "bound"))) item(w, json_object_get(aside, "bound"));
    if (json_object_get(step, "bands")) bands(w, step);
    if (json_object_get(step, "branches")) branches(w, step);
    if (goal.n) rule_item(w, goal, why_rule(w, goal));
    if (json_object_get(step, "context")) context(w, step);
    str rule = rule_of(step);
    if (rule.n) rule_item(w, rule, step);
}

/* ---- the page ---- */

static void number_rules(struct why *w, const json_t *rules)
{
    const char *name;
    for (void *it = json_object_iter((json_t *)(uintptr_t)rules); it; it = json_object_iter_next((json_t *)(uintptr_t)rules, it)) {
        name = json_object_iter_key(it);
        if (!json_object_get(w->numbers, name)) json_object_set_new(w->numbers, name, json_integer((json_int_t)json_object_size(w->numbers) + 1));
    }
}

static void heading(struct why *w, const char *key, const char *id)
{
    int level = w->options.heading ? w->options.heading : 2;
    buf_fmt(w->out, "<h%d id=\"%s\">", level, id);
    buf_words(w->out, w->lang, key, NULL);
    buf_fmt(w->out, "</h%d>\n", level);
}

static void paragraph(struct why *w, const char *key)
{
    buf_lit(w->out, "<p class=\"soft\">");
    buf_words(w->out, w->lang, key, NULL);
    buf_lit(w->out, "</p>\n");
}

static void definition(struct why *w, str name)
{
    json_t *raw = w->names && w->names->definition ? w->names->definition(w->names->arg, name) : NULL;
    if (!raw) return;
    json_t *one = json_own(w->mem, json_object());
    json_object_set(one, str_z(w->mem, name), raw);
    buf_fmt(w->out, "<details%s><summary>", w->options.open ? " open" : "");
    buf_words(w->out, w->lang, W("trace.definition"), NULL);
    buf_lit(w->out, "</summary><pre tabindex=\"0\" lang=\"fr\"><code>");
    buf_html(w->out, yaml_write(w->mem, one));
    buf_lit(w->out, "</code></pre></details>");
}

static void rules_list(struct why *w)
{
    const char *name;
    json_t *number;
    json_object_foreach(w->numbers, name, number) {
        str rule = str_of(name);
        buf_fmt(w->out, "<li id=\"regle-%lld\"><strong>", json_integer_value(number));
        buf_html(w->out, why_title(w, rule));
        buf_lit(w->out, "</strong>");
        if (!str_eq(why_title(w, rule), rule)) {
            buf_lit(w->out, " <code>");
            buf_html(w->out, rule);
            buf_lit(w->out, "</code>");
        }
        if (why_rule(w, rule) && !json_object_get(w->world->told, name)) {
            buf_lit(w->out, "<ul class=\"why\">");
            w->depth = 1;
            rule_item(w, rule, NULL);
            buf_lit(w->out, "</ul>");
        }
        definition(w, rule);
        buf_lit(w->out, "</li>\n");
    }
}

static void proof(struct why *w)
{
    buf_lit(w->out, "<p class=\"soft why-proof\">");
    buf_words(w->out, w->lang, W("trace.proof"), "version", str_cut(json_str(w->trace, "version"), 0, 16), "engine", json_str(w->trace, "engine"), "date",
              why_value(w->mem, w->lang, json_object_get(w->trace, "today"), STR_NONE), NULL);
    buf_lit(w->out, "</p>\n");
}

static struct why why_new(arena *mem, enum lang lang, const json_t *trace, const struct why_names *names, buf *out, struct why_world *world)
{
    *world = (struct why_world){.rules = json_object_get(trace, "rules"), .parts = json_object_get(trace, "parts"), .told = json_own(mem, json_object())};
    return (struct why){.mem = mem, .lang = lang, .trace = trace, .names = names, .out = out, .numbers = json_own(mem, json_object()), .world = world};
}

struct html why_html(arena *mem, enum lang lang, const json_t *trace, const struct why_names *names, const struct why_options *options)
{
    buf b = BUF(BYTES_MOST);
    struct why_world world;
    struct why w = why_new(mem, lang, trace, names, &b, &world);
    const json_t *contexts = json_object_get(trace, "contexts");
    if (options) w.options = *options;
    number_rules(&w, world.rules);
    for (size_t i = 0; i < json_array_size(contexts); i++) number_rules(&w, json_object_get(json_array_get(contexts, i), "rules"));
    heading(&w, W("trace.steps"), "pas-a-pas");
    paragraph(&w, W("trace.steps_hint"));
    buf_lit(&b, "<ul class=\"why\">");
    item(&w, json_object_get(trace, "step"));
    buf_lit(&b, "</ul>\n");
    heading(&w, W("trace.rules"), "regles");
    paragraph(&w, W("trace.rules_hint"));
    buf_lit(&b, "<ol class=\"why-rules\">");
    rules_list(&w);
    buf_lit(&b, "</ol>\n");
    proof(&w);
    str s = b.full ? STR_NONE : str_copy(mem, buf_str(&b));
    buf_free(&b);
    return html_safe(s);
}

str why_sentence(arena *mem, enum lang lang, const json_t *trace, const struct why_names *names)
{
    struct why_world world;
    struct why w = why_new(mem, lang, trace, names, NULL, &world);
    const json_t *step = json_object_get(trace, "step");
    str name = rule_of(step);
    const json_t *rule = name.n ? why_rule(&w, name) : NULL;
    str why = rule ? why_rule_clause(&w, name, rule) : why_clause(&w, step), value = why_step_value(&w, trace, name);
    str title = name.n ? why_title(&w, name) : words(lang, W("trace.result"));
    const char *key = why.n ? W("trace.sentence") : W("trace.sentence_bare");
    return words_fill(mem, lang, key, "title", title, "value", value, "why", why, NULL);
}

/* ---- names as the rules give them ---- */

static str title_of(void *arg, str rule) { return json_str(rulebase_definition(arg, rule), "titre"); }
static json_t *definition_of(void *arg, str rule) { return rulebase_definition(arg, rule); }

struct why_names why_names_of(const struct rulebase *b)
{
    return (struct why_names){.arg = (void *)(uintptr_t)b, .title = title_of, .definition = definition_of};
}
