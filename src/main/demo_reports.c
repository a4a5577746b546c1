/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Three hundred reports over the town, in every state, some with a drawn photo; and its list of addresses. All invented. */
#include <math.h>

#include "base/id.h"
#include "core/account.h"
#include "core/files.h"
#include "core/life.h"
#include "core/secret.h"
#include "core/value_list.h"
#include "facets/support.h"
#include "formats/json.h"
#include "main/demo_calendar.h"
#include "main/demo_data.h"
#include "main/demo_picture.h"
#include "main/demo_words.h"

#define BATCH 20
#define NUMBERS 24              /* houses in a street */

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

struct step { const char *transition, *asks; int after_days /* working ones, about */; };
static const struct { int weight; struct step steps[3]; } fates[] = {
    {2, {{0}}},
    {6, {{"accept", "{}", 1}}},
    {3, {{"accept", "{\"masks\":[\"f2\"]}", 2}}},
    {7, {{"accept", "{}", 1}, {"plan", "{\"due_date\":\"\"}", 4}}},
    {18, {{"accept", "{}", 1}, {"plan", "{\"due_date\":\"\"}", 3}, {"close", "{\"reason\":\"C’est fait : nos équipes sont passées. Merci de votre signalement.\"}", 14}}},
    {38, {{"accept", "{}", 1}, {"close", "{\"reason\":\"Réparé par nos équipes. Merci de votre signalement.\"}", 8}}},
    {6, {{"accept", "{}", 2}, {"refuse", "{\"reason\":\"L’endroit est un terrain privé : la ville ne peut pas y intervenir.\"}", 5}}},
    {5, {{"refuse", "{\"reason\":\"Nous n’avons rien trouvé à cet endroit.\"}", 3}}},
    {6, {{"accept", "{}", 1}, {"transfer", "{\"reason\":\"La route relève de l’agglomération.\",\"body\":\"\"}", 2}}},
    {6, {{"merge", "{\"original\":\"\"}", 1}}}};

#define PICTURES (3 * SUBJECTS)
struct reporter {
    struct demo *x;
    const struct kind *kind;
    struct blob_ref pictures[PICTURES];
    str original;               /* reference of one already accepted */
    struct answers_env env; struct list_world world;
};

/* Around these things happen more: market, school, station, canal, housing estate, park. */
static const struct { double lat, lon; } spots[] = {{48.1742, 6.4512}, {48.1785, 6.4421}, {48.1803, 6.4565}, {48.1693, 6.4468}, {48.1641, 6.4571}, {48.1721, 6.4396}};

/* Each street crosses one of them, in its own direction. */
static void house_at(size_t street, int number, double *lat, double *lon)
{
    double turn = (double)street * 0.7, far = (number - NUMBERS / 2) * 0.00011;
    *lat = round((spots[street % (sizeof spots / sizeof *spots)].lat + far * sin(turn)) * 1e6) / 1e6;
    *lon = round((spots[street % (sizeof spots / sizeof *spots)].lon + far * 1.5 * cos(turn)) * 1e6) / 1e6;
}

static err addresses_make(struct reporter *x)
{
    struct list_entries entries = {0};
    int64_t revision;
    for (size_t s = 0; demo_streets[s]; s++)
        for (int n = 1; n <= NUMBERS; n++) {
            double lat, lon;
            house_at(s, n, &lat, &lon);
            PUSH(x->x->mem, &entries, (struct list_entry){str_fmt(x->x->mem, "%zu-%d", s, n), str_fmt(x->x->mem, "%d %s", n, demo_streets[s]),
                                                       str_fmt(x->x->mem, "{\"lat\":\"%.6f\",\"lon\":\"%.6f\"}", lat, lon)});
        }
    return list_put(x->x->d, x->x->mem, LIST_ADDRESSES, S("Adresses (démonstration)"), &entries, &revision);
}

static err pictures_make(struct reporter *x)
{
    for (unsigned i = 0; i < PICTURES; i++) TRY(demo_blob(x->x, demo_picture(x->x->mem, i), &x->pictures[i]));
    return NO_ERR;
}

static bool file_known(void *arg, str id, struct answer_file *out)
{
    (void)arg;
    *out = (struct answer_file){S("photo.png"), S("image/png"), 1000, true};
    return id.n > 0;
}

/* At a house of the list, or shown on the map near one of the spots. */
static json_t *spot_make(struct reporter *x)
{
    struct dice *dice = &x->x->dice;
    json_t *spot = json_object();
    size_t streets = 0, near = dice_below(dice, sizeof spots / sizeof *spots);
    while (demo_streets[streets]) streets++;
    if (dice_below(dice, 100) < 15) {
        double turn = (double)dice_below(dice, 628) / 100, far = (double)(dice_below(dice, 100) * dice_below(dice, 100)) * 2.2e-7;
        json_object_set_new(spot, "lat", json_real(round((spots[near].lat + far * sin(turn)) * 1e6) / 1e6));
        json_object_set_new(spot, "lon", json_real(round((spots[near].lon + far * 1.5 * cos(turn)) * 1e6) / 1e6));
        return spot;
    }
    size_t street = dice_below(dice, streets);
    json_put_str(spot, "address", str_fmt(x->x->mem, "%d %s", (int)dice_below(dice, NUMBERS) + 1, demo_streets[street]));
    return spot;
}

static err doc_make(struct reporter *x, int64_t id, json_t **out)
{
    struct dice *dice = &x->x->dice;
    size_t subject = dice_one_in(dice, 2) ? dice_below(dice, 5) : dice_below(dice, SUBJECTS), said = 0;
    while (said < 3 && subjects[subject].said[said]) said++;
    json_t *doc = json_own(x->x->mem, json_object()), *photos = json_array();
    json_object_set_new(doc, "place", spot_make(x));
    json_object_set_new(doc, "f1", json_string(subjects[subject].id));
    json_object_set_new(doc, "f2", json_string(subjects[subject].said[dice_below(dice, said)]));
    for (uint64_t n = dice_below(dice, 100) < 45 ? 1 + dice_below(dice, 2) : 0; n > 0; n--) {
        int64_t file;
        size_t picture = subject + SUBJECTS * dice_below(dice, PICTURES / SUBJECTS);
        TRY(file_add(x->x->d, x->x->r->app->blobs, x->x->mem, id, S("f3"), S("photo.png"), S("image/png"), &x->pictures[picture], &file));
        json_array_append_new(photos, json_from_str(id_text(x->x->mem, file)));
    }
    if (json_array_size(photos)) json_object_set(doc, "f3", photos);
    json_decref(photos);
    json_object_set_new(doc, "f4", json_boolean(dice_one_in(dice, 5)));
    if (json_is_true(json_object_get(doc, "f4"))) json_object_set_new(doc, "f5", json_string("+33639980404"));      /* ARCEP: a number for fictions */
    struct answer_faults faults = {0};
    TRY(answers_check(x->kind, x->x->mem, doc, &x->env, true, out, &faults));
    return faults.n ? FAIL_AT(E_INTERNAL, faults.v[0].msg, str_z(x->x->r->mem, faults.v[0].path)) : NO_ERR;
}

static void asks_fill(struct reporter *x, json_t *asks, int64_t at_us)
{
    if (json_object_get(asks, "due_date")) json_object_set_new(asks, "due_date", json_from_str(date_iso(x->x->mem, at_us / DAY_US + 14)));
    if (json_object_get(asks, "body")) json_object_set_new(asks, "body", json_from_str(str_fmt(x->x->mem, "%lld", (long long)x->x->t->bodies.v[1].id)));
    if (json_object_get(asks, "original")) json_object_set_new(asks, "original", json_from_str(x->original));
}

static err live(struct reporter *x, struct record *r)
{
    struct demo *w = x->x;
    static const int road[] = {2, 8, 9};        /* accounts of the roads' team */
    struct who who = {.account = w->accounts[road[dice_below(&w->dice, 3)]]};
    int total = 0, at;
    size_t fate = 0;
    for (size_t i = 0; i < sizeof fates / sizeof *fates; i++) total += fates[i].weight;
    at = (int)dice_below(&w->dice, (uint64_t)total);
    while ((at -= fates[fate].weight) >= 0) fate++;
    TRY(grants_of(w->d, w->mem, who.account, &who.grants));
    int64_t at_us = r->created_us;
    for (const struct step *s = fates[fate].steps; s < fates[fate].steps + 3 && s->transition; s++) {
        const struct transition *t = kind_transition(x->kind, str_of(s->transition));
        json_t *asks;
        TRY(json_parse(w->mem, str_of(s->asks), &asks));
        at_us = demo_worked(&w->dice, w->t->zone, at_us, demo_about(&w->dice, s->after_days));
        if (at_us > w->now_us || !t || (json_object_get(asks, "original") && !x->original.n)) break;
        asks_fill(x, asks, at_us);
        struct act a = {.who = &who, .kind = x->kind, .tenant = w->t, .transition = t->name, .asks = asks, .now_us = at_us};
        TRY(life_act(w->d, w->mem, r, &a));
    }
    if (str_is(r->state, "open") || str_is(r->state, "done")) x->original = str_copy(w->r->mem, r->reference);
    return NO_ERR;
}

static err report_make(struct reporter *x, size_t n)
{
    struct demo *w = x->x;
    struct hash32 code;
    struct record r;
    json_t *doc;
    bool again, is_new;
    struct filing f = {.id = id_new(), .body = w->bodies[0], .team = w->teams[0], .channel = S("web"), .tenant = w->t, .kind = x->kind, .lang = LANG_FR,
                       .now_us = demo_moment(&w->dice, w->t->zone, w->now_us, "434566656764", false)};
    x->env.now_us = f.now_us;
    TRY(doc_make(x, f.id, &doc));
    f.doc = doc;
    if (dice_one_in(&w->dice, 2)) f.contact.email = str_fmt(w->mem, "voisin%zu@exemple.fr", n);
    code_hash(w->mem, w->t->id, f.id, code_new(w->mem), &code);
    f.code_hash = &code;
    TRY(record_file(w->d, w->mem, &f, &r, &again));
    TRY(live(x, &r));
    for (uint64_t i = dice_below(&w->dice, 100) < 40 ? dice_below(&w->dice, 9) : 0; i > 0; i--)
        TRY(support_add(w->d, r.id, "support", support_person(w->mem, 0, str_fmt(w->mem, "voisin%d@exemple.fr", (int)i)), STR_NONE, r.created_us, &is_new));
    return NO_ERR;
}

struct batch { struct reporter *x; size_t from; struct dice dice; str original; };
static err batch_in_txn(db *w, void *arg)
{
    struct batch *b = arg;
    struct demo town = *b->x->x;
    struct reporter x = *b->x;
    x.x = &town;
    town.d = w;
    x.world.d = w;
    x.env.list_arg = &x.world;
    for (size_t n = b->from; n < b->from + BATCH; n++) {
        arena_reset(town.mem);
        TRY(report_make(&x, n));
    }
    b->dice = town.dice;
    b->original = x.original;
    return NO_ERR;
}

err demo_reports(struct demo *w)
{
    struct reporter x = {.x = w};
    x.env = (struct answers_env){.lang = LANG_FR, .zone = w->t->zone, .now_us = w->now_us, .file = file_known};
    x.world = (struct list_world){w->d, w->t};
    list_env(&x.env, &x.world);
    TRY(kinds_get(w->r->app->kinds, w->d, S("report"), 0, &x.kind));
    TRY(addresses_make(&x));
    TRY(pictures_make(&x));
    for (size_t n = 0; n < DEMO_REPORTS; n += BATCH) {
        struct batch b = {.x = &x, .from = n};
        TRY(db_txn(w->d, batch_in_txn, &b));
        w->dice = b.dice;
        x.original = b.original;
    }
    return NO_ERR;
}
