/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The home page, legal pages, health. */
#include <string.h>

#include "base/said.h"
#include "core/kinds.h"
#include "core/rights.h"
#include "formats/json.h"
#include "gen/html/site/home.html.h"
#include "gen/html/site/prose.html.h"
#include "gen/html/view/styles.html.h"
#include "pages/app.h"
#include "view/colors.h"
#include "view/markdown.h"
#include "site/pages.h"
#include "site/site.h"
#include "site/source.h"
#include "version.h"
#include "web/server.h"

#define LISTED_MOST 8

static void tile(struct req *q, struct page_home *p, const char *label, const char *hint, const char *vignette, struct url at)
{
    PUSH(q->mem, &p->tiles, (struct door_tile){words(q->lang, label), words(q->lang, hint), str_of(vignette), at});
}

static err get_home(struct req *q)
{
    struct page_home p = {0};
    tile(q, &p, W("site.home.demarches"), W("site.home.demarches_hint"), "demarches", URL_LIT("/demarches"));
    tile(q, &p, W("site.home.dossiers"), W("site.home.dossiers_hint"), "dossiers", URL_LIT("/dossiers"));
    tile(q, &p, W("site.home.signaler"), W("site.home.signaler_hint"), "signaler", URL_LIT("/signaler"));
    struct kind_rows rows = {0};
    TRY(kind_rows_list(q->db, q->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n && p.procedures.n < LISTED_MOST; i++)         /* what can be done here and now */
        if (rows.v[i].status == KIND_PUBLISHED && rows.v[i].offer == OFFER_HERE) PUSH(q->mem, &p.procedures, (struct link){.label = kind_row_title(q->app->kinds, q->db, &rows.v[i], q->lang), .at = URL(q->mem, "/demarches/{}", rows.v[i].slug)});
    p.l.description = words_fill(q->mem, q->lang, W("site.home.description"), "town", q->tenant->name, NULL);
    reply_cache(q, TOPIC_KINDS, TOPIC_TENANT, NULL);
    return page_home(q, &p);
}

/* What the town says of itself, in Markdown. */
static str french(struct req *q, str s)
{
    return q->lang == LANG_FR || !s.n ? s : str_fmt(q->mem, MARKDOWN_FRENCH "%.*s" MARKDOWN_FRENCH_END, STR_ARG(s));
}

/* A body as it signs: name, address, telephone, mail, hours; a line each, in Markdown. */
static str signature(struct req *q, const struct body *b)
{
    const json_t *service = json_object_get(b->settings, "service");
    static const char *const keys[] = {"name", "postal_address", "phone", "mail", "hours"};
    struct strs lines = {0};
    PUSH(q->mem, &lines, str_fmt(q->mem, "**%.*s**", STR_ARG(french(q, b->name))));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        str s = str_join_lines(q->mem, json_str(service, keys[i]), S(", "));
        if (s.n) PUSH(q->mem, &lines, strcmp(keys[i], "phone") != 0 && strcmp(keys[i], "mail") != 0 ? french(q, s) : s);
    }
    return str_join(q->mem, lines, S("\\\n"));
}

/* The town's own words for this page, else the common ones with what its settings say. */
static err text_page(struct req *q, const char *title, const char *setting, const char *otherwise)
{
    const json_t *own = json_object_get(q->tenant->settings, setting), *legal = json_object_get(q->tenant->settings, "legal");
    struct strs bodies = {0}, officers = {0};
    for (size_t i = 0; i < q->tenant->bodies.n; i++) {
        const struct body *b = &q->tenant->bodies.v[i];
        str officer = json_text(json_path(b->settings, "personal_data.contact"));
        PUSH(q->mem, &bodies, signature(q, b));
        if (officer.n) PUSH(q->mem, &officers, str_fmt(q->mem, "- %.*s : %.*s", STR_ARG(french(q, b->name)), STR_ARG(officer)));
    }
    str unsaid = words(q->lang, W("site.unsaid")), director = json_str(legal, "director"), host = json_str(legal, "host");
    str text = json_is_string(own) ? said_in(str_of(json_string_value(own)), LANG_FR)
                                   : words_fill(q->mem, q->lang, otherwise, "town", q->tenant->name, "bodies", str_join(q->mem, bodies, S("\n\n")),
                                                "officers", officers.n ? str_join(q->mem, officers, S("\n")) : unsaid, "director", director.n ? french(q, director) : unsaid,
                                                "host", host.n ? french(q, host) : unsaid, "version", S(BEFFROI_VERSION), NULL);
    struct page_prose p = {.body = markdown_at(q->mem, text, 2), .gives_source = strcmp(setting, "source") == 0};
    p.l.title = words(q->lang, title);
    reply_cache(q, TOPIC_TENANT, NULL);
    return page_prose(q, &p);
}

static err get_accessibility(struct req *q) { return text_page(q, W("site.accessibility.title"), "accessibility", W("site.accessibility.text")); }
static err get_legal(struct req *q) { return text_page(q, W("site.legal.title"), "legal_notice", W("site.legal.text")); }
static err get_privacy(struct req *q) { return text_page(q, W("site.privacy.title"), "privacy", W("site.privacy.text")); }
static err get_source(struct req *q) { return text_page(q, W("site.source.title"), "source", W("site.source.text")); }

static err get_source_archive(struct req *q)
{
    reply_attachment(q, S("beffroi-" BEFFROI_VERSION ".tar.gz"));
    return reply_static(q, 200, "application/gzip", source_archive());
}

/* The town's two colours over the common sheet. */
static err get_town_style(struct req *q)
{
    str action = query(q, "action"), accent = query(q, "accent");         /* tried before they are kept */
    buf *b = reply_buf(q, 200, "text/css; charset=utf-8");
    if (action.n || accent.n) return town_style(b, action, accent);
    reply_cache(q, TOPIC_TENANT, NULL);
    return town_style(b, json_text(json_path(q->tenant->settings, "colors.action")), json_text(json_path(q->tenant->settings, "colors.accent")));
}

/* Every component, for those who write pages. */
static err get_styles(struct req *q)
{
    struct page_styles *p = NEW(q->mem, struct page_styles);
    styles_sample(q->mem, q->lang, p);
    return page_styles(q, p);
}

static err get_styles_suggest(struct req *q)
{
    return reply_json(q, 200, S("[{\"id\":\"88160\",\"label\":\"\\u00c9pinal (88000)\",\"hint\":\"Vosges\"},{\"id\":\"88383\",\"label\":\"Renauvoid (88390)\",\"hint\":\"Vosges\"}]"));
}

static struct server *the_server;
void site_server_set(struct server *s) { the_server = s; }

static err get_health(struct req *q)
{
    db *d = NULL;
    int64_t now;
    err e = store_read(q->app->store, 0, &d);
    if (e.code == OK) {
        e = db_now_us(d, &now);
        db_done(d);
    }
    return e.code == OK ? reply_text(q, 200, S("ok\n")) : reply_text(q, 503, S("store\n"));
}

static err get_metrics(struct req *q)
{
    buf *b = reply_buf(q, 200, "text/plain; version=0.0.4");
    struct store_stats s;
    if (the_server) metrics_write(the_server, b);
    store_stats(q->app->store, &s);
    buf_fmt(b, "# TYPE beffroi_store_statements_total counter\nbeffroi_store_statements_total %lld\n", (long long)s.statements);
    buf_fmt(b, "# TYPE beffroi_store_transactions_total counter\nbeffroi_store_transactions_total %lld\n", (long long)s.txns);
    buf_fmt(b, "# TYPE beffroi_store_transaction_retries_total counter\nbeffroi_store_transaction_retries_total %lld\n", (long long)s.txn_retries);
    buf_fmt(b, "# TYPE beffroi_store_groups_total counter\nbeffroi_store_groups_total %lld\n", (long long)s.groups);
    return NO_ERR;
}

const struct route home_routes[] = {
    {GET, "/", RIGHT_PUBLIC, get_home, "the home page", 0, NULL, NULL},
    {GET, "/accessibilite", RIGHT_PUBLIC, get_accessibility, "accessibility statement", 0, NULL, NULL},
    {GET, "/mentions-legales", RIGHT_PUBLIC, get_legal, "legal notice", 0, NULL, NULL},
    {GET, "/donnees-personnelles", RIGHT_PUBLIC, get_privacy, "personal data", 0, NULL, NULL},
    {GET, "/style/ville.css", RIGHT_PUBLIC, get_town_style, "the town's two colours", 0, NULL, NULL},
    {GET, "/styles", RIGHT_PUBLIC, get_styles, "every component of the pages, in its states", 0, NULL, NULL},
    {GET, "/styles/suggest", RIGHT_PUBLIC, get_styles_suggest, "sample suggestions for /styles", ROUTE_API, NULL, NULL},
    {GET, "/source", RIGHT_PUBLIC, get_source, "where the source of the running version is (AGPL §13)", 0, NULL, NULL},
    {GET, "/source/beffroi.tar.gz", RIGHT_PUBLIC, get_source_archive, "the source of the running version", ROUTE_API, NULL, NULL},
    {0}};

const struct route health_routes[] = {
    {GET, "/healthz", RIGHT_PUBLIC, get_health, "200 when the store answers", ROUTE_ANY_HOST | ROUTE_API, NULL, NULL},
    {GET, "/metrics", RIGHT_LOOPBACK, get_metrics, "figures in Prometheus text, for this machine only", ROUTE_ANY_HOST | ROUTE_API, NULL, NULL},
    {0}};
