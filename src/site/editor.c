/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The simple editor: a procedure's draft revision, one act at a time, each a form that works without script. What a change breaks
   is refused with its place; what was published stays until the draft is published. */
#include <string.h>

#include "base/said.h"
#include "base/id.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/kind_edit.h"
#include "core/answers.h"
#include "core/receipt.h"
#include "formats/json.h"
#include "gen/html/site/confirm.html.h"
#include "gen/html/site/editor.html.h"
#include "gen/html/site/kinds.html.h"
#include "gen/html/site/preview.html.h"
#include "pages/app.h"
#include "pages/holder.h"
#include "site/admin.h"
#include "view/clean.h"
#include "web/req.h"

static const struct { const char *status, *tone; } statuses[] = {
    [KIND_DRAFT] = {W("editor.status.draft"), "waiting"}, [KIND_PUBLISHED] = {W("editor.status.published"), "done"}, [KIND_CLOSED] = {W("editor.status.closed"), "refused"}};

static void offers_choices(struct req *q, enum offer chosen, struct choices *out)
{
    for (int o = 0; o < OFFER_N; o++)
        PUSH(q->mem, out, (struct choice){.value = str_of(offer_name((enum offer)o)), .label = words(q->lang, offer_words((enum offer)o)), .hint = words(q->lang, offer_hint((enum offer)o)),
                                          .is_chosen = o == (int)chosen});
}

/* ---- the list ---- */
static err kinds_page(struct req *q, struct page_kinds *p, int status)
{
    struct kind_rows rows = {0};
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct kind_row *r = &rows.v[i];
        const struct body *b = tenant_body(q->tenant, r->body);
        if (!who_has(q->who, ROLE_MANAGER, r->body, r->team, r->name)) continue;
        PUSH(q->mem, &p->rows, (struct kind_line_shown){.title = kind_row_title(q->app->kinds, q->db, r, q->lang), .status = words(q->lang, statuses[r->status].status), .tone = str_of(statuses[r->status].tone),
            .body = b ? b->name : STR_NONE, .way = words(q->lang, offer_words(r->offer)), .number = r->number, .at = URL(q->mem, "/admin/demarches/{}", r->name), .has_draft = r->draft_revision != 0 && r->revision != 0});
    }
    enum offer chosen;
    offer_named(field(q, "offer"), &chosen);
    offers_choices(q, chosen, &p->offers);
    p->l.is_desk = true;
    p->l.status = status;
    return page_kinds(q, p);
}

static err get_kinds(struct req *q)
{
    struct page_kinds p = {0};
    return kinds_page(q, &p, 200);
}

static err post_kinds(struct req *q)
{
    struct page_kinds p = {.title = str_trim(field(q, "title"))};
    struct kind_row row;
    str slug = kind_slug(q->mem, p.title), id = str_lower_ascii(q->mem, id_text(q->mem, id_new()));
    if (!slug.n) {
        editor_fault(q, &p.faults, FAIL(E_INVALID, "editor.title_missing"), NULL, "title");
        return kinds_page(q, &p, 422);
    }
    str name = str_fmt(q->mem, "d%.*s", STR_ARG(id));
    int64_t body = editor_body(q, name);
    if (!who_has(q->who, ROLE_MANAGER, body, 0, name)) return FAIL(E_DENIED, "rights.denied");     /* it would not be theirs to open */
    json_t *def = json_own(q->mem, json_pack("{s:o, s:s, s:o, s:[{s:s, s:s, s:i, s:o}]}", "kind", json_from_str(name), "base", "procedure",
        "title", json_from_str(p.title), "fields", "id", "p1", "type", "heading", "level", 1, "label", json_from_str(words(q->lang, W("editor.first_page")))));
    enum offer offer;
    if (offer_named(field(q, "offer"), &offer) && offer != OFFER_HERE) json_object_set_new(def, "settings", json_pack("{s:s}", "offer", offer_name(offer)));
    err e = kind_create(q->db, S("procedures"), slug, body, 0, def, q->who->account, q->mem, &row);
    if (e.code == E_EXISTS || e.code == E_INVALID) {
        editor_fault(q, &p.faults, e, NULL, "title");
        return kinds_page(q, &p, 422);
    }
    TRY(e);
    return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}", row.name)));
}

/* ---- one procedure ---- */
static void fields_shown(struct req *q, const struct kind_row *row, const struct fields *fields, bool in_row, struct page_editor *p)
{
    int64_t page = 0;
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        bool opens = str_is(str_of(f->type->name), "heading") && f->level == 1 && !f->is_private && !in_row;
        page += opens || (!in_row && !i);
        PUSH(q->mem, &p->fields, (struct field_shown){.id = f->id, .type = words(q->lang, f->type->title), .label = text_in(&f->label, LANG_FR),
            .name = f->type->reads_as != RULE_UNDEFINED ? said_in(f->name, LANG_FR) : STR_NONE, .required = f->required, .is_heading = opens, .page = opens || (!in_row && !i) ? page : 0,
            .is_private = f->is_private, .in_row = in_row, .when = rule_words(q, f), .is_first = i == 0, .is_last = i + 1 == fields->n,
            .at = URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, f->id)});
        fields_shown(q, row, &f->children, true, p);
    }
}

/* needed: publishing asks for it, here or as a default of the body. */
static const struct { const char *input, *path; size_t at; bool needed; } kind_settings[] = {
    {"service", "service.name", offsetof(struct page_editor, service), true}, {"address", "service.postal_address", offsetof(struct page_editor, address), true},
    {"mail", "service.mail", offsetof(struct page_editor, mail), true}, {"phone", "service.phone", offsetof(struct page_editor, phone), true},
    {"hours", "service.hours", offsetof(struct page_editor, hours), false}, {"after", "silence.after", offsetof(struct page_editor, after_stored), true},
    {"article", "silence.article", offsetof(struct page_editor, article), true}, {"appeal", "appeal.text", offsetof(struct page_editor, appeal), true},
    {"basis", "legal_basis", offsetof(struct page_editor, basis), true}, {"purpose", "personal_data.purpose", offsetof(struct page_editor, purpose), true},
    {"pd_basis", "personal_data.legal_basis", offsetof(struct page_editor, pd_basis), true},
    {"recipients", "personal_data.recipients", offsetof(struct page_editor, recipients), true},
    {"retention", "personal_data.retention", offsetof(struct page_editor, retention), true}, {"audience", "audience", offsetof(struct page_editor, audience), false},
    {"duration", "duration", offsetof(struct page_editor, duration), false}, {"prepare", "prepare", offsetof(struct page_editor, prepare), false},
    {"cost", "cost", offsetof(struct page_editor, cost), false}, {"ways", "other_ways", offsetof(struct page_editor, ways), false},
    {"operator", "online.operator", offsetof(struct page_editor, operator), true}, {"online", "online.url", offsetof(struct page_editor, online), true},
    {"source", "source", offsetof(struct page_editor, source), false}, {"keywords", "keywords", offsetof(struct page_editor, keywords), false},
    {"sheets", "sheets", offsetof(struct page_editor, sheets), false}};

static bool is_list(const char *input) { return strcmp(input, "prepare") == 0 || strcmp(input, "keywords") == 0 || strcmp(input, "sheets") == 0; }

/* The kind's own words in French, a list as one line each. */
static str own_setting(struct req *q, const struct kind *k, const char *path)
{
    const json_t *v = json_path(k->settings, path);
    if (json_is_array(v)) {
        struct strs lines = {0};
        for (size_t i = 0; i < json_array_size(v); i++) {
            const json_t *one = json_array_get(v, i);
            PUSH(q->mem, &lines, json_is_object(one) ? json_str(one, "fr") : json_text(one));
        }
        return str_join(q->mem, lines, S("\n"));
    }
    return json_is_object(v) ? json_str(v, "fr") : json_text(v);
}

/* Where the line of a lack leads: the input of its setting, the question it speaks of. */
static struct url lack_at(struct req *q, const struct kind_row *row, const struct lack *l)
{
    if (l->path && strcmp(l->path, "transitions") == 0) return URL(q->mem, "/admin/demarches/{}/courriers", row->name);
    if (l->field.n) return URL(q->mem, "#f-{}", l->field);
    if (l->path && strcmp(l->path, "rules") == 0) return URL(q->mem, "/admin/demarches/{}/regles#constats", row->name);
    if (l->path && strcmp(l->path, "routing") == 0) return URL(q->mem, "/admin/demarches/{}/regles#envoi", row->name);
    for (size_t i = 0; l->path && i < sizeof kind_settings / sizeof *kind_settings; i++)
        if (strcmp(l->path, kind_settings[i].path) == 0) return URL(q->mem, "#{}", str_of(kind_settings[i].input));
    if (!l->path || strcmp(l->path, "fields") == 0) return URL_LIT("#label");
    return strcmp(l->path, "silence.means") == 0 ? URL_LIT("#means") : URL(q->mem, "#{}", str_of(l->path));
}

static void settings_shown(struct req *q, const struct kind_row *row, const struct kind *k, struct page_editor *p)
{
    str chosen = json_text(json_path(k->settings, "silence.means"));
    for (size_t i = 0; i < sizeof kind_settings / sizeof *kind_settings; i++) {
        struct setting_shown *s = (struct setting_shown *)((char *)p + kind_settings[i].at);
        s->value = said_in(own_setting(q, k, kind_settings[i].path), LANG_FR);
        s->optional = !kind_settings[i].needed || kind_setting(NULL, q->tenant, row->body, kind_settings[i].path);
    }
    str theme = json_text(json_path(k->settings, "theme"));
    enum offer offer = kind_offer(k);
    p->is_here = offer == OFFER_HERE;
    if (offer != OFFER_ELSEWHERE) p->operator.optional = p->online.optional = true;
    if (offer == OFFER_INFORMATION) p->basis.optional = true;
    if (offer != OFFER_HERE) p->mail.optional = true, p->audience.optional = false;
    offers_choices(q, offer, &p->offers);
    for (const struct theme *t = themes; t->name; t++)
        PUSH(q->mem, &p->themes, (struct choice){.value = str_of(t->name), .label = words(q->lang, t->words), .is_chosen = str_is(theme, t->name)});
    means_choices(q, chosen, &p->means);
    p->means_optional = kind_setting(NULL, q->tenant, row->body, "silence.means") != NULL;
    span_draw(q, &p->after, W("admin.silence_after"), p->after_stored.value, p->after_stored.optional || str_is(chosen, "none"));
}

static err places_shown(struct req *q, const struct kind_row *row, struct page_editor *p)
{
    struct teams teams = {0};
    TRY(team_list(q->db, q->mem, &teams));
    admin_bodies(q, row->body, &p->bodies);
    for (size_t i = 0; i < teams.n; i++)
        PUSH(q->mem, &p->teams, (struct choice){.value = id_text(q->mem, teams.v[i].id), .label = teams.v[i].name, .is_chosen = teams.v[i].id == row->team});
    return NO_ERR;
}

static err editor_page(struct req *q, const struct kind_row *row, struct page_editor *p, int status)
{
    const struct kind *k;
    struct lacks lacks = {0};
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    TRY(kind_lacks(q->db, q->tenant, q->mem, k, row, &lacks));
    for (size_t i = 0; i < lacks.n; i++) PUSH(q->mem, &p->lacks, (struct link){.label = lack_words(q->mem, q->lang, &lacks.v[i]), .at = lack_at(q, row, &lacks.v[i])});
    p->name = row->name;
    p->title = text_in(&k->title, LANG_FR);
    p->description = text_in(&k->description, LANG_FR);
    p->slug = row->slug;
    p->status = words(q->lang, statuses[row->status].status);
    p->tone = str_of(statuses[row->status].tone);
    p->has_draft = row->draft_revision != 0;
    p->is_published = row->status == KIND_PUBLISHED;
    p->is_closed = row->status == KIND_CLOSED;
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->action = URL(q->mem, "/admin/demarches/{}", row->name);
    p->preview = URL(q->mem, "/admin/demarches/{}/apercu", row->name);
    p->letters = URL(q->mem, "/admin/demarches/{}/courriers", row->name);
    p->rules = URL(q->mem, "/admin/demarches/{}/regles", row->name);
    if (row->draft_revision && row->revision) p->drop = URL(q->mem, "/admin/demarches/{}/abandonner", row->name);
    p->view = URL(q->mem, "/demarches/{}", row->slug);
    fields_shown(q, row, &k->fields, false, p);
    editor_types(q, NULL, &p->types);
    settings_shown(q, row, k, p);
    TRY(places_shown(q, row, p));
    p->l.title = p->title;
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.status = status;
    return page_editor(q, p);
}

static const struct { const char *act, *said; } done_words[] = {
    {"publish", W("editor.published")}, {"close", W("editor.closed")}, {"reopen", W("editor.reopened")}, {"drop", W("editor.dropped")}, {"place", W("editor.placed")}};

static err get_editor(struct req *q)
{
    struct kind_row row;
    struct page_editor p = {0};
    TRY(editor_kind_asked(q, &row));
    str done = query(q, "fait");
    const char *said = W("editor.saved");
    for (size_t i = 0; i < sizeof done_words / sizeof *done_words; i++)
        if (str_is(done, done_words[i].act)) said = done_words[i].said;
    if (done.n) p.l.notice = words(q->lang, said), p.l.notice_tone = S("done");
    return editor_page(q, &row, &p, 200);
}

/* As it was written, with its other language, when its French is still that line. */
static json_t *line_kept(const json_t *list, str line)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *one = json_array_get(list, i);
        if (json_is_object(one) && str_eq(json_str(one, "fr"), line)) return json_incref(one);
    }
    return json_from_str(line);
}

/* One a line. */
static void list_setting(struct req *q, json_t *def, const char *path, str lines)
{
    const json_t *held = json_path(def, path);
    json_t *list = json_array();
    for (str rest = lines; rest.p;) {
        str one = str_trim(str_split(rest, '\n', &rest));
        if (one.n) json_array_append_new(list, line_kept(held, one));
    }
    setting_put(q->mem, json_object_get(def, "settings"), strchr(path, '.') + 1, json_array_size(list) ? json_incref(list) : NULL);
    json_decref(list);
}

/* There was an input of that name, left empty or not. */
static bool was_asked(struct req *q, const char *name)
{
    const struct pairs *all = fields(q);
    for (size_t i = 0; i < all->n; i++)
        if (str_is(all->v[i].name, name)) return true;
    return false;
}

static err texts_edit(struct req *q, json_t *def)
{
    TRY(kind_edit_text(q->mem, def, "title", LANG_FR, str_trim(field(q, "title"))));
    TRY(kind_edit_text(q->mem, def, "description", LANG_FR, str_trim(field(q, "description"))));
    for (size_t i = 0; i < sizeof kind_settings / sizeof *kind_settings; i++) {
        const char *input = kind_settings[i].input;
        str given = str_trim(field(q, input));
        if (!was_asked(q, input) || is_list(input)) continue;               /* not asked of an entry that is done in another way: kept */
        if (strcmp(input, "after") == 0) TRY(span_given(q, input, &given));
        TRY(kind_edit_setting(q->mem, def, kind_settings[i].path, given));
    }
    if (was_asked(q, "means") || was_asked(q, "article")) TRY(kind_edit_setting(q->mem, def, "silence.means", field(q, "means")));
    if (was_asked(q, "offer")) TRY(kind_edit_setting(q->mem, def, "offer", str_is(field(q, "offer"), "here") ? STR_NONE : field(q, "offer")));
    if (was_asked(q, "theme")) TRY(kind_edit_setting(q->mem, def, "theme", field(q, "theme")));
    for (size_t i = 0; i < sizeof kind_settings / sizeof *kind_settings; i++)
        if (is_list(kind_settings[i].input) && was_asked(q, kind_settings[i].input)) list_setting(q, def, str_fmt(q->mem, "settings.%s", kind_settings[i].path).p, field(q, kind_settings[i].input));
    if (!json_object_get(def, "fields")) json_object_set_new(def, "fields", json_array());
    return NO_ERR;
}

static err act_edit(struct req *q, json_t *def, str what)
{
    str id = field(q, "field"), label = str_trim(field(q, "label")), out;
    if (str_is(what, "up")) return kind_edit_field_move(q->mem, def, id, -1);
    if (str_is(what, "down")) return kind_edit_field_move(q->mem, def, id, 1);
    if (str_is(what, "remove")) return kind_edit_field_remove(q->mem, def, id);
    if (str_is(what, "texts")) return texts_edit(q, def);
    if (!label.n) return FAIL_AT(E_INVALID, "editor.label_missing", "label");
    if (str_is(what, "page")) return kind_edit_page_add(q->mem, def, label, &out);
    if (str_is(what, "add")) return field(q, "type").n ? kind_edit_field_add(q->mem, def, STR_NONE, false, field(q, "type"), label, &out) : FAIL_AT(E_INVALID, "editor.type_missing", "type");
    return FAIL(E_INVALID, "editor.no_act");
}

static bool is_team(const struct teams *teams, int64_t id)
{
    for (size_t i = 0; i < teams->n; i++)
        if (teams->v[i].id == id) return true;
    return false;
}

/* Only where this person runs it too: nobody hands a procedure to others, or loses it, by a choice in a list. */
static err place_write(struct req *q, const struct kind_row *row)
{
    int64_t body, team = 0;
    struct teams teams = {0};
    str slug = str_trim(field(q, "slug"));
    TRY(team_list(q->db, q->mem, &teams));
    if (field(q, "team").n && (id_parse(field(q, "team"), &team).code != OK || !is_team(&teams, team))) return FAIL_AT(E_INVALID, "editor.team_bad", "team");
    if (id_parse(field(q, "body"), &body).code != OK || !tenant_body_exact(q->tenant, body)) return FAIL_AT(E_INVALID, "admin.body_missing", "body");
    if (!who_has(q->who, ROLE_MANAGER, body, team, row->name)) return FAIL_AT(E_INVALID, "editor.not_yours", "body");
    if (!slug.n || !str_eq(slug, kind_slug(q->mem, slug))) return FAIL_AT(E_INVALID, "editor.slug_bad", "slug");
    return kind_set_place(q->db, row->name, slug, body, team);
}

/* ---- asked before it is done ---- */

static err confirm_page(struct req *q, const struct kind_row *row, struct page_confirm *p, const char *title, str label)
{
    p->l.title = words_fill(q->mem, q->lang, title, "label", label, NULL);
    p->action = URL(q->mem, "/admin/demarches/{}", row->name);
    if (!url_str(p->back).n) p->back = p->action;
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->l.is_desk = true;
    p->l.no_index = true;
    return page_confirm(q, p);
}

static err remove_ask(struct req *q, const struct kind_row *row)
{
    const struct kind *k;
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    const struct field *f = kind_field(k, field(q, "field"));
    if (!f) return FAIL(E_NOT_FOUND, "editor.no_field");
    struct page_confirm p = {.what = S("remove"), .field = f->id, .said = words(q->lang, W("editor.remove_hint")), .button = words(q->lang, W("editor.remove")),
                             .back = URL(q->mem, "/admin/demarches/{}#f-{}", row->name, f->id)};
    return confirm_page(q, row, &p, W("editor.remove_ask"), text_in(&f->label, LANG_FR));
}

static err act_do(struct req *q, const struct kind_row *row, str what, json_t **out_def)
{
    str reason = str_trim(field(q, "reason"));
    int64_t seen;
    if (str_is(what, "publish")) return kind_publish(q->db, q->tenant, q->mem, row->name, q->who->account);
    if (str_is(what, "close")) return reason.n ? kind_close(q->db, row->name, reason, q->who->account) : FAIL_AT(E_INVALID, "editor.reason_missing", "reason");
    if (str_is(what, "reopen")) return kind_reopen(q->db, q->tenant, q->mem, row->name);
    if (str_is(what, "place")) return place_write(q, row);
    if (!str_is(what, "drop")) return editor_write(q, row, act_edit, what, out_def);
    if (str_i64(field(q, "revision"), &seen).code != OK) return FAIL_AT(E_INVALID, "desk.no_version", "revision");
    return kind_draft_drop(q->db, q->mem, row->name, seen);
}

static err post_editor(struct req *q)
{
    struct kind_row row;
    struct page_editor p = {0};
    json_t *def = NULL;
    TRY(editor_kind_asked(q, &row));
    str what = field(q, "do");
    if (str_is(what, "remove") && !field_has(q, "sure")) return remove_ask(q, &row);
    err e = act_do(q, &row, what, &def);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        str anchor = field(q, "field").n && !str_is(what, "remove") ? str_fmt(q->mem, "#f-%.*s", STR_ARG(field(q, "field"))) : S("");
        str to = url_str(URL(q->mem, "/admin/demarches/{}?fait={}", row.name, what));
        return reply_redirect(q, str_fmt(q->mem, "%.*s%.*s", STR_ARG(to), STR_ARG(anchor)));
    }
    if (e.code != E_INVALID && e.code != E_CONFLICT && e.code != E_EXISTS) return e;
    bool lacks = e.code == E_INVALID && strcmp(e.msg, "kind.lacks") == 0;
    editor_fault(q, &p.faults, e, def, e.at && !lacks ? e.at : "faults");
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return editor_page(q, &row, &p, e.code == E_CONFLICT ? 409 : 422);
}

static err get_drop(struct req *q)
{
    struct kind_row row;
    TRY(editor_kind_asked(q, &row));
    if (!row.revision || !row.draft_revision) return FAIL(E_NOT_FOUND, "kind.no_draft");
    struct page_confirm p = {.what = S("drop"), .said = words(q->lang, W("editor.drop_hint")), .button = words(q->lang, W("editor.drop"))};
    return confirm_page(q, &row, &p, W("editor.drop_ask"), row.title);
}

/* The draft's form as people will see it; nothing typed there is kept. */
static err get_preview(struct req *q)
{
    struct kind_row row;
    const struct kind *k;
    int64_t step = 1;
    TRY(editor_kind_asked(q, &row));
    TRY(kind_draft_get(q->db, q->mem, row.name, &k));
    struct form_pages pages = kind_pages(q->mem, k);
    if (query(q, "page").n && str_i64(query(q, "page"), &step).code != OK) step = 0;
    if (step < 1 || (size_t)step > pages.n) return FAIL(E_NOT_FOUND, "filling.no_page");
    struct held h = {.kind = k};
    struct page_preview p = {.title = text_in(&pages.v[step - 1].title, q->lang), .step = step, .steps = (int64_t)pages.n, .back = URL(q->mem, "/admin/demarches/{}", row.name)};
    held_env(q, &h);
    buf *b = page_buf(q, 4 << 20);
    struct form_draw draw = {.out = b, .mem = q->mem, .env = &h.env, .kind = k, .doc = json_own(q->mem, json_object()), .rich = clean_rich, .base_url = S("")};
    form_draw_page(&draw, &pages.v[step - 1]);
    p.fields = html_safe(buf_str(b));
    if ((size_t)step < pages.n) p.next = URL(q->mem, "/admin/demarches/{}/apercu?page={}", row.name, str_fmt(q->mem, "%lld", (long long)step + 1));
    if (step > 1) p.before = URL(q->mem, "/admin/demarches/{}/apercu?page={}", row.name, str_fmt(q->mem, "%lld", (long long)step - 1));
    p.l.title = text_in(&k->title, LANG_FR);
    p.l.is_desk = true;
    p.l.no_index = true;
    p.l.scripts |= SCRIPT_FORM;            /* conditions obey here too */
    return page_preview(q, &p);
}

const struct route editor_routes[] = {
    {GET, "/admin/demarches", RIGHT_MANAGER, get_kinds, "procedures of the town", 0, NULL, NULL},
    {POST, "/admin/demarches", RIGHT_MANAGER, post_kinds, "makes a procedure", 0, NULL, NULL},
    {GET, "/admin/demarches/:name", RIGHT_MANAGER, get_editor, "the draft revision of a procedure", 0, NULL, NULL},
    {POST, "/admin/demarches/:name", RIGHT_MANAGER, post_editor, "one act on it: add, move, remove, texts, publish, close, reopen, give the draft up", 0, NULL, NULL},
    {GET, "/admin/demarches/:name/abandonner", RIGHT_MANAGER, get_drop, "asks before the draft is given up", 0, NULL, NULL},
    {GET, "/admin/demarches/:name/apercu", RIGHT_MANAGER, get_preview, "the draft's form as people will see it", 0, NULL, NULL},
    {0}};
