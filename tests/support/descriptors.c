/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "descriptors.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "formats/ds_shape.h"

/* All occurrences, those inside repetitions, and how many in a hundred are required. */
static const struct frequency { const char *name; unsigned all, in_repetition, required; } types[] = {
    {"Text", 349627, 35113, 65}, {"PieceJustificative", 259783, 27210, 51}, {"HeaderSection", 225686, 1524, 0}, {"DropDownList", 137863, 12515, 82},
    {"Textarea", 121538, 8420, 60}, {"Explication", 104193, 2218, 0}, {"YesNo", 93070, 4499, 83}, {"Checkbox", 63216, 1486, 73},
    {"IntegerNumber", 57008, 6854, 72}, {"Date", 52996, 5150, 70}, {"Phone", 51222, 1869, 69}, {"MultipleDropDownList", 47092, 3108, 70},
    {"Email", 45435, 1842, 81}, {"Number", 33754, 1509, 66}, {"Repetition", 33250, 0, 46}, {"Address", 30607, 1813, 75}, {"DecimalNumber", 29219, 3803, 68},
    {"Civilite", 17161, 1203, 80}, {"Commune", 11081, 1297, 73}, {"Pays", 9068, 1397, 80}, {"LinkedDropDownList", 6486, 712, 71}, {"Siret", 5730, 220, 65},
    {"Departement", 5327, 329, 79}, {"Formatted", 2904, 210, 77}, {"DossierLink", 2746, 59, 54}, {"Iban", 1935, 34, 88}, {"Carte", 1899, 44, 33},
    {"Datetime", 1570, 128, 80}, {"AnnuaireEducation", 1502, 102, 70}, {"Region", 633, 34, 76}, {"RNA", 289, 19, 48}, {"Epci", 128, 23, 81},
    {"RNF", 76, 9, 87}, {"Referentiel", 44, 11, 77}, {"COJO", 5, 0, 100}, {"PreRempli", 1, 0, 0}};
#define N_TYPES (sizeof types / sizeof *types)

struct maker {
    arena *mem;
    struct descriptor_wish wish;
    uint64_t state;
    int64_t next_id;
    json_t *sources;            /* fields a condition may read */
};

/* splitmix64 */
static uint64_t dice64(struct maker *m)
{
    uint64_t z = (m->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static unsigned dice(struct maker *m, unsigned n)
{
    return (unsigned)(dice64(m) % n);
}

static bool chance(struct maker *m, unsigned percent)
{
    return dice(m, 100) < percent;
}

/* A log-normal count, by its median and its 99th percentile. */
static unsigned spread(struct maker *m, double median, double p99, unsigned max)
{
    double u = ((double)(dice64(m) >> 11) + 0.5) / 9007199254740992.0, v = (double)(dice64(m) >> 11) / 9007199254740992.0;
    double normal = sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
    double n = median * exp(normal * log(p99 / median) / 2.326);
    return n > max ? max : (unsigned)n;
}

/* ——— words ——— */

static const char *const words[] = {
    "nom", "prénom", "adresse", "projet", "commune", "date", "début", "fin", "travaux", "demande", "association", "représentant", "légal", "entreprise",
    "nature", "montant", "subvention", "année", "bénéficiaire", "logement", "véhicule", "enfant", "école", "surface", "parcelle", "cadastrale", "arrêté",
    "préfecture", "dossier", "pièce", "justificatif", "identité", "domicile", "d'activité", "l'organisme", "l’événement", "œuvre", "été", "n° SIRET", "coût (en €)",
    "qualité", "signataire", "responsable", "équipement", "sécurité", "à préciser", "hors taxe", "TTC", "M./Mme", "20 %", "« pilote »", "eau & gaz", "<500 m²"};

static str phrase(struct maker *m, unsigned n)
{
    buf b = BUF(10000);
    for (unsigned i = 0; i < n; i++) {
        if (i)
            buf_char(&b, ' ');
        buf_lit(&b, words[dice(m, sizeof words / sizeof *words)]);
    }
    if (chance(m, 15))
        buf_lit(&b, chance(m, 50) ? " ?" : " :");
    str s = str_copy(m->mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static str description(struct maker *m)
{
    switch (dice(m, 10)) {
    case 0: return str_fmt(m->mem, "<p>%.*s</p>\r\n<ul><li><strong>%.*s</strong></li></ul>", STR_ARG(phrase(m, 8)), STR_ARG(phrase(m, 3)));
    case 1: return str_fmt(m->mem, "%.*s\r\n- %.*s\r\n- https://www.service-public.fr/", STR_ARG(phrase(m, 9)), STR_ARG(phrase(m, 5)));
    case 2: case 3: return phrase(m, 6 + dice(m, 30));
    default: return S("");
    }
}

static void put(json_t *o, const char *key, json_t *v)
{
    if (json_object_set_new(o, key, v) != 0)
        abort();
}

static void put_text(json_t *o, const char *key, str s)
{
    put(o, key, json_from_str(s));
}

/* ——— options ——— */

static json_t *options(struct maker *m, unsigned n)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < n; i++) {
        str label = n > 40 ? str_fmt(m->mem, "%05u %.*s", i, STR_ARG(phrase(m, 2))) : phrase(m, 1 + dice(m, 5));
        json_array_append_new(list, json_from_str(label));
    }
    return list;
}

static json_t *linked_options(struct maker *m)
{
    json_t *list = json_array();
    for (unsigned i = 0, n = 1 + dice(m, 12); i < n; i++) {
        json_array_append_new(list, json_from_str(str_fmt(m->mem, "--%u. %.*s--", i + 1, STR_ARG(phrase(m, 2)))));
        for (unsigned k = 0, p = dice(m, 9); k < p; k++)
            json_array_append_new(list, json_from_str(phrase(m, 1 + dice(m, 4))));
    }
    return list;
}

/* ——— fields ——— */

static const struct frequency *some_type(struct maker *m, bool in_repetition)
{
    unsigned total = 0, at;

    for (size_t i = 0; i < N_TYPES; i++)
        total += in_repetition ? types[i].in_repetition : types[i].all - types[i].in_repetition;
    at = dice(m, total);
    for (size_t i = 0;; i++) {
        unsigned n = in_repetition ? types[i].in_repetition : types[i].all - types[i].in_repetition;
        if (at < n)
            return &types[i];
        at -= n;
    }
}

static bool is(const struct frequency *t, const char *name)
{
    return strcmp(t->name, name) == 0;
}

static json_t *field(struct maker *m, const struct frequency *t, bool in_repetition, unsigned n_children);

static void condition(struct maker *m, json_t *f)
{
    const json_t *source = json_array_size(m->sources) ? json_array_get(m->sources, dice(m, (unsigned)json_array_size(m->sources))) : NULL;
    json_t *c;

    if (!source || !chance(m, (unsigned)m->wish.conditions_percent)) {
        put(f, "condition", json_null());
        put(f, "conditionExpression", json_null());
        return;
    }
    str type = json_str(source, "__typename"), id = json_str(source, "id");
    const json_t *list = json_object_get(source, "options");
    if (str_starts(type, S("YesNo")) || str_starts(type, S("Checkbox")))
        c = json_pack("[s,[s,s],b]", chance(m, 80) ? "=" : "!=", "champ", id.p, (int)chance(m, 70));
    else if (str_starts(type, S("Integer")))
        c = json_pack("[s,[s,s],i]", (const char *[]){"=", "!=", "<", "<=", ">", ">="}[dice(m, 6)], "champ", id.p, (int)dice(m, 50));
    else
        c = json_pack("[s,[s,s],O]", str_starts(type, S("Multiple")) ? (chance(m, 70) ? "includes" : "excludes") : "=", "champ", id.p,
                      json_array_get(list, dice(m, (unsigned)json_array_size(list))));
    if (chance(m, 30))
        c = json_pack("[s,o]", chance(m, 50) ? "and" : "or", c);
    put(f, "condition", c);
    put(f, "conditionExpression", json_string("(…)"));
}

static void own_keys(struct maker *m, const struct frequency *t, json_t *f, unsigned n_children)
{
    if (is(t, "DropDownList")) {
        put(f, "options", options(m, 1 + spread(m, 4, 367, 2000)));
        put(f, "otherOption", json_boolean(chance(m, 11)));
    } else if (is(t, "MultipleDropDownList")) {
        put(f, "options", options(m, 1 + spread(m, 5, 200, 1000)));
    } else if (is(t, "LinkedDropDownList")) {
        put(f, "options", linked_options(m));
    } else if (is(t, "PieceJustificative")) {
        put(f, "fileTemplate", chance(m, 85) ? json_null() : json_pack("{s:s,s:s,s:i}", "filename", "modèle.pdf", "contentType", "application/pdf",
                                                                       "byteSize", (int)dice(m, 900000)));
    } else if (is(t, "HeaderSection")) {
        put(f, "level", json_integer(1 + (json_int_t)dice(m, 3)));
    } else if (is(t, "Explication")) {
        bool folds = chance(m, 10);
        put(f, "collapsibleExplanationEnabled", json_boolean(folds));
        put(f, "collapsibleExplanationText", folds ? json_from_str(phrase(m, 12)) : json_null());
    } else if (is(t, "Repetition")) {
        json_t *children = json_array();
        for (unsigned i = 0; i < n_children; i++)
            json_array_append_new(children, field(m, some_type(m, true), true, 0));
        put(f, "champDescriptors", children);
    }
}

static json_t *field(struct maker *m, const struct frequency *t, bool in_repetition, unsigned n_children)
{
    json_t *f = json_object();

    m->next_id += 1 + dice(m, 40);
    put_text(f, "__typename", str_fmt(m->mem, "%sChampDescriptor", t->name));
    put_text(f, "id", ds_id_of(m->mem, m->next_id));
    put_text(f, "label", phrase(m, 1 + dice(m, 7)));
    put_text(f, "description", chance(m, 2) ? STR_NONE : description(m));
    put(f, "required", json_boolean(chance(m, t->required)));
    if (m->wish.conditions_percent > 0 && !in_repetition)
        condition(m, f);
    own_keys(m, t, f, n_children);
    if (!in_repetition && (is(t, "YesNo") || is(t, "Checkbox") || is(t, "IntegerNumber") || is(t, "DropDownList") || is(t, "MultipleDropDownList")))
        json_array_append(m->sources, f);
    return f;
}

static json_t *fields(struct maker *m, unsigned n)
{
    json_t *list = json_array();

    while (json_array_size(list) < n) {
        const struct frequency *t = some_type(m, false);
        json_array_append_new(list, field(m, t, false, 1 + spread(m, 1.5, 25, 60)));
    }
    return list;
}

static void empty_list(struct maker *m, json_t *list, const char *type, const char *key)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (is(&types[i], type)) {
            json_t *f = field(m, &types[i], false, 0);
            put(f, key, json_array());
            put(f, "required", json_false());
            json_array_append_new(list, f);
            json_array_remove(m->sources, json_array_size(m->sources) - (json_object_get(f, "options") ? 1 : 0));
        }
}

/* The extremes of the corpus, one each. */
static json_t *form(struct maker *m)
{
    json_t *list = fields(m, m->wish.number == 1 ? 648 : 1 + spread(m, 33, 167, 648));

    for (size_t i = 0; m->wish.number == 0 && i < N_TYPES; i++)
        json_array_append_new(list, field(m, &types[i], false, 2));
    if (m->wish.number == 2) {
        json_t *f = field(m, &types[3], false, 0);
        put(f, "options", options(m, 47738));
        json_array_append_new(list, f);
    }
    if (m->wish.number == 3)
        json_array_append_new(list, field(m, &types[14], false, 185));
    if (m->wish.number == 4) {
        empty_list(m, list, "DropDownList", "options");
        empty_list(m, list, "MultipleDropDownList", "options");
        empty_list(m, list, "Repetition", "champDescriptors");
    }
    return list;
}

/* ——— around ——— */

static json_t *procedure(struct maker *m, const char *revision_key)
{
    static const char *const dates[] = {"dateCreation", "datePublication", "dateDerniereModification"};
    json_t *p = json_object(), *revision = json_object();
    int number = 10000 + m->wish.number;

    put(p, "id", json_from_str(str_fmt(m->mem, "UHJvY2VkdXJl-%d", number)));
    put(p, "number", json_integer(number));
    put_text(p, "title", str_fmt(m->mem, "%d. %.*s", number, STR_ARG(phrase(m, 5))));
    put_text(p, "description", description(m));
    put(p, "state", json_string("publiee"));
    put(p, "declarative", json_null());
    for (size_t i = 0; i < 3; i++)
        put_text(p, dates[i], str_fmt(m->mem, "20%02u-0%u-1%uT10:32:06+01:00", 18 + dice(m, 9), 1 + dice(m, 9), dice(m, 10)));
    put(p, "dateFermeture", json_null());
    put(p, "tags", chance(m, 50) ? json_array() : json_pack("[s]", "environnement"));
    put(p, "cadreJuridiqueURL", chance(m, 80) ? json_string("https://www.legifrance.gouv.fr/codes/") : json_null());
    if (chance(m, 50))
        put(p, "service", json_pack("{s:s,s:s,s:s,s:n}", "nom", "Service instructeur", "siret", "13002526500013", "typeOrganisme", "collectivite_territoriale", "departement"));
    put(revision, "id", json_string("UmV2"));
    put(revision, "champDescriptors", form(m));
    put(revision, "annotationDescriptors", !m->wish.plain && chance(m, 20) ? fields(m, 1 + dice(m, 20)) : json_array());
    put(p, revision_key, revision);
    return p;
}

json_t *descriptor_made(arena *mem, struct descriptor_wish wish)
{
    struct maker m = {.mem = mem, .wish = wish, .state = wish.seed * 1000003u + (uint64_t)wish.number, .sources = json_own(mem, json_array())};

    m.next_id = 1000 + dice(&m, 5000000);
    unsigned shape = wish.plain ? 9 : dice(&m, 10);
    json_t *p = procedure(&m, shape == 0 ? "activeRevision" : shape == 1 ? "publishedRevision" : shape == 2 ? "draftRevision" : "revision");
    if (shape == 0 || shape == 3)
        p = json_pack("{s:{s:o}}", "data", "demarche", p);
    else if (shape == 4)
        p = json_pack("{s:o,s:[]}", "demarche", p, "errors");
    return json_own(mem, p);
}
