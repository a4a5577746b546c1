/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/rights.h"
#include "formats/json.h"
#include "core/secret.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/site.h"
#include "version.h"
#include "view/page.h"
#include "web/req.h"

static void nav_add(struct req *q, struct layout *l, const char *key, struct url at)
{
    PUSH(q->mem, &l->nav, (struct nav_item){words(q->lang, key), at, false});
}

/* The entry whose address begins the path; the longest, since /agents begins /agents/guichet. */
static void nav_mark(struct req *q, struct layout *l)
{
    struct nav_item *best = NULL;
    for (size_t i = 0; i < l->nav.n; i++)
        if (str_starts(q->path, url_str(l->nav.v[i].at)) && (!best || l->nav.v[i].at.n > best->at.n)) best = &l->nav.v[i];
    if (best) best->is_current = true;
}

static void contact(struct req *q, struct layout *l, const struct tenant *t)
{
    const json_t *service = t->bodies.n ? json_object_get(t->bodies.v[0].settings, "service") : NULL;
    l->contact_name = json_str(service, "name");
    l->contact_address = str_join_lines(q->mem, json_str(service, "postal_address"), S(", "));
    l->contact_phone = json_str(service, "phone");
    l->contact_hours = json_str(service, "hours");
}

/* What the town calls itself and its services is in French, wherever the page shows it. */
static void said_by_town(const struct tenant *t)
{
    static const char *const of_service[] = {"name", "postal_address", "hours"};
    said_in(t->name, LANG_FR);
    for (size_t i = 0; i < t->bodies.n; i++) {
        const json_t *service = json_object_get(t->bodies.v[i].settings, "service");
        said_in(t->bodies.v[i].name, LANG_FR);
        for (size_t j = 0; j < sizeof of_service / sizeof *of_service; j++) said_in(json_str(service, of_service[j]), LANG_FR);
    }
}

static void fill(struct req *q, struct layout *l)
{
    const struct tenant *t = q->tenant;
    if (t) said_by_town(t);
    l->lang = q->lang;
    l->zone = t ? t->zone : S("Europe/Paris");
    l->town = t ? t->name : S("Beffroi");
    l->is_demo = t && t->is_demo;
    l->person = !q->who ? STR_NONE : q->who->name.n ? q->who->name : q->who->email;
    l->is_agent = q->who && may_some(q->who, VERB_LIST);
    l->is_admin = q->who && may_some(q->who, VERB_EDIT_KIND);
    l->sign_in = URL_LIT("/compte/connexion");
    l->source = URL_LIT("/source");
    l->version = S(BEFFROI_VERSION);
    if (t) contact(q, l, t);
    if (t) l->logo = town_logo(q->mem, t);
    if (t && !l->town_style.n && (json_text(json_path(t->settings, "colors.action")).n || json_text(json_path(t->settings, "colors.accent")).n)) l->town_style = URL_LIT("/style/ville.css");
    if (q->signed_in) l->token = csrf_token(q);
    if (!t || l->nav.n) return;
    if (l->is_desk) {
        nav_add(q, l, W("site.nav.inbox"), URL_LIT("/agents"));
        nav_add(q, l, W("site.nav.counter"), URL_LIT("/agents/guichet"));
        if (l->is_admin) nav_add(q, l, W("site.nav.admin"), URL_LIT("/admin"));
        nav_mark(q, l);
        return;
    }
    nav_add(q, l, W("site.nav.procedures"), URL_LIT("/demarches"));
    nav_add(q, l, W("site.nav.dossiers"), URL_LIT("/dossiers"));
    nav_add(q, l, W("site.nav.report"), URL_LIT("/signaler"));
    nav_add(q, l, W("site.nav.search"), URL_LIT("/recherche"));
    nav_mark(q, l);
}

void site_start(struct app *app)
{
    page_filler_set(fill);
    secret_pepper_set(&app->pepper);
}
