/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bodies, the settings of the town, its logo: plain forms. */
#include "base/said.h"
#include "base/hash.h"
#include "base/id.h"
#include "core/audit.h"
#include "core/secret.h"
#include "formats/json.h"
#include "gen/html/site/bodies.html.h"
#include "gen/html/site/body.html.h"
#include "gen/html/site/settings.html.h"
#include "pages/app.h"
#include "process/converter.h"
#include "site/admin.h"
#include "store/change.h"
#include "view/colors.h"
#include "web/req.h"

#define LOGO_MOST_BYTES (5 << 20)

/* ---- bodies ---- */
static const struct { const char *kind, *key; } body_kinds[] = {{"commune", W("admin.body.commune")}, {"epci", W("admin.body.epci")}, {"ccas", W("admin.body.ccas")},
                                                                {"syndicat", W("admin.body.syndicat")}};

static str kind_said(struct req *q, str kind)
{
    for (size_t i = 0; i < sizeof body_kinds / sizeof *body_kinds; i++)
        if (str_is(kind, body_kinds[i].kind)) return words(q->lang, body_kinds[i].key);
    return words(q->lang, W("admin.body.other"));
}

static err bodies_page(struct req *q, struct page_bodies *p, str kind, int status)
{
    for (size_t i = 0; i < q->tenant->bodies.n; i++) {
        const struct body *b = &q->tenant->bodies.v[i];
        PUSH(q->mem, &p->rows, (struct body_line){b->name, kind_said(q, b->kind), b->insee, URL(q->mem, "/admin/collectivites/{}", id_text(q->mem, b->id))});
    }
    for (size_t i = 0; i < sizeof body_kinds / sizeof *body_kinds; i++)
        PUSH(q->mem, &p->kinds, (struct choice){.value = str_of(body_kinds[i].kind), .label = words(q->lang, body_kinds[i].key), .is_chosen = str_is(kind, body_kinds[i].kind)});
    p->credit = json_text(json_path(q->tenant->settings, "territory.credit"));
    admin_desk(&p->l);
    p->l.status = status;
    return page_bodies(q, p);
}

static err get_bodies(struct req *q)
{
    struct page_bodies p = {0};
    return bodies_page(q, &p, STR_NONE, 200);
}

static const struct { const char *input, *path; size_t at; } body_settings[] = {
    {"service", "service.name", offsetof(struct page_body, service)}, {"address", "service.postal_address", offsetof(struct page_body, address)},
    {"mail", "service.mail", offsetof(struct page_body, mail)}, {"phone", "service.phone", offsetof(struct page_body, phone)},
    {"hours", "service.hours", offsetof(struct page_body, hours)},
    {"article", "silence.article", offsetof(struct page_body, article)}, {"appeal", "appeal.text", offsetof(struct page_body, appeal)},
    {"purpose", "personal_data.purpose", offsetof(struct page_body, purpose)}, {"pd_basis", "personal_data.legal_basis", offsetof(struct page_body, pd_basis)},
    {"recipients", "personal_data.recipients", offsetof(struct page_body, recipients)}, {"retention", "personal_data.retention", offsetof(struct page_body, retention)},
    {"dpo", "personal_data.contact", offsetof(struct page_body, dpo)},
    {"webhook", "webhook.url", offsetof(struct page_body, webhook)}};

static err body_asked(struct req *q, const struct body **out)
{
    int64_t id;
    TRY(param_id(q, "id", &id));
    *out = tenant_body_exact(q->tenant, id);
    return *out ? NO_ERR : FAIL(E_NOT_FOUND, "rights.not_found");
}

static err body_page(struct req *q, const struct body *b, struct page_body *p, int status)
{
    p->name = b->name;
    p->siren = b->siren;
    p->insee = b->insee;
    for (size_t i = 0; i < sizeof body_settings / sizeof *body_settings; i++)
        *(str *)((char *)p + body_settings[i].at) = said_in(json_text(json_path(b->settings, body_settings[i].path)), LANG_FR);
    means_choices(q, json_text(json_path(b->settings, "silence.means")), &p->means);
    span_draw(q, &p->after, W("admin.silence_after"), json_text(json_path(b->settings, "silence.after")), true);
    p->action = URL(q->mem, "/admin/collectivites/{}", id_text(q->mem, b->id));
    p->l.title = b->name;
    admin_desk(&p->l);
    p->l.status = status;
    return page_body(q, p);
}

static err get_body(struct req *q)
{
    const struct body *b;
    struct page_body p = {0};
    TRY(body_asked(q, &b));
    return body_page(q, b, &p, 200);
}

static json_t *given(str value) { return value.n ? json_from_str(value) : NULL; }

struct tenant_change { struct req *q; const struct body *body_was, *body, *added; const struct tenant *tenant; };
static err tenant_in_txn(db *w, void *arg)
{
    struct tenant_change *x = arg;
    if (x->body) TRY(body_change(w, x->body_was, x->body));
    if (x->added) TRY(body_add(w, x->added, &(int64_t){0}));
    if (x->tenant) TRY(tenant_change(w, x->q->tenant, x->tenant));
    TRY(change_bump(w, S(TOPIC_TENANT)));
    return change_bump(w, S(TOPIC_KINDS));
}

err admin_tenant_write(struct req *q, const struct body *was, const struct body *b, const struct tenant *t)
{
    TRY(db_txn(q->db, tenant_in_txn, &(struct tenant_change){.q = q, .body_was = was, .body = b, .tenant = t}));
    tenants_changed(q->app->tenants);
    return audit_note(q->db, q->who->account, b ? "body.change" : "settings.change", b ? b->id : 0, STR_NONE, clock_now_us());
}

static err post_bodies(struct req *q)
{
    struct page_bodies p = {.name = str_trim(field(q, "name")), .insee = str_trim(field(q, "insee"))};
    struct body b = {.id = id_new(), .name = p.name, .kind = field(q, "kind"), .insee = p.insee, .settings = json_own(q->mem, json_object())};
    bool known = false;
    for (size_t i = 0; i < sizeof body_kinds / sizeof *body_kinds; i++) known |= str_is(b.kind, body_kinds[i].kind);
    if (!p.name.n) admin_fault(q, &p.faults, W("admin.name_missing"), "name");
    if (!known) admin_fault(q, &p.faults, W("admin.body.kind_missing"), "kind");
    if (p.faults.n) return bodies_page(q, &p, b.kind, 422);
    TRY(db_txn(q->db, tenant_in_txn, &(struct tenant_change){.q = q, .added = &b}));
    tenants_changed(q->app->tenants);
    TRY(audit_note(q->db, q->who->account, "body.add", b.id, STR_NONE, clock_now_us()));
    return reply_redirect(q, url_str(URL(q->mem, "/admin/collectivites/{}", id_text(q->mem, b.id))));
}

static bool hook_allowed(struct req *q, str url)
{
    return str_starts(url, S("https://")) || (q->app->settings.private_addresses && str_starts(url, S("http://")));
}

/* The address of the webhook is new: its secret is shown, this once. */
static err hook_shown(struct req *q, const struct body *b, str hook)
{
    struct page_body p = {.webhook_secret = webhook_secret(q->mem, q->tenant->id, hook)};
    reply_private(q);
    return body_page(q, b, &p, 200);
}

static err post_body(struct req *q)
{
    const struct body *was;
    struct page_body p = {0};
    TRY(body_asked(q, &was));
    struct body b = *was;
    b.settings = json_own(q->mem, json_deep_copy(was->settings));
    b.name = str_trim(field(q, "name"));
    b.siren = str_trim(field(q, "siren"));
    b.insee = str_trim(field(q, "insee"));
    for (size_t i = 0; i < sizeof body_settings / sizeof *body_settings; i++)
        setting_put(q->mem, b.settings, body_settings[i].path, given(str_trim(field(q, body_settings[i].input))));
    setting_put(q->mem, b.settings, "silence.means", given(field(q, "means")));
    str after;
    err e = span_given(q, "after", &after);
    setting_put(q->mem, b.settings, "silence.after", given(e.code == OK ? after : str_trim(field(q, "after"))));
    if (!b.name.n) admin_fault(q, &p.faults, W("admin.name_missing"), "name");
    if (e.code != OK) admin_fault(q, &p.faults, e.msg, e.at);
    str hook = json_text(json_path(b.settings, "webhook.url"));
    if (hook.n && !hook_allowed(q, hook)) admin_fault(q, &p.faults, W("admin.webhook_bad"), "webhook");
    if (p.faults.n) return body_page(q, &b, &p, 422);
    TRY(admin_tenant_write(q, was, &b, NULL));
    if (hook.n && !str_eq(hook, json_text(json_path(was->settings, "webhook.url")))) return hook_shown(q, &b, hook);
    return reply_redirect(q, S("/admin/collectivites"));
}

static err settings_page(struct req *q, struct page_settings *p, int status)
{
    p->logo = town_logo(q->mem, q->tenant);
    admin_desk(&p->l);
    p->l.status = status;
    return page_settings(q, p);
}

static const struct setting_input { const char *input, *path; size_t at; } town_settings[] = {
    {"address", "address", offsetof(struct page_settings, address)}, {"tiles", "map.tiles", offsetof(struct page_settings, tiles)},
    {"action", "colors.action", offsetof(struct page_settings, action)}, {"accent", "colors.accent", offsetof(struct page_settings, accent)},
    {"director", "legal.director", offsetof(struct page_settings, director)}, {"host", "legal.host", offsetof(struct page_settings, host)},
    {"legal", "legal_notice", offsetof(struct page_settings, legal)}, {"privacy", "privacy", offsetof(struct page_settings, privacy)}};

static str *setting_of(struct page_settings *p, const struct setting_input *s) { return (str *)((char *)p + s->at); }

static void settings_fill(struct req *q, struct page_settings *p)
{
    p->name = q->tenant->name;
    for (size_t i = 0; i < sizeof town_settings / sizeof *town_settings; i++)
        *setting_of(p, &town_settings[i]) = said_in(json_text(json_path(q->tenant->settings, town_settings[i].path)), LANG_FR);
}

static err get_settings(struct req *q)
{
    struct page_settings p = {0};
    settings_fill(q, &p);
    return settings_page(q, &p, 200);
}

static void settings_faults(struct req *q, struct page_settings *p)
{
    buf style = BUF(4096);
    err colors = town_style(&style, p->action, p->accent);
    buf_free(&style);
    if (colors.code != OK) admin_fault(q, &p->faults, colors.msg, colors.at);
    if (!p->name.n) admin_fault(q, &p->faults, W("admin.name_missing"), "name");
    if (p->address.n && !str_starts(p->address, S("https://")) && !str_starts(p->address, S("http://"))) admin_fault(q, &p->faults, W("admin.address_bad"), "address");
    if (p->tiles.n && (!str_starts(p->tiles, S("https://")) || str_find(p->tiles, S("{z}")) < 0)) admin_fault(q, &p->faults, W("admin.tiles_bad"), "tiles");
}

static err post_settings(struct req *q)
{
    struct page_settings p = {.name = str_trim(field(q, "name"))};
    struct tenant t = *q->tenant;
    t.name = p.name;
    t.settings = json_own(q->mem, json_deep_copy(q->tenant->settings));
    for (size_t i = 0; i < sizeof town_settings / sizeof *town_settings; i++) {
        *setting_of(&p, &town_settings[i]) = str_trim(field(q, town_settings[i].input));
        setting_put(q->mem, t.settings, town_settings[i].path, given(*setting_of(&p, &town_settings[i])));
    }
    settings_faults(q, &p);
    if (p.faults.n) return settings_page(q, &p, 422);
    TRY(admin_tenant_write(q, NULL, NULL, &t));
    return reply_redirect(q, S("/admin"));
}

/* ---- the logo: a picture made anew by the converter, small enough to stay in the settings ---- */
static const struct image_wish image_logo = {IMAGE_WEBP, 168, 85, 16 << 10};

struct url town_logo(arena *mem, const struct tenant *t)
{
    str name = json_text(json_path(t->settings, "logo.name"));
    return name.n ? URL(mem, "/logo/{}", name) : (struct url){0};
}

static err get_logo(struct req *q)
{
    str bytes, name = json_text(json_path(q->tenant->settings, "logo.name"));
    if (!name.n || !str_eq(name, param(q, "name")) || base64url_parse(q->mem, json_text(json_path(q->tenant->settings, "logo.bytes")), &bytes).code != OK)
        return FAIL(E_NOT_FOUND, "rights.not_found");
    buf *b = reply_buf(q, 200, "image/webp");
    buf_put(b, bytes);
    reply_cache(q, TOPIC_TENANT, NULL);
    return NO_ERR;
}

err admin_upload_bytes(struct req *q, struct upload *u, int64_t most, str *out)
{
    struct blob_reader *r;
    size_t n = 0, got = 1;
    if (u->size_bytes > most) return FAIL(E_INVALID, "image.too_large");
    TRY(upload_keep(q, u));
    char *p = arena_alloc(q->mem, (size_t)u->size_bytes + 1);
    err e = blob_read_start(q->app->blobs, q->tenant->id, &u->ref, &r);
    if (e.code == OK) {
        while (e.code == OK && got && n < (size_t)u->size_bytes) {
            e = blob_read(r, (int64_t)n, p + n, (size_t)u->size_bytes - n, &got);
            n += got;
        }
        blob_read_end(r);
    }
    *out = (str){p, n};
    err gone = blob_remove(q->app->blobs, q->tenant->id, u->ref.name);
    return e.code != OK ? e : gone;
}

err admin_logo_read(struct req *q, json_t **out)
{
    struct upload *u = upload(q, "logo", 0);
    struct image image;
    str bytes;
    if (!u || !u->size_bytes) return FAIL(E_INVALID, "admin.logo_missing");
    TRY(admin_upload_bytes(q, u, LOGO_MOST_BYTES, &bytes));
    if (!q->app->converter) return FAIL(E_BUSY, "process.busy");
    TRY(converter_image(q->app->converter, q->mem, bytes, image_logo, &image));
    struct hash32 h = hash_blake2b(image.bytes);
    *out = json_own(q->mem, json_object());
    json_put_str(*out, "name", hex_of(q->mem, h.b, 8));
    json_put_str(*out, "bytes", base64url_of(q->mem, image.bytes.p, image.bytes.n));
    return NO_ERR;
}

static err post_logo(struct req *q)
{
    struct tenant t = *q->tenant;
    json_t *logo = NULL;
    t.settings = json_own(q->mem, json_deep_copy(q->tenant->settings));
    err e = str_is(field(q, "do"), "remove") ? NO_ERR : admin_logo_read(q, &logo);
    if (e.code == E_INVALID) {
        struct page_settings p = {0};
        settings_fill(q, &p);
        admin_fault(q, &p.faults, e.msg, "logo");
        return settings_page(q, &p, 422);
    }
    TRY(e);
    if (logo) json_object_set(t.settings, "logo", logo);
    else json_object_del(t.settings, "logo");
    TRY(admin_tenant_write(q, NULL, NULL, &t));
    return reply_redirect(q, S("/admin/reglages"));
}

const struct route admin_town_routes[] = {
    {GET, "/admin/collectivites", RIGHT_ADMIN, get_bodies, "bodies of this platform", 0, NULL, NULL},
    {GET, "/admin/collectivites/:id", RIGHT_ADMIN, get_body, "one body and its defaults", 0, NULL, NULL},
    {POST, "/admin/collectivites/:id", RIGHT_ADMIN, post_body, "changes a body", 0, NULL, NULL},
    {GET, "/admin/reglages", RIGHT_ADMIN, get_settings, "settings of the town", 0, NULL, NULL},
    {POST, "/admin/reglages", RIGHT_ADMIN, post_settings, "changes the settings", 0, NULL, NULL},
    {POST, "/admin/collectivites", RIGHT_ADMIN, post_bodies, "adds a body", 0, NULL, NULL},
    {POST, "/admin/reglages/logo", RIGHT_ADMIN, post_logo, "the town's logo: put, or taken away", ROUTE_FILES, NULL, NULL},
    {GET, "/logo/:name", RIGHT_PUBLIC, get_logo, "the town's logo", 0, NULL, NULL},
    {0}};
