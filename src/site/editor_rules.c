/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The rules of a draft: typed in Publicodes, looked at as they are typed; who may file, which team gets it, what part each rule has. */
#include "site/editor_rules.h"

#include <string.h>

#include "base/said.h"
#include "core/account.h"
#include "core/answers.h"
#include "core/audit.h"
#include "core/kind_edit.h"
#include "core/results.h"
#include "formats/json.h"
#include "gen/html/site/kind_rules.html.h"
#include "pages/app.h"
#include "rules/engine.h"
#include "site/condition_form.h"
#include "web/req.h"

#define ROWS_MOST 50

static bool sent(struct req *q, str name) { return field_has(q, str_z(q->mem, name)); }

/* "message", 3 → "message.3" */
static str row_name(struct req *q, const char *name, size_t i) { return str_fmt(q->mem, "%s.%zu", name, i); }

static str row_prefix(struct req *q, const char *of, size_t i) { return str_fmt(q->mem, "%s%zu", of, i); }

static str row_typed(struct req *q, const char *name, size_t i) { return str_trim(field(q, str_z(q->mem, row_name(q, name, i)))); }

static str typed_or(struct req *q, const char *name, size_t i, str held) { return sent(q, row_name(q, name, i)) ? row_typed(q, name, i) : said_in(held, LANG_FR); }

struct url rules_place(struct req *q, str kind, str field, str at)
{
    static const struct { const char *list, *input; } lists[] = {{"eligibility[", "m"}, {"routing[", "t"}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        str rest, end;
        if (!str_starts(at, str_of(lists[i].list))) continue;
        str_split(at, '[', &rest);
        return URL(q->mem, "#{}{}-box", str_of(lists[i].input), str_split(rest, ']', &end));
    }
    if (field.n) return URL(q->mem, "/admin/demarches/{}/questions/{}", kind, field);
    return str_starts(at, S("transitions.")) ? rules_step_place(q, kind, at) : URL_LIT("#rules");
}

/* ---- the page ---- */

static void findings_fill(struct req *q, const struct kind_row *row, const struct kind_findings *found, struct page_kind_rules *p)
{
    for (size_t i = 0; i < found->n; i++) {
        const struct kind_finding *f = &found->v[i];
        PUSH(q->mem, &p->findings, (struct rules_finding_shown){.place = f->place.n ? f->place : words(q->lang, W("rules_editor.here")), .message = said_in(f->message, LANG_FR), .is_error = f->is_error,
            .state = words(q->lang, f->is_error ? W("rules_editor.error") : W("rules_editor.warning")), .line = f->line, .at = f->line ? URL_LIT("#rules") : rules_place(q, row->name, f->field, f->at)});
    }
}

static void parts_choices(struct req *q, const struct rule_use *u, str typed, bool is_typed, struct choices *out)
{
    static const struct { enum rule_role role; const char *name; } parts[] = {{RULE_ROLE_DISPLAY, "display"}, {RULE_ROLE_ASSISTANCE, "assistance"}, {RULE_ROLE_DECISION, "decision"}};
    str inferred = words_fill(q->mem, q->lang, W("rules_editor.inferred"), "role", words(q->lang, rule_role_title(u->inferred)), NULL);
    PUSH(q->mem, out, (struct choice){.value = S(""), .label = inferred, .is_chosen = is_typed ? !typed.n : !u->is_declared});
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        PUSH(q->mem, out, (struct choice){.value = str_of(parts[i].name), .label = words(q->lang, rule_role_title(parts[i].role)),
                                          .is_chosen = is_typed ? str_is(typed, parts[i].name) : u->is_declared && u->role == parts[i].role});
}

static struct url use_at(struct req *q, const struct kind_row *row, const struct rule_use *u)
{
    str rest, what = str_split(u->place, '/', &rest);
    if (u->field) return URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, u->field->id);
    if (str_is(what, "requirement")) return URL(q->mem, "#m{}-box", rest);
    if (str_is(what, "step")) return URL(q->mem, "#step-{}", rest);
    return str_is(what, "route") ? URL(q->mem, "#t{}-box", rest) : (struct url){0};
}

static void uses_fill(struct req *q, const struct kind_row *row, const struct kind *k, struct page_kind_rules *p)
{
    struct answers_env env = {.lang = q->lang, .zone = q->tenant->zone};
    struct rule_uses uses = rule_uses(q->mem, k);
    for (size_t i = 0; i < uses.n; i++) {
        const struct rule_use *u = &uses.v[i];
        struct rules_use_shown one = {.what = words(q->lang, u->what), .of = said_in(u->of, LANG_FR), .rule = condition_words(q->mem, &env, u->rule), .is_declared = u->is_declared, .is_text = !u->rule->menu,
                                      .part = words(q->lang, rule_role_title(u->role)), .at = use_at(q, row, u)};
        if (u->place.n) {
            one.id = str_fmt(q->mem, "role.%.*s", STR_ARG(u->place));
            parts_choices(q, u, field(q, str_z(q->mem, one.id)), sent(q, one.id), &one.parts);
        }
        PUSH(q->mem, &p->uses, one);
    }
}

bool rules_condition_sent(struct req *q, str prefix)
{
    return sent(q, str_fmt(q->mem, "%.*s.g", STR_ARG(prefix))) || sent(q, str_fmt(q->mem, "%.*s.text", STR_ARG(prefix)));
}

/* As it was sent, else as it is stored; with its fault, when what was sent is refused. */
struct condition_form rules_condition(struct req *q, const struct kind *k, str prefix, const json_t *held)
{
    struct condition_form c = {.prefix = prefix, .kind = k};
    json_t *said;
    if (!rules_condition_sent(q, prefix)) {
        condition_form_open(q, &c, held);
        return c;
    }
    condition_form_typed(q, &c);
    if (!condition_form_act(q, &c, field(q, "do"))) condition_form_rule(q, &c, &said);
    return c;
}

struct rules_box rules_box_of(struct req *q, struct condition_form *c)
{
    return (struct rules_box){.prefix = c->prefix, .words = said_in(condition_form_words(q, c), q->lang), .is_text = c->is_text, .body = condition_form_draw(q, c)};
}

static bool form_is_blank(const struct condition_form *c)
{
    return c->is_text ? !str_trim(c->text).n : !c->root->children.n || (c->root->children.n == 1 && !c->root->children.v[0]->is_group && !c->root->children.v[0]->source.n);
}

/* Pressed in that box: it is open on the next page too. */
static bool is_acted(struct req *q, const struct condition_form *c) { return str_eq(str_split(field(q, "do"), ' ', &(str){0}), c->prefix); }

static const json_t *list_item(const json_t *def, const char *list, size_t i, const char *key) { return json_object_get(json_array_get(json_object_get(def, list), i), key); }

static void requirements_fill(struct req *q, const json_t *def, const struct kind *k, struct page_kind_rules *p)
{
    for (size_t i = 0; i < ROWS_MOST; i++) {
        const struct requirement *r = i < k->eligibility.n ? &k->eligibility.v[i] : NULL;
        struct condition_form c = rules_condition(q, k, row_prefix(q, "m", i), list_item(def, "eligibility", i, "must"));
        struct rules_requirement_shown one = {
            .message = {.name = row_name(q, "message", i), .label = words(q->lang, W("rules_editor.message")), .rows = 2, .value = typed_or(q, "message", i, r ? r->message.v[LANG_FR] : STR_NONE)},
            .message_en = {.name = row_name(q, "message_en", i), .label = words(q->lang, W("rules_editor.message_en")), .rows = 2,
                           .value = sent(q, row_name(q, "message_en", i)) ? row_typed(q, "message_en", i) : r ? r->message.v[LANG_EN] : STR_NONE, .optional = true}};
        bool blank = form_is_blank(&c) && !one.message.value.n;
        one.is_new = !r;
        one.is_open = !blank || is_acted(q, &c);
        one.box = rules_box_of(q, &c);
        PUSH(q->mem, &p->requirements, one);
        if (!r && blank) return;            /* room for one more */
    }
}

static void team_choice(struct req *q, str name, str chosen, struct choices *out)
{
    for (size_t i = 0; i < out->n; i++)
        if (str_eq(out->v[i].value, name)) return;
    PUSH(q->mem, out, (struct choice){.value = name, .label = name, .is_chosen = str_eq(name, chosen)});
}

static err routes_fill(struct req *q, const struct kind_row *row, const json_t *def, const struct kind *k, struct page_kind_rules *p)
{
    struct teams teams = {0};
    TRY(team_list(q->db, q->mem, &teams));
    p->has_teams = teams.n > 0;
    for (size_t i = 0; i < ROWS_MOST; i++) {
        const struct route_to_team *r = i < k->routing.n ? &k->routing.v[i] : NULL;
        struct condition_form c = rules_condition(q, k, row_prefix(q, "t", i), list_item(def, "routing", i, "when"));
        str team = typed_or(q, "team", i, r ? r->team : STR_NONE);
        struct rules_route_shown one = {.team = {.name = row_name(q, "team", i), .label = words(q->lang, W("rules_editor.team"))}, .up = r && i ? str_fmt(q->mem, "up.%zu", i) : STR_NONE};
        for (size_t t = 0; t < teams.n; t++)
            if (teams.v[t].body == row->body || !row->body) team_choice(q, teams.v[t].name, team, &one.team.items);
        for (size_t t = 0; t < teams.n; t++) team_choice(q, teams.v[t].name, team, &one.team.items);
        if (team.n) team_choice(q, team, team, &one.team.items);                /* one that is not there any more is said at publishing */
        bool blank = form_is_blank(&c) && !team.n;
        one.is_new = !r;
        one.is_open = !blank || is_acted(q, &c);
        one.box = rules_box_of(q, &c);
        PUSH(q->mem, &p->routes, one);
        if (!r && blank) return NO_ERR;
    }
    return NO_ERR;
}

/* What a rule may read: the questions, and what comes of them. */
static void names_fill(struct req *q, const struct kind *k, struct page_kind_rules *p)
{
    const struct rulebase *b = kind_rulebase(k);
    for (size_t i = 0; b && i < rulebase_count(b); i++) {
        str name = rulebase_name(b, i), title = result_rule_title(q->mem, q->lang, k, name);
        bool own = json_object_getn(k->rules, name.p, name.n) != NULL, made = str_starts(name, S("beffroi"));
        if (!own && !made && title.n) PUSH(q->mem, &p->names, (struct link){.label = title, .hint = name});
    }
    for (size_t i = 0; !b && i < k->fields.n; i++)
        if (k->fields.v[i].type->reads_as != RULE_UNDEFINED) PUSH(q->mem, &p->names, (struct link){.label = text_in(&k->fields.v[i].label, q->lang), .hint = k->fields.v[i].name});
}

static int64_t rows_of(str text)
{
    int64_t n = 4;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n < 14 ? 14 : n > 32 ? 32 : n;
}

/* def: as stored, or with what was typed. k: what def says; the stored one when it cannot be read. */
static err rules_page(struct req *q, const struct kind_row *row, const json_t *def, const struct kind *k, struct page_kind_rules *p, int status)
{
    struct kind_findings found;
    kind_rules_check(q->mem, def, q->lang, &found);
    findings_fill(q, row, &found, p);
    p->title = text_in(&k->title, LANG_FR);
    p->rules = sent(q, S("rules")) ? field(q, "rules") : kind_rules_text(q->mem, def);
    p->rows = rows_of(p->rules);
    uses_fill(q, row, k, p);
    requirements_fill(q, def, k, p);
    TRY(routes_fill(q, row, def, k, p));
    rules_steps_fill(q, k, p);
    names_fill(q, k, p);
    TRY(rules_try_fill(q, k, p));
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->action = URL(q->mem, "/admin/demarches/{}/regles", row->name);
    p->back = URL(q->mem, "/admin/demarches/{}", row->name);
    p->l.title = words_fill(q->mem, q->lang, W("rules_editor.title"), "title", said_within(q->mem, p->title, q->lang), NULL);
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.status = p->faults.n && status == 200 ? 422 : status;
    p->l.scripts |= SCRIPT_LIVE | SCRIPT_FORM;
    return page_kind_rules(q, p);
}

static err get_rules(struct req *q)
{
    struct kind_row row;
    const struct kind *k;
    struct page_kind_rules p = {0};
    TRY(editor_kind_asked(q, &row));
    TRY(kind_draft_get(q->db, q->mem, row.name, &k));
    if (query(q, "fait").n) p.l.notice = words(q->lang, W("rules_editor.saved")), p.l.notice_tone = S("done");
    return rules_page(q, &row, k->definition, k, &p, 200);
}

/* ---- what was typed ---- */

/* "must" of the third is in the box m2; "message" of it is the input message.2 */
static err at_row(struct req *q, err e, const char *prefix, size_t i)
{
    if (e.code != E_INVALID || !e.at) return e;
    bool rule = strcmp(e.at, "must") == 0 || strcmp(e.at, "when") == 0;
    return FAIL_AT(e.code, e.msg, rule ? str_fmt(q->mem, "%s%zu-box", prefix, i).p : str_z(q->mem, row_name(q, e.at, i)));
}

err rules_condition_typed(struct req *q, const struct kind *k, str prefix, json_t **out)
{
    struct condition_form c = {.prefix = prefix, .kind = k};
    condition_form_typed(q, &c);
    return condition_form_rule(q, &c, out);
}

static err requirement_edit(struct req *q, const struct kind *k, json_t *def, size_t i, bool *out_empty)
{
    struct edit_requirement r = {NULL, row_typed(q, "message", i), row_typed(q, "message_en", i)};
    TRY(rules_condition_typed(q, k, row_prefix(q, "m", i), &r.must));
    *out_empty = !r.must && !r.message.n;
    return *out_empty ? NO_ERR : at_row(q, kind_edit_requirement(q->mem, def, i, r), "m", i);
}

static err route_edit(struct req *q, const struct kind *k, json_t *def, size_t i, bool *out_empty)
{
    json_t *when;
    TRY(rules_condition_typed(q, k, row_prefix(q, "t", i), &when));
    *out_empty = !when && !row_typed(q, "team", i).n;
    return *out_empty ? NO_ERR : at_row(q, kind_edit_route(q->mem, def, i, when, row_typed(q, "team", i)), "t", i);
}

/* What is emptied goes; the last first, so that the others keep their places. */
static err list_edit(struct req *q, const struct kind *k, json_t *def, const char *list, const char *input,
                     err (*edit)(struct req *q, const struct kind *k, json_t *def, size_t i, bool *out_empty))
{
    bool empty[ROWS_MOST] = {0};
    size_t n = json_array_size(json_object_get(def, list)), i = 0;
    for (; i < ROWS_MOST && sent(q, row_name(q, input, i)); i++) TRY(edit(q, k, def, i, &empty[i]));
    while (i-- > 0)
        if (i < n && empty[i]) TRY(kind_edit_rule_move(q->mem, def, list, i, 0));
    return NO_ERR;
}

static err rules_edit(struct req *q, json_t *def, str what)
{
    const struct pairs *all = fields(q);
    const struct kind *k;
    int64_t up = 0;
    if (field_has(q, "rules")) TRY(kind_edit_rules(q->mem, def, field(q, "rules")));
    for (size_t i = 0; i < all->n; i++) {
        str name = all->v[i].name;
        if (str_starts(name, S("role."))) TRY(kind_edit_role(q->mem, def, str_cut(name, 5, name.n), all->v[i].value));
    }
    TRY(kind_draft_get(q->db, q->mem, param(q, "name"), &k));
    TRY(list_edit(q, k, def, "eligibility", "message", requirement_edit));
    TRY(list_edit(q, k, def, "routing", "team", route_edit));
    TRY(rules_steps_edit(q, k, def));
    if (str_starts(what, S("up.")) && str_i64(str_cut(what, 3, what.n), &up).code == OK && up > 0) return kind_edit_rule_move(q->mem, def, "routing", (size_t)up, -1);
    return NO_ERR;
}

static bool is_fault(err e) { return e.code == E_INVALID || e.code == E_CONFLICT; }

/* A fault that the findings say already is said once, with its line. */
static void rules_fault(struct req *q, const struct kind_row *row, err e, const json_t *def, struct page_kind_rules *p)
{
    struct kind_findings found = {0};
    str at = str_of(e.at ? e.at : ""), place, detail;
    if (e.code == E_INVALID && def) kind_rules_check(q->mem, def, q->lang, &found);
    if (found.errors) {
        PUSH(q->mem, &p->faults, (struct link){.label = words(q->lang, W("rules_editor.not_saved")), .at = URL_LIT("#constats")});
        return;
    }
    place = str_split(at, ':', &detail);
    if (!str_starts(place, S("eligibility[")) && !str_starts(place, S("routing[")) && !str_starts(place, S("transitions."))) return editor_fault(q, &p->faults, e, def, e.at ? e.at : "faults");
    str said = words(q->lang, e.msg), name = str_trim(detail);
    if (name.n) said = words_fill(q->mem, q->lang, W("rule_check.said"), "place", said_within(q->mem, said_in(name, LANG_FR), q->lang), "said", said, NULL);
    PUSH(q->mem, &p->faults, (struct link){.label = said, .at = rules_place(q, row->name, STR_NONE, place)});
}

/* As typed, kept nowhere. *out NULL: it cannot be read; *why says why. */
static err rules_typed(struct req *q, const struct kind_row *row, json_t **out_def, const struct kind **out, err *why)
{
    json_t *stored;
    struct kind *k = NULL;
    TRY(kind_draft_definition(q->db, q->mem, row->name, &stored));
    *out_def = kind_edit_start(q->mem, stored);
    *why = rules_edit(q, *out_def, STR_NONE);
    if (why->code == OK) *why = kind_parse_any(q->mem, *out_def, &k);
    *out = why->code == OK ? k : NULL;
    return why->code == OK || is_fault(*why) ? NO_ERR : *why;
}

static err post_rules(struct req *q)
{
    struct kind_row row;
    struct page_kind_rules p = {0};
    const struct kind *k = NULL;
    json_t *def = NULL;
    str what = field(q, "do");
    bool looks = str_is(what, "check") || str_is(what, "try") || str_find_char(what, ' ') >= 0;        /* "m0 row m0": a button of the builder */
    TRY(editor_kind_asked(q, &row));
    err e = looks ? NO_ERR : editor_write(q, &row, rules_edit, what, &def);
    if (e.code == OK && !looks) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/regles?fait=1", row.name)));
    }
    if (!looks && !is_fault(e)) return e;
    p.is_tried = str_is(what, "try");
    err typed;
    TRY(rules_typed(q, &row, &def, &k, &typed));
    if (e.code == OK && p.is_tried) e = typed;
    if (e.code != OK) rules_fault(q, &row, e, def, &p);
    if (!k) {
        p.is_tried = false;
        TRY(kind_row_get(q->db, q->mem, row.name, &row));
        TRY(kind_draft_get(q->db, q->mem, row.name, &k));
    }
    return rules_page(q, &row, def, k, &p, e.code == E_CONFLICT ? 409 : e.code == OK ? 200 : 422);
}

const struct route editor_rules_routes[] = {
    {GET, "/admin/demarches/:name/regles", RIGHT_MANAGER, get_rules, "the rules of a procedure, and what part each has", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/regles", RIGHT_MANAGER, post_rules, "changes the rules, looks at them, or tries them with values", 0, NULL, NULL},
    {0}};
