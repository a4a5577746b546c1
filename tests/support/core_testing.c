/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/account.h"
#include "core/facet.h"
#include "core/notify.h"
#include "core/secret.h"
#include "core/testing.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "gen/sql/core/tenant.sql.h"

static const char body_settings[] =
    "{\"service\":{\"name\":\"Guichet unique\",\"postal_address\":\"1 place de la Mairie, 88000 Ville\",\"mail\":\"guichet@ville.test\","
    "\"phone\":\"03 29 00 00 00\",\"hours\":\"9 h à 17 h\"},\"silence\":{\"means\":\"rejection\",\"after\":\"2 months\",\"article\":\"CRPA, L231-4\"},"
    "\"appeal\":{\"text\":\"Vous avez deux mois pour saisir le tribunal.\"},\"legal_basis\":\"Délibération\",\"personal_data\":{\"purpose\":\"Instruire\","
    "\"legal_basis\":\"Mission publique\",\"recipients\":\"Service\",\"retention\":\"24 mois\",\"contact\":\"dpo@ville.test\"}}";

static const char permit[] =
    "{\"kind\":\"permit\",\"base\":\"procedure\",\"title\":\"Occuper le domaine public\",\"fields\":["
    "{\"id\":\"f1\",\"name\":\"objet\",\"type\":\"text\",\"label\":\"Objet\",\"required\":true},"
    "{\"id\":\"f2\",\"name\":\"quartier\",\"type\":\"choice\",\"label\":\"Quartier\",\"filter\":true,\"options\":[{\"id\":\"n\",\"label\":\"Nord\"},{\"id\":\"s\",\"label\":\"Sud\"},{\"id\":\"e\",\"label\":\"Est\"}]},"
    "{\"id\":\"f3\",\"name\":\"travaux\",\"type\":\"choices\",\"label\":\"Travaux\",\"filter\":true,\"options\":[{\"id\":\"x\",\"label\":\"Fouille\"},{\"id\":\"y\",\"label\":\"Grue\"}]},"
    "{\"id\":\"f4\",\"name\":\"annotation\",\"type\":\"text\",\"label\":\"Annotation\",\"private\":true}]}";
static const char tree[] =
    "{\"kind\":\"tree\",\"base\":\"procedure\",\"title\":\"Abattre un arbre\",\"settings\":{\"silence\":{\"means\":\"acceptance\",\"after\":\"1 months\",\"article\":\"CRPA, L231-1\"}},"
    "\"fields\":[{\"id\":\"g1\",\"name\":\"essence\",\"type\":\"text\",\"label\":\"Essence\",\"required\":true}]}";

json_t *town_json(struct town *t, const char *text)
{
    json_t *j;
    ASSERT_OK(json_parse(t->mem, str_of(text), &j));
    return j;
}

static err tenant_rows_in_txn(db *w, void *arg)
{
    TRY(sql_tenant_row_add(w, TENANT, S("ville"), S("Ville"), S("{\"address\":\"https://ville.test\"}"), *(int64_t *)arg));
    return sql_tenant_row_add(w, TWIN, S("jumelle"), S("Ville"), S("{\"address\":\"https://jumelle.test\"}"), *(int64_t *)arg);
}

static int64_t account(struct town *t, struct side *s, const char *email, bool agent)
{
    int64_t id;
    struct account a = {.email = str_of(email), .forename = S("Jeanne"), .surname = agent ? S("Martin") : S("Petit"), .capacity = agent ? S("Responsable") : STR_NONE,
                        .service = agent ? S("Voirie") : STR_NONE, .is_agent = agent, .is_active = true};
    ASSERT_OK(account_add(s->d, t->mem, &a, STR_NONE, &id));
    return id;
}

static struct who who_of(struct town *t, struct side *s, const char *email, enum role role, int64_t body)
{
    struct who w = {.account = account(t, s, email, true), .name = S("Jeanne Martin"), .email = str_of(email)};
    PUSH(t->mem, &w.grants, (struct grant){.role = role, .body = body});
    ASSERT_OK(grant_add(s->d, w.account, &w.grants.v[0]));
    return w;
}

static const struct kind *procedure(struct town *t, struct side *s, const char *definition)
{
    struct kind_row row;
    const struct kind *k;
    json_t *j = town_json(t, definition);
    str name = json_str(j, "kind");
    ASSERT_OK(kind_create(s->d, S("procedures"), name, s->town, s->team, j, s->agent.account, t->mem, &row));
    ASSERT_OK(kind_publish(s->d, &s->tenant, t->mem, name, s->agent.account));
    ASSERT_OK(kinds_get(t->kinds, s->d, name, 0, &k));
    return k;
}

static void side_open(struct town *t, struct side *s, db *d)
{
    s->d = d;
    struct body town = {.kind = S("commune"), .name = S("Ville"), .siren = S("218801604"), .settings = town_json(t, body_settings)};
    struct body suburb = {.kind = S("commune"), .name = S("Faubourg"), .settings = town_json(t, body_settings)};
    ASSERT_OK(body_add(d, &town, &s->town));
    ASSERT_OK(body_add(d, &suburb, &s->suburb));
    ASSERT_OK(tenant_load(t->store->store, db_tenant(d), t->mem, &s->tenant));
    ASSERT_OK(team_add(d, &(struct team){.body = s->town, .name = S("Voirie"), .email = S("voirie@ville.test")}, &s->team));
    s->agent = who_of(t, s, "agent@ville.test", ROLE_AGENT, s->town);
    s->reader = who_of(t, s, "lecteur@ville.test", ROLE_READER, s->town);
    s->other = who_of(t, s, "autre@ville.test", ROLE_AGENT, s->suburb);
    s->citizen = account(t, s, "citoyen@ville.test", false);
    s->citizen_who = (struct who){.account = s->citizen, .name = S("Jeanne Petit"), .email = S("citoyen@ville.test")};
    s->permit = procedure(t, s, permit);
    s->tree = procedure(t, s, tree);
    ASSERT_OK(kinds_get(t->kinds, d, S("report"), 0, &s->report));
}

struct town *town_open(struct test_store *store)
{
    struct town *t = NEW(store->mem, struct town);
    static const struct hash32 pepper = {{7}};
    t->store = store;
    t->mem = store->mem;
    secret_pepper_set(&pepper);
    facets_use(NULL);
    town_at(t, "2026-11-23T10:00");
    ASSERT_OK(kinds_open(&t->kinds, store->store));
    ASSERT_OK(db_txn(store->db, tenant_rows_in_txn, &t->now_us));
    side_open(t, &t->a, store->db);
    side_open(t, &t->twin, store->twin);
    return t;
}

void town_close(struct town *t)
{
    kinds_close(t->kinds);
    clock_freeze_us(0);
}

void town_at(struct town *t, const char *iso)
{
    ASSERT_OK(time_parse_iso(str_of(iso), S("Europe/Paris"), &t->now_us));
    clock_freeze_us(t->now_us);
}

void town_pass(struct town *t, int64_t by_us)
{
    t->now_us += by_us;
    clock_freeze_us(t->now_us);
}

struct file_args { struct town *t; struct filing f; struct record r; bool again; };

static err file_in_txn(db *w, void *arg)
{
    struct file_args *a = arg;
    return record_file(w, a->t->mem, &a->f, &a->r, &a->again);
}

struct record town_file_with(struct town *t, struct side *s, struct filing f)
{
    struct file_args a = {.t = t, .f = f};
    if (!a.f.id) a.f.id = id_new();
    if (!a.f.body) a.f.body = s->town;
    if (!a.f.now_us) a.f.now_us = t->now_us;
    a.f.tenant = &s->tenant;
    ASSERT_OK(db_txn(s->d, file_in_txn, &a));
    return a.r;
}

struct record town_file(struct town *t, struct side *s, const struct kind *k, const char *doc, const char *name, const char *email)
{
    return town_file_with(t, s, (struct filing){.kind = k, .team = s->team, .doc = town_json(t, doc), .contact = {str_of(name), str_of(email), STR_NONE}});
}

err town_act(struct town *t, struct side *s, const struct who *w, struct record *r, const char *transition, const char *asks)
{
    const struct kind *k;
    TRY(kinds_get(t->kinds, s->d, r->kind, r->revision, &k));
    struct act a = {.who = w, .kind = k, .tenant = &s->tenant, .transition = str_of(transition), .asks = asks ? town_json(t, asks) : NULL,
                    .seen_version = r->version, .now_us = t->now_us};
    return life_act(s->d, t->mem, r, &a);
}

void town_timers(struct town *t, struct side *s)
{
    struct life_world world = {&s->tenant, t->kinds};
    int64_t run = 0;
    ASSERT_OK(timers_run_due(s->d, t->mem, t->now_us, &run, life_fire, &world));
}

struct record town_record(struct town *t, struct side *s, int64_t id)
{
    struct record r;
    ASSERT_OK(record_get(s->d, t->mem, id, &r));
    return r;
}

const char *town_state(struct town *t, struct side *s, int64_t id) { return str_z(t->mem, town_record(t, s, id).state); }

const char *town_day(struct town *t, int64_t at_us)
{
    struct civil c = civil_of(at_us, S("Europe/Paris"));
    return at_us ? str_z(t->mem, date_iso(t->mem, days_of(c.year, c.month, c.day))) : "-";
}

int64_t town_mails(struct town *t, struct side *s, int64_t record, const char *to)
{
    struct outbox_lines lines;
    int64_t n = 0;
    ASSERT_OK(outbox_of(s->d, t->mem, record, &lines));
    for (size_t i = 0; i < lines.n; i++) n += !to || str_is(lines.v[i].to, to);
    return n;
}

int64_t town_statements(db *d, int64_t since) { return db_statements(d) - since; }

const struct who *town_holder(struct town *t, int64_t record)
{
    struct who *w = NEW(t->mem, struct who);
    w->holds_record = record;
    return w;
}

/* ---- a kind with rules */

#define MEALS                                                                                                                                     \
    "kind: repas\nbase: procedure\ntitle: Repas\n"                                                                                                 \
    "rules:\n"                                                                                                                                     \
    "  quotient familial: {titre: Quotient familial, valeur: revenu / 2, unité: €}\n"                                                              \
    "  prix: {grille: {assiette: quotient familial, tranches: [{montant: 1.1 €, plafond: 400 €}, {montant: 2.1 €, plafond: 600 €}, {montant: 3.5 €}]}}\n" \
    "eligibility: [{must: revenu >= 0 €, message: Non}]\n"                                                                                         \
    "routing: [{when: revenu > 5000 €, team: Voirie}, {when: revenu > 1000 €, team: Espaces verts}]\n"                                           \
    "transitions:\n  relance: {from: [received], by: system, after: {rule: {variations: [{si: revenu > 1000 €, alors: 3 jours}, {sinon: 9 jours}]}}, when: revenu > 1000 €, does: [{notify: team}]}\n" \
    "fields:\n"                                                                                                                                    \
    "  - {id: f1, name: revenu, type: number, money: true, required: true, label: Revenu}\n"                                                       \
    "  - {id: f2, name: tarif, type: number, money: true, required: true, label: Prix du repas, computed: prix, when: revenu > 500 €}\n"                                 \
    "  - {id: f3, name: tranche, type: number, label: Quotient, computed: quotient familial, role: display}\n"

static const char settings_of_meals[] =
    "{\"silence\":{\"means\":\"none\",\"article\":\"x\"},\"legal_basis\":\"x\",\"personal_data\":{\"purpose\":\"x\",\"legal_basis\":\"x\",\"recipients\":\"x\",\"retention\":\"x\"},"
    "\"appeal\":{\"text\":\"x\"},\"audience\":\"x\",\"duration\":\"x\",\"cost\":\"x\",\"other_ways\":\"x\"}";

const struct kind *town_meals(struct town *t, struct side *s)
{
    json_t *definition;
    struct team green = {.body = s->town, .name = S("Espaces verts")};
    int64_t id;
    ASSERT_OK(team_add(s->d, &green, &id));
    ASSERT_OK(yaml_parse(t->mem, S(MEALS), &definition));
    json_object_set(definition, "settings", town_json(t, settings_of_meals));
    return procedure(t, s, json_canonical(t->mem, definition).p);
}
