/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A hundred reports over the town, in every state, some with a drawn photo; and its list of addresses. All invented. */
#include <math.h>

#include "base/id.h"
#include "core/account.h"
#include "core/files.h"
#include "core/life.h"
#include "core/secret.h"
#include "core/value_list.h"
#include "facets/support.h"
#include "formats/json.h"
#include "main/demo_data.h"
#include "main/demo_picture.h"

#define REPORTS 100
#define NUMBERS 24              /* houses in a street */
#define CENTRE_LAT 48.1735
#define CENTRE_LON 6.4499

static const struct { const char *id, *said[3]; } subjects[] = {
    {"lighting", {"Le lampadaire clignote toute la nuit.", "Deux lampadaires sont éteints depuis lundi.", "La lampe reste allumée en plein jour."}},
    {"road", {"Un trou profond au milieu de la chaussée.", "Le trottoir est soulevé par une racine.", "Une plaque bascule quand on roule dessus."}},
    {"waste", {"Un matelas et des cartons au pied de l’arbre.", "Des gravats ont été laissés sur le parking.", "Les sacs s’entassent à côté des conteneurs."}},
    {"cleaning", {"La place est couverte de verre après le marché.", "Les feuilles rendent l’escalier glissant.", "La corbeille déborde."}},
    {"green", {"Une branche menace de tomber sur l’aire de jeux.", "La balançoire est cassée.", "La haie cache le passage piéton."}},
    {"water", {"De l’eau coule sous le trottoir.", "La grille d’égout est bouchée.", "La fontaine fuit."}},
    {"signs", {"Le panneau stop est tourné.", "Le feu piéton reste rouge.", "Le nom de la rue n’est plus lisible."}},
    {"furniture", {"Une latte du banc est cassée.", "La vitre de l’abri est brisée.", "Le potelet est couché."}},
    {"graffiti", {"Le mur de l’école est tagué.", "Des affiches sauvages sur le transformateur."}},
    {"vehicle", {"Une voiture sans roues depuis un mois.", "Une remorque abandonnée bloque deux places."}},
    {"access", {"Le bateau du trottoir est bloqué par des poteaux.", "La rampe est trop abîmée pour un fauteuil."}},
    {"animals", {"Un nid de frelons près du lavoir.", "Des rats près des conteneurs."}},
    {"other", {"La cloche de l’horloge sonne à contretemps.", "Le kiosque est resté ouvert toute la nuit."}}};
#define SUBJECTS (sizeof subjects / sizeof *subjects)

struct step { const char *transition, *asks; int after_days; };
static const struct { int weight; struct step steps[3]; } fates[] = {
    {16, {{0}}},
    {22, {{"accept", "{}", 1}}},
    {4, {{"accept", "{\"masks\":[\"f2\"]}", 2}}},
    {12, {{"accept", "{}", 1}, {"plan", "{\"due_date\":\"\"}", 4}}},
    {26, {{"accept", "{}", 1}, {"close", "{\"reason\":\"Réparé par nos équipes. Merci de votre signalement.\"}", 6}}},
    {6, {{"accept", "{}", 2}, {"refuse", "{\"reason\":\"L’endroit est un terrain privé : la ville ne peut pas y intervenir.\"}", 5}}},
    {4, {{"refuse", "{\"reason\":\"Nous n’avons rien trouvé à cet endroit.\"}", 3}}},
    {5, {{"accept", "{}", 1}, {"transfer", "{\"reason\":\"La route relève de l’agglomération.\",\"body\":\"\"}", 2}}},
    {5, {{"merge", "{\"original\":\"\"}", 1}}}};

struct reporter {
    struct run *r; const struct tenant *t; db *d; arena *mem; struct dice *dice;
    int64_t body, team, agent, now_us;
    const struct kind *kind;
    struct blob_ref pictures[SUBJECTS];
    str original;               /* reference of one already accepted */
    struct answers_env env; struct list_world world;
};

/* Streets leave the centre as rays, and turn a little. */
static void house_at(size_t street, int number, double *lat, double *lon)
{
    double turn = (double)street * 0.7 + number * 0.015, far = 0.003 + number * 0.0006;
    *lat = round((CENTRE_LAT + far * sin(turn)) * 1e6) / 1e6;
    *lon = round((CENTRE_LON + far * 1.5 * cos(turn)) * 1e6) / 1e6;
}

static err addresses_make(struct reporter *x)
{
    struct list_entries entries = {0};
    int64_t revision;
    for (size_t s = 0; demo_streets[s]; s++)
        for (int n = 1; n <= NUMBERS; n++) {
            double lat, lon;
            house_at(s, n, &lat, &lon);
            PUSH(x->mem, &entries, (struct list_entry){str_fmt(x->mem, "%zu-%d", s, n), str_fmt(x->mem, "%d %s", n, demo_streets[s]),
                                                       str_fmt(x->mem, "{\"lat\":\"%.6f\",\"lon\":\"%.6f\"}", lat, lon)});
        }
    return list_put(x->d, x->mem, LIST_ADDRESSES, S("Adresses (démonstration)"), &entries, &revision);
}

static err pictures_make(struct reporter *x)
{
    for (unsigned i = 0; i < SUBJECTS; i++) {
        struct blob_writer *w;
        TRY(blob_write_start(x->r->app->blobs, x->t->id, &w));
        err e = blob_write(w, demo_picture(x->mem, i));
        if (e.code != OK) {
            blob_write_abort(w);
            return e;
        }
        TRY(blob_write_finish(w, x->r->mem, &x->pictures[i]));
    }
    return NO_ERR;
}

static bool file_known(void *arg, str id, struct answer_file *out)
{
    (void)arg;
    *out = (struct answer_file){S("photo.png"), S("image/png"), 1000, true};
    return id.n > 0;
}

static err doc_make(struct reporter *x, int64_t id, json_t **out)
{
    size_t street = 0, subject = dice_below(x->dice, SUBJECTS), said = 0;
    while (demo_streets[street]) street++;
    while (said < 3 && subjects[subject].said[said]) said++;
    street = dice_below(x->dice, street);
    int number = (int)dice_below(x->dice, NUMBERS) + 1;
    double lat, lon;
    house_at(street, number, &lat, &lon);
    json_t *doc = json_own(x->mem, json_object()), *spot = json_object(), *photos = json_array();
    json_object_set_new(doc, "place", spot);
    if (dice_one_in(x->dice, 3)) {              /* shown on the map, between two houses */
        json_object_set_new(spot, "lat", json_real(lat + 0.0011));
        json_object_set_new(spot, "lon", json_real(lon - 0.0013));
    } else {
        json_put_str(spot, "address", str_fmt(x->mem, "%d %s", number, demo_streets[street]));
    }
    json_object_set_new(doc, "f1", json_string(subjects[subject].id));
    json_object_set_new(doc, "f2", json_string(subjects[subject].said[dice_below(x->dice, said)]));
    for (uint64_t n = dice_one_in(x->dice, 3) ? 1 + dice_below(x->dice, 2) : 0; n > 0; n--) {
        int64_t file;
        TRY(file_add(x->d, x->r->app->blobs, x->mem, id, S("f3"), S("photo.png"), S("image/png"), &x->pictures[subject], &file));
        json_array_append_new(photos, json_from_str(id_text(x->mem, file)));
    }
    if (json_array_size(photos)) json_object_set(doc, "f3", photos);
    json_decref(photos);
    json_object_set_new(doc, "f4", json_boolean(dice_one_in(x->dice, 5)));
    if (json_is_true(json_object_get(doc, "f4"))) json_object_set_new(doc, "f5", json_string("+33639980404"));      /* ARCEP: a number for fictions */
    struct answer_faults faults = {0};
    TRY(answers_check(x->kind, x->mem, doc, &x->env, true, out, &faults));
    return faults.n ? FAIL_AT(E_INTERNAL, faults.v[0].msg, str_z(x->r->mem, faults.v[0].path)) : NO_ERR;
}

static void asks_fill(struct reporter *x, json_t *asks, int64_t at_us)
{
    if (json_object_get(asks, "due_date")) json_object_set_new(asks, "due_date", json_from_str(date_iso(x->mem, at_us / DAY_US + 14)));
    if (json_object_get(asks, "body")) json_object_set_new(asks, "body", json_from_str(str_fmt(x->mem, "%lld", (long long)x->t->bodies.v[1].id)));
    if (json_object_get(asks, "original")) json_object_set_new(asks, "original", json_from_str(x->original));
}

static err live(struct reporter *x, struct record *r)
{
    struct who who = {.account = x->agent};
    int total = 0, at;
    size_t fate = 0;
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) total += fates[i].weight;
    at = (int)dice_below(x->dice, (uint64_t)total);
    while ((at -= fates[fate].weight) >= 0) fate++;
    TRY(grants_of(x->d, x->mem, x->agent, &who.grants));
    int64_t at_us = r->created_us;
    for (const struct step *s = fates[fate].steps; s < fates[fate].steps + 3 && s->transition; s++) {
        const struct transition *t = kind_transition(x->kind, str_of(s->transition));
        json_t *asks;
        TRY(json_parse(x->mem, str_of(s->asks), &asks));
        at_us += s->after_days * DAY_US + (int64_t)dice_below(x->dice, 6 * 3600) * SECOND_US;
        if (at_us > x->now_us || !t || (json_object_get(asks, "original") && !x->original.n)) break;
        asks_fill(x, asks, at_us);
        struct act a = {.who = &who, .kind = x->kind, .tenant = x->t, .transition = t->name, .asks = asks, .now_us = at_us};
        TRY(life_act(x->d, x->mem, r, &a));
        if (str_is(r->state, "open")) x->original = str_copy(x->r->mem, r->reference);
    }
    return NO_ERR;
}

static err report_make(struct reporter *x, size_t n)
{
    int64_t back = (int64_t)(dice_below(x->dice, 200) * dice_below(x->dice, 200) / 200);
    struct hash32 code;
    struct record r;
    json_t *doc;
    struct filing f = {.id = id_new(), .body = x->body, .team = x->team, .channel = S("web"), .tenant = x->t, .kind = x->kind, .lang = LANG_FR,
                       .now_us = x->now_us - back * DAY_US - (int64_t)dice_below(x->dice, 9 * 3600) * SECOND_US};
    TRY(doc_make(x, f.id, &doc));
    f.doc = doc;
    if (dice_one_in(x->dice, 2)) f.contact.email = str_fmt(x->mem, "voisin%zu@exemple.fr", n);
    code_hash(x->mem, x->t->id, f.id, code_new(x->mem), &code);
    f.code_hash = &code;
    TRY(demo_file(x->d, x->mem, &f, &r));
    TRY(live(x, &r));
    bool is_new;
    for (uint64_t i = dice_below(x->dice, 5); i > 0; i--)
        TRY(support_add(x->d, r.id, "support", support_person(x->mem, 0, str_fmt(x->mem, "voisin%d@exemple.fr", (int)i)), STR_NONE, r.created_us, &is_new));
    return NO_ERR;
}

err demo_reports(struct run *r, const struct tenant *t, db *d, arena *mem, struct dice *dice, int64_t body, int64_t team, int64_t agent, int64_t now_us)
{
    struct reporter x = {.r = r, .t = t, .d = d, .mem = mem, .dice = dice, .body = body, .team = team, .agent = agent, .now_us = now_us};
    x.env = (struct answers_env){.lang = LANG_FR, .zone = t->zone, .now_us = now_us, .file = file_known};
    x.world = (struct list_world){d, t};
    list_env(&x.env, &x.world);
    TRY(kinds_get(r->app->kinds, d, S("report"), 0, &x.kind));
    TRY(addresses_make(&x));
    TRY(pictures_make(&x));
    for (size_t i = 0; i < REPORTS; i++) {
        arena_reset(mem);
        TRY(report_make(&x, i));
    }
    return NO_ERR;
}
