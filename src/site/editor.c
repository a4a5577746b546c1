/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The simple editor: a procedure's draft revision, one act at a time, each a form that works without script. What a change breaks
   is refused with its place; what was published stays until the draft is published. */
#include "base/id.h"
#include "core/account.h"
#include "core/kind_edit.h"
#include "core/answers.h"
#include "core/receipt.h"
#include "formats/json.h"
#include "gen/html/site/editor.html.h"
#include "gen/html/site/field.html.h"
#include "gen/html/site/kinds.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "web/req.h"

static const struct { const char *status, *tone; } statuses[] = {
    [KIND_DRAFT] = {W("editor.status.draft"), "waiting"}, [KIND_PUBLISHED] = {W("editor.status.published"), "done"}, [KIND_CLOSED] = {W("editor.status.closed"), "refused"}};

/* Types offered to whoever edits; an imported one outside the list keeps its own. */
static const char *const offered[] = {"text", "textarea", "yesno", "checkbox", "choice", "choices", "date", "integer", "decimal", "email", "phone", "address",
                                      "file", "civility", "iban", "siret", "repeat", "heading", "note", NULL};

static void fault(struct req *q, struct links *faults, err e, const char *id)
{
    str said = words(q->lang, e.msg);
    if (e.at) said = str_fmt(q->mem, "%.*s (%s)", STR_ARG(said), e.at);
    PUSH(q->mem, faults, (struct link){.label = said, .at = URL(q->mem, "#{}", str_of(id))});
}

static const char *type_words(const char *type)
{
    static const struct { const char *type, *key; } names[] = {
        {"text", W("editor.type.text")}, {"textarea", W("editor.type.textarea")}, {"yesno", W("editor.type.yesno")}, {"checkbox", W("editor.type.checkbox")},
        {"choice", W("editor.type.choice")}, {"choices", W("editor.type.choices")}, {"date", W("editor.type.date")}, {"integer", W("editor.type.integer")},
        {"decimal", W("editor.type.decimal")}, {"email", W("editor.type.email")}, {"phone", W("editor.type.phone")}, {"address", W("editor.type.address")},
        {"file", W("editor.type.file")}, {"civility", W("editor.type.civility")}, {"iban", W("editor.type.iban")}, {"siret", W("editor.type.siret")},
        {"repeat", W("editor.type.repeat")}, {"heading", W("editor.type.heading")}, {"note", W("editor.type.note")}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(str_of(type), names[i].type)) return names[i].key;
    return NULL;
}

static str type_label(struct req *q, const char *type)
{
    const char *key = type_words(type);
    return key ? words(q->lang, key) : str_of(type);
}

static void types_choices(struct req *q, const char *chosen, struct choices *out)
{
    bool there = false;
    for (size_t i = 0; offered[i]; i++) {
        bool is = chosen && str_is(str_of(chosen), offered[i]);
        there |= is;
        PUSH(q->mem, out, (struct choice){.value = str_of(offered[i]), .label = type_label(q, offered[i]), .is_chosen = is});
    }
    if (chosen && !there) PUSH(q->mem, out, (struct choice){.value = str_of(chosen), .label = str_of(chosen), .is_chosen = true});
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
        PUSH(q->mem, &p->rows, (struct kind_line_shown){.title = r->title, .status = words(q->lang, statuses[r->status].status), .tone = str_of(statuses[r->status].tone),
            .body = b ? b->name : STR_NONE, .number = r->number, .at = URL(q->mem, "/admin/demarches/{}", r->name), .has_draft = r->draft_revision != 0 && r->revision != 0});
    }
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
        fault(q, &p.faults, FAIL(E_INVALID, "editor.title_missing"), "title");
        return kinds_page(q, &p, 422);
    }
    json_t *def = json_own(q->mem, json_pack("{s:o, s:s, s:o, s:[{s:s, s:s, s:i, s:o}]}", "kind", json_from_str(str_fmt(q->mem, "d%.*s", STR_ARG(id))), "base", "procedure",
        "title", json_from_str(p.title), "fields", "id", "p1", "type", "heading", "level", 1, "label", json_from_str(words(q->lang, W("editor.first_page")))));
    err e = kind_create(q->db, S("procedures"), slug, q->tenant->bodies.n ? q->tenant->bodies.v[0].id : 0, 0, def, q->who->account, q->mem, &row);
    if (e.code == E_EXISTS || e.code == E_INVALID) {
        fault(q, &p.faults, e, "title");
        return kinds_page(q, &p, 422);
    }
    TRY(e);
    return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}", row.name)));
}

/* ---- one procedure ---- */
static err row_asked(struct req *q, struct kind_row *row)
{
    TRY(kind_row_get(q->db, q->mem, param(q, "name"), row));
    return who_has(q->who, ROLE_MANAGER, row->body, row->team, row->name) ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

static void fields_shown(struct req *q, const struct kind_row *row, const struct fields *fields, bool in_row, struct page_editor *p)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *f = &fields->v[i];
        PUSH(q->mem, &p->fields, (struct field_shown){.id = f->id, .type = type_label(q, f->type->name), .label = text_in(&f->label, LANG_FR), .level = f->level,
            .required = f->required, .is_heading = str_is(str_of(f->type->name), "heading") && f->level == 1, .is_private = f->is_private, .in_row = in_row, .when = f->when_text,
            .is_first = i == 0, .is_last = i + 1 == fields->n, .at = URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, f->id)});
        fields_shown(q, row, &f->children, true, p);
    }
}

static const struct { const char *input, *path; size_t at; } kind_settings[] = {
    {"service", "service.name", offsetof(struct page_editor, setting_service)}, {"address", "service.postal_address", offsetof(struct page_editor, setting_address)},
    {"mail", "service.mail", offsetof(struct page_editor, setting_mail)}, {"phone", "service.phone", offsetof(struct page_editor, setting_phone)},
    {"after", "silence.after", offsetof(struct page_editor, setting_after)}, {"article", "silence.article", offsetof(struct page_editor, setting_article)},
    {"appeal", "appeal.text", offsetof(struct page_editor, setting_appeal)}, {"basis", "legal_basis", offsetof(struct page_editor, setting_basis)},
    {"purpose", "personal_data.purpose", offsetof(struct page_editor, setting_purpose)}, {"retention", "personal_data.retention", offsetof(struct page_editor, setting_retention)},
    {"audience", "audience", offsetof(struct page_editor, setting_audience)}, {"duration", "duration", offsetof(struct page_editor, setting_duration)},
    {"prepare", "prepare", offsetof(struct page_editor, setting_prepare)}};

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

static err editor_page(struct req *q, const struct kind_row *row, struct page_editor *p, int status)
{
    const struct kind *k;
    struct lacks lacks = {0};
    struct teams teams = {0};
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    TRY(kind_lacks(q->db, q->tenant, q->mem, k, row, &lacks));
    TRY(team_list(q->db, q->mem, &teams));
    for (size_t i = 0; i < lacks.n; i++) PUSH(q->mem, &p->lacks, (struct link){.label = lack_words(q->mem, q->lang, &lacks.v[i])});
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
    p->view = URL(q->mem, "/demarches/{}", row->slug);
    fields_shown(q, row, &k->fields, false, p);
    types_choices(q, NULL, &p->types);
    for (size_t i = 0; i < sizeof kind_settings / sizeof *kind_settings; i++) *(str *)((char *)p + kind_settings[i].at) = own_setting(q, k, kind_settings[i].path);
    static const struct { const char *value, *key; } means[] = {{"acceptance", W("admin.means.acceptance")}, {"rejection", W("admin.means.rejection")}, {"none", W("admin.means.none")}};
    str chosen = json_text(json_path(k->settings, "silence.means"));
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        PUSH(q->mem, &p->means, (struct choice){.value = str_of(means[i].value), .label = words(q->lang, means[i].key), .is_chosen = str_is(chosen, means[i].value)});
    for (size_t i = 0; i < q->tenant->bodies.n; i++)
        PUSH(q->mem, &p->bodies, (struct choice){.value = id_text(q->mem, q->tenant->bodies.v[i].id), .label = q->tenant->bodies.v[i].name, .is_chosen = q->tenant->bodies.v[i].id == row->body});
    for (size_t i = 0; i < teams.n; i++)
        PUSH(q->mem, &p->teams, (struct choice){.value = id_text(q->mem, teams.v[i].id), .label = teams.v[i].name, .is_chosen = teams.v[i].id == row->team});
    p->l.title = p->title;
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.status = status;
    return page_editor(q, p);
}

static err get_editor(struct req *q)
{
    struct kind_row row;
    struct page_editor p = {0};
    TRY(row_asked(q, &row));
    str done = query(q, "fait");
    if (str_is(done, "publie")) p.l.notice = words(q->lang, W("editor.published")), p.l.notice_tone = S("done");
    else if (done.n) p.l.notice = words(q->lang, W("editor.saved")), p.l.notice_tone = S("done");
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

/* prepare: one a line. */
static err list_setting(struct req *q, json_t *def, str lines)
{
    json_t *settings = json_object_get(def, "settings"), *list = json_array();
    if (!json_is_object(settings)) {
        settings = json_object();
        json_object_set_new(def, "settings", settings);
    }
    for (str rest = lines; rest.p;) {
        str one = str_trim(str_split(rest, '\n', &rest));
        if (one.n) json_array_append_new(list, line_kept(json_object_get(settings, "prepare"), one));
    }
    if (json_array_size(list)) json_object_set(settings, "prepare", list);
    else json_object_del(settings, "prepare");
    json_decref(list);
    (void)q;
    return NO_ERR;
}

static err texts_edit(struct req *q, json_t *def)
{
    TRY(kind_edit_text(q->mem, def, "title", LANG_FR, str_trim(field(q, "title"))));
    TRY(kind_edit_text(q->mem, def, "description", LANG_FR, str_trim(field(q, "description"))));
    for (size_t i = 0; i < sizeof kind_settings / sizeof *kind_settings; i++) {
        if (str_is(str_of(kind_settings[i].input), "prepare")) continue;
        TRY(kind_edit_setting(q->mem, def, kind_settings[i].path, str_trim(field(q, kind_settings[i].input))));
    }
    TRY(kind_edit_setting(q->mem, def, "silence.means", field(q, "means")));
    return list_setting(q, def, field(q, "prepare"));
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

static err draft_write(struct req *q, const struct kind_row *row, err (*edit)(struct req *q, json_t *def, str what), str what)
{
    json_t *stored;
    int64_t seen, revision;
    if (str_i64(field(q, "revision"), &seen).code != OK) return FAIL_AT(E_INVALID, "desk.no_version", "revision");
    TRY(kind_draft_definition(q->db, q->mem, row->name, &stored));
    json_t *def = kind_edit_start(q->mem, stored);
    TRY(edit(q, def, what));
    return kind_draft_save(q->db, q->mem, row->name, def, q->who->account, seen, &revision);
}

static err place_write(struct req *q, const struct kind_row *row)
{
    int64_t body, team = 0;
    str slug = str_trim(field(q, "slug"));
    if (id_parse(field(q, "body"), &body).code != OK || !tenant_body(q->tenant, body)) return FAIL_AT(E_INVALID, "admin.body_missing", "body");
    if (field(q, "team").n) TRY(id_parse(field(q, "team"), &team));
    if (!slug.n || !str_eq(slug, kind_slug(q->mem, slug))) return FAIL_AT(E_INVALID, "editor.slug_bad", "slug");
    return kind_set_place(q->db, row->name, slug, body, team);
}

static err post_editor(struct req *q)
{
    struct kind_row row;
    struct page_editor p = {0};
    TRY(row_asked(q, &row));
    str what = field(q, "do");
    err e;
    if (str_is(what, "publish")) e = kind_publish(q->db, q->tenant, q->mem, row.name, q->who->account);
    else if (str_is(what, "close")) e = str_trim(field(q, "reason")).n ? kind_close(q->db, row.name, str_trim(field(q, "reason")), q->who->account) : FAIL_AT(E_INVALID, "editor.reason_missing", "reason");
    else if (str_is(what, "place")) e = place_write(q, &row);
    else e = draft_write(q, &row, act_edit, what);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        str anchor = field(q, "field").n && !str_is(what, "remove") ? str_fmt(q->mem, "#f-%.*s", STR_ARG(field(q, "field"))) : S("");
        str to = url_str(URL(q->mem, "/admin/demarches/{}?fait={}", row.name, str_is(what, "publish") ? S("publie") : S("1")));
        return reply_redirect(q, str_fmt(q->mem, "%.*s%.*s", STR_ARG(to), STR_ARG(anchor)));
    }
    if (e.code != E_INVALID && e.code != E_CONFLICT && e.code != E_EXISTS) return e;
    fault(q, &p.faults, e, e.at ? e.at : "faults");
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return editor_page(q, &row, &p, e.code == E_CONFLICT ? 409 : 422);
}

/* ---- one question ---- */
static str number_shown(struct req *q, bool has, double x)
{
    if (!has) return STR_NONE;
    return x >= -1e15 && x <= 1e15 && x == (double)(int64_t)x ? str_fmt(q->mem, "%lld", (long long)x) : str_fmt(q->mem, "%.3f", x);
}

static err field_page(struct req *q, const struct kind_row *row, struct page_field *p, int status)
{
    const struct kind *k;
    TRY(kind_draft_get(q->db, q->mem, row->name, &k));
    const struct field *f = kind_field(k, param(q, "id"));
    if (!f) return FAIL(E_NOT_FOUND, "editor.no_field");
    p->id = f->id;
    p->label = text_in(&f->label, LANG_FR);
    p->label_en = f->label.v[LANG_EN];
    p->help = text_in(&f->help, LANG_FR);
    p->when_text = f->when_text;
    p->min = number_shown(q, f->has_min, f->min);
    p->max = number_shown(q, f->has_max, f->max);
    p->max_length = number_shown(q, f->max_length > 0, f->max_length);
    p->required = f->required;
    p->filter = f->filter;
    p->is_private = f->is_private;
    p->is_heading = !f->type->holds_value;
    p->has_options = f->type->has_options && !f->list.n;
    for (size_t i = 0; i < f->options.n && i < 500; i++)
        PUSH(q->mem, &p->options, (struct option_shown){f->options.v[i].id, text_in(&f->options.v[i].label, LANG_FR), f->options.v[i].retired});
    types_choices(q, f->type->name, &p->types);
    p->revision = row->draft_revision ? row->draft_revision : row->revision;
    p->action = URL(q->mem, "/admin/demarches/{}/questions/{}", row->name, f->id);
    p->back = URL(q->mem, "/admin/demarches/{}#f-{}", row->name, f->id);
    p->l.title = p->label;
    p->l.is_desk = true;
    p->l.no_index = true;
    p->l.status = status;
    return page_field(q, p);
}

static err get_field(struct req *q)
{
    struct kind_row row;
    struct page_field p = {0};
    TRY(row_asked(q, &row));
    return field_page(q, &row, &p, 200);
}

static json_t *number_value(str s)
{
    int64_t n;
    double x;
    if (str_i64(s, &n).code == OK) return json_integer(n);
    return str_f64(s, &x).code == OK ? json_real(x) : NULL;
}

static err field_edit(struct req *q, json_t *def, str id)
{
    static const char *const flags[] = {"required", "filter", "private", NULL}, *const numbers[] = {"min", "max", "max_length", NULL};
    arena *mem = q->mem;
    const struct field_type *type = field_type_named(field(q, "type"));
    if (!type) return FAIL_AT(E_INVALID, "editor.type_missing", "type");
    TRY(kind_edit_field_text(mem, def, id, "label", LANG_FR, str_trim(field(q, "label"))));
    TRY(kind_edit_field_text(mem, def, id, "label", LANG_EN, str_trim(field(q, "label_en"))));
    TRY(kind_edit_field_text(mem, def, id, "help", LANG_FR, str_trim(field(q, "help"))));
    TRY(kind_edit_field_type(mem, def, id, field(q, "type")));
    if (!type->holds_value) return NO_ERR;
    for (size_t i = 0; flags[i]; i++) TRY(kind_edit_field_set(mem, def, id, flags[i], field_has(q, flags[i]) ? json_true() : NULL));
    for (size_t i = 0; numbers[i]; i++) {
        str typed = str_trim(field(q, numbers[i]));
        json_t *n = typed.n ? number_value(typed) : NULL;
        if (typed.n && !n) return FAIL_AT(E_INVALID, "editor.number_bad", numbers[i]);
        TRY(kind_edit_field_set(mem, def, id, numbers[i], n ? json_own(mem, n) : NULL));
    }
    str when = str_trim(field(q, "when"));
    return kind_edit_field_set(mem, def, id, "when", when.n ? json_own(mem, json_from_str(when)) : NULL);
}

static err question_edit(struct req *q, json_t *def, str what)
{
    str id = param(q, "id"), option = field(q, "option"), label = str_trim(field(q, "label")), out;
    if (str_is(what, "save")) return field_edit(q, def, id);
    if (str_is(what, "option_up")) return kind_edit_option_move(q->mem, def, id, option, -1);
    if (str_is(what, "option_down")) return kind_edit_option_move(q->mem, def, id, option, 1);
    if (str_is(what, "option_retire")) return kind_edit_option_retire(q->mem, def, id, option, true);
    if (str_is(what, "option_back")) return kind_edit_option_retire(q->mem, def, id, option, false);
    if (!label.n) return FAIL_AT(E_INVALID, "editor.label_missing", "label");
    if (str_is(what, "option")) return kind_edit_option_text(q->mem, def, id, option, LANG_FR, label);
    if (str_is(what, "option_add")) return kind_edit_option_add(q->mem, def, id, label, &out);
    return FAIL(E_INVALID, "editor.no_act");
}

static err post_field(struct req *q)
{
    struct kind_row row;
    struct page_field p = {0};
    TRY(row_asked(q, &row));
    str what = field(q, "do");
    err e = draft_write(q, &row, question_edit, what);
    if (e.code == OK) {
        TRY(audit_note(q->db, q->who->account, "kind.change", 0, row.name, clock_now_us()));
        if (str_is(what, "save")) return reply_redirect(q, str_fmt(q->mem, "/admin/demarches/%.*s?fait=1#f-%.*s", STR_ARG(row.name), STR_ARG(param(q, "id"))));
        return reply_redirect(q, url_str(URL(q->mem, "/admin/demarches/{}/questions/{}", row.name, param(q, "id"))));
    }
    if (e.code != E_INVALID && e.code != E_CONFLICT) return e;
    fault(q, &p.faults, e, e.at ? e.at : "faults");
    TRY(kind_row_get(q->db, q->mem, row.name, &row));
    return field_page(q, &row, &p, e.code == E_CONFLICT ? 409 : 422);
}

const struct route editor_routes[] = {
    {GET, "/admin/demarches", RIGHT_MANAGER, get_kinds, "procedures of the town", 0, NULL, NULL},
    {POST, "/admin/demarches", RIGHT_MANAGER, post_kinds, "makes a procedure", 0, NULL, NULL},
    {GET, "/admin/demarches/:name", RIGHT_MANAGER, get_editor, "the draft revision of a procedure", 0, NULL, NULL},
    {POST, "/admin/demarches/:name", RIGHT_MANAGER, post_editor, "one act on it: add, move, remove, texts, publish, close", 0, NULL, NULL},
    {GET, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, get_field, "one question", 0, NULL, NULL},
    {POST, "/admin/demarches/:name/questions/:id", RIGHT_MANAGER, post_field, "changes a question or its options", 0, NULL, NULL},
    {0}};
