/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Models of messages, for those who manage what they are for. */
#include "core/model.h"

#include "base/id.h"
#include "core/account.h"
#include "gen/html/site/model.html.h"
#include "gen/html/site/models.html.h"
#include "pages/app.h"
#include "site/admin.h"
#include "site/desk.h"
#include "web/req.h"

static str team_name(const struct teams *teams, int64_t id)
{
    for (size_t i = 0; i < teams->n; i++)
        if (teams->v[i].id == id) return teams->v[i].name;
    return STR_NONE;
}

static str kind_title(struct req *q, str name)
{
    const struct kind *k;
    return name.n && kinds_get(q->app->kinds, q->db, name, 0, &k).code == OK ? text_in(&k->title, q->lang) : name;
}

/* "Pour l'équipe Voirie · Occuper le domaine public" */
static str where_words(struct req *q, const struct teams *teams, const struct model *m)
{
    struct strs parts = {0};
    if (m->team) PUSH(q->mem, &parts, words_fill(q->mem, q->lang, W("view.share.team"), "team", team_name(teams, m->team), NULL));
    if (m->kind.n) PUSH(q->mem, &parts, kind_title(q, m->kind));
    return parts.n ? str_join(q->mem, parts, S(" · ")) : words(q->lang, W("model.for_all"));
}

static err get_models(struct req *q)
{
    struct page_models p = {.l = {.is_desk = true, .no_index = true}, .add = URL_LIT("/agents/modeles/nouveau"), .may_add = may_some(q->who, VERB_EDIT_KIND)};
    struct models all;
    struct teams teams;
    TRY(models_of(q->db, q->mem, q->who, &all));
    TRY(team_list(q->db, q->mem, &teams));
    for (size_t i = 0; i < all.n; i++)
        PUSH(q->mem, &p.rows, (struct model_line){all.v[i].title, all.v[i].words, where_words(q, &teams, &all.v[i]), URL(q->mem, "/agents/modeles/{}", id_text(q->mem, all.v[i].id))});
    reply_private(q);
    return page_models(q, &p);
}

static err model_page(struct req *q, const struct model *m, struct page_model *p, int status)
{
    struct teams teams;
    struct kind_rows kinds;
    TRY(team_list(q->db, q->mem, &teams));
    TRY(kinds_offered(q->app->kinds, q->db, q->mem, q->tenant, &kinds));
    PUSH(q->mem, &p->teams, (struct choice){.value = S("0"), .label = words(q->lang, W("model.any_team")), .is_chosen = !m->team});
    for (size_t i = 0; i < teams.n; i++) PUSH(q->mem, &p->teams, (struct choice){.value = id_text(q->mem, teams.v[i].id), .label = teams.v[i].name, .is_chosen = teams.v[i].id == m->team});
    PUSH(q->mem, &p->kinds, (struct choice){.value = S("-"), .label = words(q->lang, W("model.any_kind")), .is_chosen = !m->kind.n});
    for (size_t i = 0; i < kinds.n; i++) PUSH(q->mem, &p->kinds, (struct choice){.value = kinds.v[i].name, .label = kind_row_title(q->app->kinds, q->db, &kinds.v[i], q->lang), .is_chosen = str_eq(kinds.v[i].name, m->kind)});
    for (const struct model_name *n = model_names; n->name; n++)
        PUSH(q->mem, &p->names, (struct model_hint){str_fmt(q->mem, "{%.*s}", STR_ARG(words(q->lang, n->name))), words(q->lang, n->what)});
    p->title = m->title, p->words = m->words, p->is_new = !m->id;
    str id = id_text(q->mem, m->id);
    p->action = m->id ? URL(q->mem, "/agents/modeles/{}", id) : URL_LIT("/agents/modeles");
    if (m->id) p->remove = URL(q->mem, "/agents/modeles/{}/supprimer", id);
    p->l = (struct layout){.is_desk = true, .no_index = true, .status = status, .title = words(q->lang, m->id ? W("model.title") : W("model.title_new"))};
    reply_private(q);
    return page_model(q, p);
}

static err model_asked(struct req *q, struct model *out)
{
    int64_t id;
    TRY(param_id(q, "id", &id));
    return model_get(q->db, q->mem, q->who, id, out);
}

static err get_model_new(struct req *q) { return model_page(q, &(struct model){0}, &(struct page_model){0}, 200); }

static err get_model(struct req *q)
{
    struct model m;
    TRY(model_asked(q, &m));
    return model_page(q, &m, &(struct page_model){0}, 200);
}

static err save(struct req *q, struct model *m)
{
    struct page_model p = {0};
    str team = field(q, "team"), kind = field(q, "kind");
    m->title = field(q, "title"), m->words = field(q, "words");
    m->team = 0;
    if (team.n && !str_is(team, "0")) TRY(id_parse(team, &m->team));
    m->kind = str_is(kind, "-") ? S("") : kind;
    err e = model_save(q->db, q->mem, q->who, m, clock_now_us());
    if (e.code == OK) return reply_redirect(q, S("/agents/modeles"));
    if (e.code != E_INVALID && e.code != E_DENIED) return e;
    bool named = e.at && e.at[0] == '{';
    PUSH(q->mem, &p.faults, (struct link){.label = named ? str_fmt(q->mem, "%.*s %s", STR_ARG(words(q->lang, e.msg)), e.at) : words(q->lang, e.msg),
                                          .at = URL(q->mem, "#{}", named || !e.at ? S("words") : str_of(e.at))});
    return model_page(q, m, &p, e.code == E_DENIED ? 403 : 422);
}

static err post_model_new(struct req *q) { return save(q, &(struct model){0}); }

static err post_model(struct req *q)
{
    struct model m;
    TRY(model_asked(q, &m));
    return save(q, &m);
}

static err post_model_remove(struct req *q)
{
    struct model m;
    TRY(model_asked(q, &m));
    TRY(model_remove(q->db, q->mem, q->who, m.id));
    return reply_redirect(q, S("/agents/modeles"));
}

const struct route model_routes[] = {
    {GET, "/agents/modeles", RIGHT_AGENT, get_models, "models of messages that this person manages", 0, NULL, NULL},
    {GET, "/agents/modeles/nouveau", RIGHT_MANAGER, get_model_new, "a new model", 0, NULL, NULL},
    {POST, "/agents/modeles", RIGHT_MANAGER, post_model_new, "adds a model", 0, NULL, NULL},
    {GET, "/agents/modeles/:id", RIGHT_MANAGER, get_model, "one model", 0, NULL, NULL},
    {POST, "/agents/modeles/:id", RIGHT_MANAGER, post_model, "changes a model", 0, NULL, NULL},
    {POST, "/agents/modeles/:id/supprimer", RIGHT_MANAGER, post_model_remove, "removes a model", 0, NULL, NULL},
    {0}};
