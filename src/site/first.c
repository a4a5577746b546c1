/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A town's first page: eleven inputs, filled with what is known. Left at any time, taken up again; then the town is open. */
#include <pthread.h>

#include "base/id.h"
#include "core/account.h"
#include "core/audit.h"
#include "core/receipt.h"
#include "core/returns.h"
#include "formats/json.h"
#include "gen/html/site/first.html.h"
#include "gen/html/site/first_done.html.h"
#include "pages/app.h"
#include "process/courier.h"
#include "process/mail_compose.h"
#include "site/admin.h"
#include "site/site.h"
#include "view/colors.h"
#include "web/req.h"

#define COLOR_ACTION "#1b4b8f"          /* of web/beffroi.css */
#define COLOR_ACCENT "#1a1c20"

static const struct { const char *input, *path; size_t at; bool of_body; const char *shipped; } inputs[] = {
    {"action", "colors.action", offsetof(struct page_first, action), false, COLOR_ACTION}, {"accent", "colors.accent", offsetof(struct page_first, accent), false, COLOR_ACCENT},
    {"address", "service.postal_address", offsetof(struct page_first, address), true}, {"mail", "service.mail", offsetof(struct page_first, mail), true},
    {"phone", "service.phone", offsetof(struct page_first, phone), true}, {"hours", "service.hours", offsetof(struct page_first, hours), true},
    {"dpo", "personal_data.contact", offsetof(struct page_first, dpo), true}, {"sender", "mail.from", offsetof(struct page_first, sender), false}};
#define INPUTS (sizeof inputs / sizeof *inputs)
static const char *const first_choices[] = {"ecrire-mairie", "documents-administratifs", NULL};         /* any town may offer them as they are */

static str *value_of(struct page_first *p, size_t i) { return (str *)(void *)((char *)p + inputs[i].at); }

static const struct body *body_of(const struct req *q) { return q->tenant->bodies.n ? &q->tenant->bodies.v[0] : NULL; }

static bool is_open(const struct tenant *t) { return json_bool(json_object_get(t->settings, "first_start"), "open", false); }

bool first_start_open(const struct tenant *t) { return is_open(t); }

/* ---- filled with what is known ---- */
static void saved_fill(struct req *q, struct page_first *p)
{
    const struct body *b = body_of(q);
    p->name = q->tenant->name;
    for (size_t i = 0; i < INPUTS; i++) *value_of(p, i) = json_text(json_path(inputs[i].of_body ? (b ? b->settings : NULL) : q->tenant->settings, inputs[i].path));
    if (!p->action.n) p->action = S(COLOR_ACTION);
    if (!p->accent.n) p->accent = S(COLOR_ACCENT);
    if (!p->sender.n && str_find(q->app->settings.mail_from, S("@localhost")) < 0) p->sender = q->app->settings.mail_from;
}

static bool is_among(const struct strs *list, str one)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i], one)) return true;
    return false;
}

/* Those kept from the last time; else those there are; else what any town may offer. */
static err chosen_fill(struct req *q, struct strs *out)
{
    struct kind_rows rows;
    json_t *kept = json_path(q->tenant->settings, "first_start.procedures"), *one;
    size_t n;
    json_array_foreach(kept, n, one) PUSH(q->mem, out, json_text(one));
    if (kept) return NO_ERR;
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(q->mem, out, rows.v[i].name);
    for (size_t i = 0; !rows.n && first_choices[i]; i++) PUSH(q->mem, out, str_of(first_choices[i]));
    return NO_ERR;
}

static err first_page(struct req *q, struct page_first *p, const struct strs *chosen, int status)
{
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *definition;
        struct kind *k;
        TRY(kind_library_get(q->mem, *name, &definition));
        TRY(kind_parse_any(q->mem, definition, &k));
        PUSH(q->mem, &p->procedures, (struct choice){.value = str_of(*name), .label = text_in(&k->title, q->lang), .hint = text_in(&k->description, q->lang), .is_chosen = is_among(chosen, str_of(*name))});
    }
    p->logo = town_logo(q->mem, q->tenant);
    p->to = q->who->email;
    p->credit = json_text(json_path(q->tenant->settings, "territory.credit"));
    admin_desk(&p->l);
    p->l.scripts = SCRIPT_FORM;
    p->l.status = status;
    reply_private(q);
    return page_first(q, p);
}

static err get_first(struct req *q)
{
    struct page_first p = {0};
    struct strs chosen = {0};
    saved_fill(q, &p);
    TRY(chosen_fill(q, &chosen));
    return first_page(q, &p, &chosen, 200);
}

/* ---- a test mail: sent at once, one at a time, and what became of it ---- */
static struct { void (*fn)(void *, bool); void *arg; } hook;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void first_on_wait(void (*fn)(void *arg, bool waits), void *arg)
{
    hook.fn = fn;
    hook.arg = arg;
}

static err test_send(struct req *q, str from, struct delivery *out)
{
    str id = id_text(q->mem, id_new());
    struct mail m = {.message_id = id, .date_us = clock_now_us(), .from = from, .from_name = q->tenant->name, .to = q->who->email,
                     .envelope = return_address(q->mem, q->app->settings.bounce_address, id), .subject = words(q->lang, W("first.test_subject")),
                     .text = words_fill(q->mem, q->lang, W("first.test_text"), "town", q->tenant->name, NULL)};
    if (!q->app->courier || pthread_mutex_trylock(&one_at_a_time) != 0) return FAIL(E_BUSY, W("process.busy"));
    if (hook.fn) hook.fn(hook.arg, true);
    err e = courier_send_mail(q->app->courier, q->mem, &m, out);
    if (hook.fn) hook.fn(hook.arg, false);
    pthread_mutex_unlock(&one_at_a_time);
    return e;
}

static err test_try(struct req *q, struct page_first *p)
{
    struct delivery d = {0};
    TRY(limit_take_for(q, "test_mail", q->who->email, 6, 6));
    err e = test_send(q, p->sender, &d);
    bool sent = e.code == OK && d.class == DELIVERY_SENT, to_file = sent && !q->app->settings.smtp_url.n;
    const char *said = to_file ? W("first.test_file") : sent ? W("first.test_sent") : W("first.test_failed");
    str why = words(q->lang, e.code != OK ? e.msg : mail_reason(d.text)->key);
    p->tried = words_fill(q->mem, q->lang, said, "to", q->who->email, "why", why, NULL);
    p->tried_said = to_file ? STR_NONE : d.text;
    p->tried_tone = to_file ? S("warn") : sent ? S("done") : S("danger");
    return NO_ERR;
}

/* ---- taken ---- */
static void typed_fill(struct req *q, struct page_first *p)
{
    p->name = str_trim(field(q, "name"));
    for (size_t i = 0; i < INPUTS; i++) *value_of(p, i) = str_trim(field(q, inputs[i].input));
}

static void faults_find(struct req *q, struct page_first *p, bool opens)
{
    static const struct { const char *input, *key; size_t at; } needed[] = {
        {"address", W("kind.lack.postal_address"), offsetof(struct page_first, address)}, {"mail", W("kind.lack.mail"), offsetof(struct page_first, mail)},
        {"phone", W("kind.lack.phone"), offsetof(struct page_first, phone)}, {"sender", W("first.sender_missing"), offsetof(struct page_first, sender)}};
    buf style = BUF(4096);
    err colors = town_style(&style, p->action, p->accent);
    buf_free(&style);
    if (!p->name.n) admin_fault(q, &p->faults, W("admin.name_missing"), "name");
    if (colors.code != OK) admin_fault(q, &p->faults, colors.msg, colors.at);
    for (size_t i = 0; opens && i < sizeof needed / sizeof *needed; i++)
        if (!((str *)(void *)((char *)p + needed[i].at))->n) admin_fault(q, &p->faults, needed[i].key, needed[i].input);
    if (p->mail.n && !account_email_good(p->mail)) admin_fault(q, &p->faults, W("account.email_bad"), "mail");
    if (p->sender.n && !mail_address_ok(p->sender)) admin_fault(q, &p->faults, W("account.email_bad"), "sender");
}

static json_t *given(str value) { return value.n ? json_from_str(value) : NULL; }

/* What was typed, over what there is. */
static void changed_make(struct req *q, const struct page_first *p, const struct strs *chosen, bool opens, struct tenant *t, struct body *b)
{
    json_t *names = json_array();
    t->name = p->name;
    if (str_eq(b->name, q->tenant->name)) b->name = p->name;
    t->settings = json_own(q->mem, json_deep_copy(q->tenant->settings));
    b->settings = json_own(q->mem, json_is_object(b->settings) ? json_deep_copy(b->settings) : json_object());
    for (size_t i = 0; i < INPUTS; i++) {
        str v = *value_of((struct page_first *)(uintptr_t)p, i);
        bool as_shipped = inputs[i].shipped && str_is(v, inputs[i].shipped);
        setting_put(q->mem, inputs[i].of_body ? b->settings : t->settings, inputs[i].path, as_shipped ? NULL : given(v));
    }
    if (!json_text(json_path(b->settings, "service.name")).n)
        setting_put(q->mem, b->settings, "service.name", json_from_str(words(LANG_FR, str_is(b->kind, "commune") ? W("first.service_town") : W("first.service"))));
    for (size_t i = 0; i < chosen->n; i++) json_array_append_new(names, json_from_str(chosen->v[i]));
    setting_put(q->mem, t->settings, "first_start.procedures", names);
    setting_put(q->mem, t->settings, "first_start.open", json_boolean(is_open(q->tenant) && !opens));
}

/* Those chosen that are not there come from the library; what lacks nothing is published. */
static err procedures_open(struct req *q, const struct tenant *t, int64_t body, const struct strs *chosen)
{
    for (size_t i = 0; i < chosen->n; i++) {
        json_t *definition;
        struct kind_row row;
        enum kind_taken what;
        const struct kind *k;
        struct lacks lacks;
        err e = kind_library_get(q->mem, str_z(q->mem, chosen->v[i]), &definition);
        if (e.code == E_NOT_FOUND) continue;
        TRY(e);
        e = kind_row_get(q->db, q->mem, chosen->v[i], &row);
        if (e.code == E_NOT_FOUND) e = kind_take(q->db, q->mem, definition, body, &what, &row);
        TRY(e);
        if (row.status != KIND_DRAFT) continue;
        TRY(kind_draft_get(q->db, q->mem, row.name, &k));
        TRY(kind_lacks(q->db, t, q->mem, k, &row, &lacks));
        if (!lacks.n) TRY(kind_publish(q->db, t, q->mem, row.name, q->who->account));
    }
    return NO_ERR;
}

static err typed_save(struct req *q, struct page_first *p, const struct strs *chosen, bool opens)
{
    const struct body *was = body_of(q);
    struct tenant t = *q->tenant;
    struct body b = *was;
    changed_make(q, p, chosen, opens, &t, &b);
    TRY(admin_tenant_write(q, was, &b, &t));
    if (!opens) return reply_redirect(q, S("/admin"));
    t.bodies.v = NEW_N(q->mem, struct body, t.bodies.n);
    for (size_t i = 0; i < t.bodies.n; i++) t.bodies.v[i] = i ? q->tenant->bodies.v[i] : b;
    TRY(procedures_open(q, &t, b.id, chosen));
    TRY(audit_note(q->db, q->who->account, "town.open", 0, STR_NONE, clock_now_us()));
    return reply_redirect(q, S("/admin/premiers-pas/ouverte"));
}

/* A file leaves the browser's form each time it is sent: it is kept whichever button was pressed. */
static err logo_take(struct req *q, struct page_first *p)
{
    struct upload *u = upload(q, "logo", 0);
    struct tenant t = *q->tenant;
    json_t *logo;
    if (!u || !u->size_bytes) return NO_ERR;
    err e = admin_logo_read(q, &logo);
    if (e.code == E_INVALID) {
        admin_fault(q, &p->faults, e.msg, "logo");
        return NO_ERR;
    }
    TRY(e);
    t.settings = json_own(q->mem, json_deep_copy(q->tenant->settings));
    json_object_set(t.settings, "logo", logo);
    TRY(admin_tenant_write(q, NULL, NULL, &t));
    q->tenant = tenants_by_id(q->app->tenants, q->tenant_id);
    return NO_ERR;
}

static err post_first(struct req *q)
{
    struct page_first p = {0};
    struct strs chosen = {0};
    str what = field(q, "do");
    bool opens = str_is(what, "open");
    if (!body_of(q)) return FAIL(E_NOT_FOUND, W("command.no_body_yet"));
    typed_fill(q, &p);
    fields_all(q, "procedure", &chosen);
    TRY(logo_take(q, &p));
    faults_find(q, &p, opens);
    if (str_is(what, "test") && !p.sender.n) admin_fault(q, &p.faults, W("first.sender_missing"), "sender");
    if (p.faults.n) return first_page(q, &p, &chosen, 422);
    if (str_is(what, "test")) TRY(test_try(q, &p));
    if (str_is(what, "test") || str_is(what, "look")) {
        p.l.town_style = URL(q->mem, "/style/ville.css?action={}&accent={}", p.action, p.accent);
        return first_page(q, &p, &chosen, 200);
    }
    return typed_save(q, &p, &chosen, opens);
}

/* ---- the town is open ---- */
static str to_check_of(const struct req *q, const struct kind *k) { return kind_setting_text(k, NULL, 0, "to_check", q->lang); }

static err done_row(struct req *q, const struct kind_row *r, struct page_first_done *p)
{
    struct first_kind one = {.title = r->title, .edit = URL(q->mem, "/admin/demarches/{}", r->name)};
    const struct kind *k;
    struct lacks lacks;
    if (r->status == KIND_PUBLISHED) {
        TRY(kinds_get(q->app->kinds, q->db, r->name, r->revision, &k));
        one.at = URL(q->mem, "/demarches/{}", r->slug);
        one.to_check = to_check_of(q, k);
        PUSH(q->mem, &p->live, one);
        return NO_ERR;
    }
    TRY(kind_draft_get(q->db, q->mem, r->name, &k));            /* drafts of a first day: few */
    TRY(kind_lacks(q->db, q->tenant, q->mem, k, r, &lacks));
    for (size_t i = 0; i < lacks.n; i++) {
        bool of_body = lacks.v[i].path && str_starts(str_of(lacks.v[i].path), S("service."));
        PUSH(q->mem, &one.lacks, (struct link){.label = lack_words(q->mem, q->lang, &lacks.v[i]), .at = of_body ? URL_LIT("/admin/premiers-pas") : one.edit});
    }
    PUSH(q->mem, &p->waiting, one);
    return NO_ERR;
}

static err get_done(struct req *q)
{
    static const struct { const char *label, *hint, *at; } next[] = {
        {W("staff.title"), W("first.next_staff"), "/admin/comptes/importer"}, {W("admin.teams"), W("first.next_teams"), "/admin/equipes"},
        {W("admin.settings"), W("first.next_legal"), "/admin/reglages"}, {W("library.title"), W("first.next_library"), "/admin/demarches/bibliotheque"},
        {W("state.title"), W("first.next_state"), "/admin/etat"}};
    struct page_first_done p = {0};
    struct kind_rows rows;
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i].status != KIND_CLOSED) TRY(done_row(q, &rows.v[i], &p));
    for (size_t i = 0; i < sizeof next / sizeof *next; i++)
        PUSH(q->mem, &p.next, (struct link){.label = words(q->lang, next[i].label), .hint = words(q->lang, next[i].hint), .at = url_web(str_of(next[i].at))});
    admin_desk(&p.l);
    return page_first_done(q, &p);
}

const struct route first_routes[] = {
    {GET, "/admin/premiers-pas", RIGHT_ADMIN, get_first, "a town's first page", 0, NULL, NULL},
    {POST, "/admin/premiers-pas", RIGHT_ADMIN, post_first, "tries a mail or colours; keeps; opens the town", ROUTE_FILES, NULL, NULL},
    {GET, "/admin/premiers-pas/ouverte", RIGHT_ADMIN, get_done, "the town is open, and what comes next", 0, NULL, NULL},
    {0}};
