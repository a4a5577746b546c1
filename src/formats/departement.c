/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* departement.c — the tables, from INSEE's Code officiel géographique, and reading what people write. */
#include "formats/departement.h"

static const struct { const char *code, *region, *name; } departements[] = {
    {"01", "84", "Ain"}, {"02", "32", "Aisne"}, {"03", "84", "Allier"}, {"04", "93", "Alpes-de-Haute-Provence"},
    {"05", "93", "Hautes-Alpes"}, {"06", "93", "Alpes-Maritimes"}, {"07", "84", "Ardèche"}, {"08", "44", "Ardennes"},
    {"09", "76", "Ariège"}, {"10", "44", "Aube"}, {"11", "76", "Aude"}, {"12", "76", "Aveyron"},
    {"13", "93", "Bouches-du-Rhône"}, {"14", "28", "Calvados"}, {"15", "84", "Cantal"}, {"16", "75", "Charente"},
    {"17", "75", "Charente-Maritime"}, {"18", "24", "Cher"}, {"19", "75", "Corrèze"}, {"21", "27", "Côte-d'Or"},
    {"22", "53", "Côtes-d'Armor"}, {"23", "75", "Creuse"}, {"24", "75", "Dordogne"}, {"25", "27", "Doubs"},
    {"26", "84", "Drôme"}, {"27", "28", "Eure"}, {"28", "24", "Eure-et-Loir"}, {"29", "53", "Finistère"},
    {"2A", "94", "Corse-du-Sud"}, {"2B", "94", "Haute-Corse"}, {"30", "76", "Gard"}, {"31", "76", "Haute-Garonne"},
    {"32", "76", "Gers"}, {"33", "75", "Gironde"}, {"34", "76", "Hérault"}, {"35", "53", "Ille-et-Vilaine"},
    {"36", "24", "Indre"}, {"37", "24", "Indre-et-Loire"}, {"38", "84", "Isère"}, {"39", "27", "Jura"},
    {"40", "75", "Landes"}, {"41", "24", "Loir-et-Cher"}, {"42", "84", "Loire"}, {"43", "84", "Haute-Loire"},
    {"44", "52", "Loire-Atlantique"}, {"45", "24", "Loiret"}, {"46", "76", "Lot"}, {"47", "75", "Lot-et-Garonne"},
    {"48", "76", "Lozère"}, {"49", "52", "Maine-et-Loire"}, {"50", "28", "Manche"}, {"51", "44", "Marne"},
    {"52", "44", "Haute-Marne"}, {"53", "52", "Mayenne"}, {"54", "44", "Meurthe-et-Moselle"}, {"55", "44", "Meuse"},
    {"56", "53", "Morbihan"}, {"57", "44", "Moselle"}, {"58", "27", "Nièvre"}, {"59", "32", "Nord"},
    {"60", "32", "Oise"}, {"61", "28", "Orne"}, {"62", "32", "Pas-de-Calais"}, {"63", "84", "Puy-de-Dôme"},
    {"64", "75", "Pyrénées-Atlantiques"}, {"65", "76", "Hautes-Pyrénées"}, {"66", "76", "Pyrénées-Orientales"}, {"67", "44", "Bas-Rhin"},
    {"68", "44", "Haut-Rhin"}, {"69", "84", "Rhône"}, {"70", "27", "Haute-Saône"}, {"71", "27", "Saône-et-Loire"},
    {"72", "52", "Sarthe"}, {"73", "84", "Savoie"}, {"74", "84", "Haute-Savoie"}, {"75", "11", "Paris"},
    {"76", "28", "Seine-Maritime"}, {"77", "11", "Seine-et-Marne"}, {"78", "11", "Yvelines"}, {"79", "75", "Deux-Sèvres"},
    {"80", "32", "Somme"}, {"81", "76", "Tarn"}, {"82", "76", "Tarn-et-Garonne"}, {"83", "93", "Var"},
    {"84", "93", "Vaucluse"}, {"85", "52", "Vendée"}, {"86", "75", "Vienne"}, {"87", "75", "Haute-Vienne"},
    {"88", "44", "Vosges"}, {"89", "27", "Yonne"}, {"90", "27", "Territoire de Belfort"}, {"91", "11", "Essonne"},
    {"92", "11", "Hauts-de-Seine"}, {"93", "11", "Seine-Saint-Denis"}, {"94", "11", "Val-de-Marne"}, {"95", "11", "Val-d'Oise"},
    {"971", "01", "Guadeloupe"}, {"972", "02", "Martinique"}, {"973", "03", "Guyane"}, {"974", "04", "La Réunion"},
    {"976", "06", "Mayotte"}, {"975", "975", "Saint-Pierre-et-Miquelon"}, {"977", "977", "Saint-Barthélemy"}, {"978", "978", "Saint-Martin"},
    {"984", "984", "Terres australes et antarctiques françaises"}, {"986", "986", "Wallis et Futuna"}, {"987", "987", "Polynésie française"}, {"988", "988", "Nouvelle-Calédonie"},
    {"989", "989", "Île de Clipperton"}};
static const struct { const char *code, *name; } regions[] = {
    {"01", "Guadeloupe"}, {"02", "Martinique"}, {"03", "Guyane"}, {"04", "La Réunion"},
    {"06", "Mayotte"}, {"11", "Île-de-France"}, {"24", "Centre-Val de Loire"}, {"27", "Bourgogne-Franche-Comté"},
    {"28", "Normandie"}, {"32", "Hauts-de-France"}, {"44", "Grand Est"}, {"52", "Pays de la Loire"},
    {"53", "Bretagne"}, {"75", "Nouvelle-Aquitaine"}, {"76", "Occitanie"}, {"84", "Auvergne-Rhône-Alpes"},
    {"93", "Provence-Alpes-Côte d'Azur"}, {"94", "Corse"}, {"975", "Saint-Pierre-et-Miquelon"}, {"977", "Saint-Barthélemy"},
    {"978", "Saint-Martin"}, {"984", "Terres australes et antarctiques françaises"}, {"986", "Wallis et Futuna"}, {"987", "Polynésie française"},
    {"988", "Nouvelle-Calédonie"}, {"989", "Île de Clipperton"}};
#define N_DEPARTEMENTS (sizeof departements / sizeof *departements)
#define N_REGIONS (sizeof regions / sizeof *regions)

static size_t row_of(str code)
{
    size_t i = 0;
    while (i < N_DEPARTEMENTS && !str_is(code, departements[i].code)) i++;
    return i;
}

static bool in_code(char c) { return (c >= '0' && c <= '9') || c == 'A' || c == 'B'; }

/* What follows a code: nothing, or a dash. */
static bool is_alone(str rest)
{
    str s = str_trim(rest);
    return !s.n || str_starts(s, S("-")) || str_starts(s, S("–"));
}

/* 88000 → 88, 97490 → 974, 20137 (a postcode of Corsica) → 2A, 2B033 → 2B. */
static size_t of_commune(str code)
{
    bool corsica = code.p[0] == '2' && code.p[1] == '0';
    if (corsica) return row_of(code.p[2] < '2' ? S("2A") : S("2B"));
    size_t whole = row_of(str_cut(code, 0, 3));
    return whole < N_DEPARTEMENTS ? whole : row_of(str_cut(code, 0, 2));
}

/* Without capitals, accents and hyphens. */
static str bare(arena *mem, str words)
{
    str s = str_fold(mem, words);
    char *p = arena_alloc(mem, s.n + 1);
    for (size_t i = 0; i < s.n; i++) p[i] = s.p[i] == '-' ? ' ' : s.p[i];
    return (str){p, s.n};
}

str departement_of(arena *mem, str words)
{
    str s = str_trim(words), folded = bare(mem, s);
    size_t row = N_DEPARTEMENTS;
    for (size_t i = 0, end; i < s.n && row == N_DEPARTEMENTS; i = end + 1) {
        for (end = i; end < s.n && in_code(s.p[end]);) end++;
        bool apart = (i == 0 || s.p[i - 1] == ' ' || s.p[i - 1] == '(') && (end == s.n || s.p[end] == ' ' || s.p[end] == ')');
        if (apart && end - i == 5) row = of_commune(str_cut(s, i, end));
        else if (apart && (i == 0 ? is_alone(str_cut(s, end, s.n)) : s.p[i - 1] == '(')) row = row_of(str_cut(s, i, end));
    }
    for (size_t i = 0; i < N_DEPARTEMENTS && row == N_DEPARTEMENTS; i++)
        if (str_eq(folded, bare(mem, str_of(departements[i].name)))) row = i;
    return row < N_DEPARTEMENTS ? str_of(departements[row].code) : STR_NONE;
}

str departement_region(str code)
{
    size_t row = row_of(code);
    return row < N_DEPARTEMENTS ? str_of(departements[row].region) : STR_NONE;
}

str departement_name(str code)
{
    size_t row = row_of(code);
    return row < N_DEPARTEMENTS ? str_of(departements[row].name) : STR_NONE;
}

str region_of(arena *mem, str words)
{
    str s = str_trim(words), rest, first = str_split(s, ' ', &rest), folded = bare(mem, s);
    for (size_t i = 0; i < N_REGIONS; i++)
        if (str_is(first, regions[i].code) || str_eq(folded, bare(mem, str_of(regions[i].name)))) return str_of(regions[i].code);
    return STR_NONE;
}

str region_name(str code)
{
    for (size_t i = 0; i < N_REGIONS; i++)
        if (str_is(code, regions[i].code)) return str_of(regions[i].name);
    return STR_NONE;
}

bool departement_at(size_t i, str *code, str *name)
{
    if (i >= N_DEPARTEMENTS) return false;
    *code = str_of(departements[i].code);
    *name = str_of(departements[i].name);
    return true;
}

bool region_at(size_t i, str *code, str *name)
{
    if (i >= N_REGIONS) return false;
    *code = str_of(regions[i].code);
    *name = str_of(regions[i].name);
    return true;
}
