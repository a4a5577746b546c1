/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/territory.h"

#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "base/words.h"
#include "formats/json.h"

#define PART_MOST_BYTES ((size_t)32 << 20)

/* gzip or plain, as zlib finds it. */
static err part_read(arena *mem, const struct territory *t, const char *name, json_t **out)
{
    const char *path = str_fmt(mem, "%.*s/%s", STR_ARG(t->dir), name).p;
    gzFile f = gzopen(path, "re");
    if (!f) return FAIL_AT(E_NOT_FOUND, W("territory.missing"), path);
    buf b = BUF(PART_MOST_BYTES);
    char part[65536];
    int n;
    while ((n = gzread(f, part, sizeof part)) > 0) buf_put(&b, (str){part, (size_t)n});
    bool bad = gzclose(f) != Z_OK || n < 0 || b.full;
    err e = bad ? FAIL_AT(E_MALFORMED, W("territory.damaged"), path) : json_parse_max(mem, buf_str(&b), PART_MOST_BYTES, out);
    buf_free(&b);
    return e;
}

err territory_open_at(arena *mem, str dir, struct territory *out)
{
    json_t *about;
    *out = (struct territory){.dir = dir};
    TRY(part_read(mem, out, "territory.json", &about));
    out->source = json_str(about, "source");
    out->licence = json_str(about, "licence");
    out->year = json_str(about, "year");
    out->version = json_str(about, "version");
    out->outlines = json_str(about, "outlines");
    return NO_ERR;
}

static bool is_there(arena *mem, str dir) { return access(str_fmt(mem, "%.*s/territory.json", STR_ARG(dir)).p, R_OK) == 0; }

err territory_open(arena *mem, struct territory *out)
{
    static const char *const beside[] = {"../territory", "../share/beffroi/territory", NULL};
    char exe[4096];
    str share = str_of(getenv("BEFFROI_SHARE"));
    if (share.n) return territory_open_at(mem, str_fmt(mem, "%.*s/territory", STR_ARG(share)), out);
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe);
    while (n > 0 && exe[n - 1] != '/') n--;
    for (int i = 0; n > 0 && beside[i]; i++) {
        str dir = str_fmt(mem, "%.*s%s", (int)n, exe, beside[i]);
        if (is_there(mem, dir)) return territory_open_at(mem, dir, out);
    }
    return FAIL(E_NOT_FOUND, W("territory.missing"));
}

/* "88", "2A", "974": the file where a commune stands. Absent: not a code. */
static str department_of(str insee)
{
    if (insee.n != 5) return STR_NONE;
    for (size_t i = 0; i < 5; i++)
        if ((insee.p[i] < '0' || insee.p[i] > '9') && !(i == 1 && insee.p[0] == '2' && (insee.p[i] == 'A' || insee.p[i] == 'B'))) return STR_NONE;
    return str_cut(insee, 0, str_starts(insee, S("97")) || str_starts(insee, S("98")) ? 3 : 2);
}

static enum commune_kind kind_of(str kind)
{
    if (str_is(kind, "delegated")) return COMMUNE_DELEGATED;
    if (str_is(kind, "associated")) return COMMUNE_ASSOCIATED;
    return str_is(kind, "district") ? COMMUNE_DISTRICT : COMMUNE_WHOLE;
}

static void commune_from(arena *mem, json_t *one, struct commune *out)
{
    json_t *code;
    size_t i;
    *out = (struct commune){.kind = kind_of(json_str(one, "kind")), .insee = json_str(one, "code"), .name = json_str(one, "name"), .siren = json_str(one, "siren"),
                            .part_of = json_str(one, "part_of"), .epci = json_str(one, "epci"), .population = json_i64(one, "population", 0)};
    json_array_foreach(json_object_get(one, "postcodes"), i, code) PUSH(mem, &out->postcodes, json_text(code));
}

err territory_commune(arena *mem, const struct territory *t, str insee, struct commune *out)
{
    json_t *file = NULL, *one, *outlines;
    size_t i;
    str department = department_of(insee);
    if (!department.n) return FAIL_AT(E_NOT_FOUND, W("territory.insee_unknown"), "insee");
    err e = part_read(mem, t, str_fmt(mem, "%.*s.json.gz", STR_ARG(department)).p, &file);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    json_array_foreach(json_object_get(file, "communes"), i, one)
    {
        if (!str_eq(json_str(one, "code"), insee)) continue;
        commune_from(mem, one, out);
        e = part_read(mem, t, str_fmt(mem, "%.*s.outlines.json.gz", STR_ARG(department)).p, &outlines);
        if (e.code == OK) out->outline = json_object_get(outlines, str_z(mem, insee));
        return e.code == E_NOT_FOUND ? NO_ERR : e;
    }
    return FAIL_AT(E_NOT_FOUND, W("territory.insee_unknown"), "insee");
}

static void epci_from(arena *mem, json_t *one, struct epci *out)
{
    json_t *m;
    size_t i;
    *out = (struct epci){.siren = json_str(one, "siren"), .name = json_str(one, "name"), .kind = json_str(one, "kind"), .population = json_i64(one, "population", 0)};
    json_array_foreach(json_object_get(one, "members"), i, m)
        PUSH(mem, &out->members, (struct member){json_str(m, "code"), json_str(m, "name"), json_str(m, "siren"), json_i64(m, "population", 0)});
}

err territory_epci(arena *mem, const struct territory *t, str siren, struct epci *out)
{
    json_t *file, *one;
    size_t i;
    TRY(part_read(mem, t, "epci.json.gz", &file));
    json_array_foreach(json_object_get(file, "epci"), i, one)
    {
        if (!str_eq(json_str(one, "siren"), siren)) continue;
        epci_from(mem, one, out);
        return NO_ERR;
    }
    return FAIL_AT(E_NOT_FOUND, W("territory.siren_unknown"), "siren");
}

str territory_credit(arena *mem, const struct territory *t)
{
    return str_fmt(mem, "%.*s (%.*s), %.*s%s%.*s", STR_ARG(t->source), STR_ARG(t->year), STR_ARG(t->licence), t->outlines.n ? " ; " : "", STR_ARG(t->outlines));
}
