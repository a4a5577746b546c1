/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The reader of the territory's data package, over a package of a few lines. The real one: tests/scripts/territory_test.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>
#include <cmocka.h>

#include "formats/territory.h"

static arena *mem;
static str dir;

static void put(const char *name, const char *text)
{
    gzFile f = gzopen(str_fmt(mem, "%.*s/%s", STR_ARG(dir), name).p, "wb");
    assert_non_null(f);
    gzputs(f, text);
    assert_int_equal(gzclose(f), Z_OK);
}

static int before(void **state)
{
    char path[] = "/tmp/territory-XXXXXX";
    mem = arena_new(0);
    dir = str_copy(mem, str_of(mkdtemp(path)));
    put("territory.json", "{\"source\":\"INSEE\",\"year\":\"2026\",\"version\":\"6\",\"licence\":\"Licence Ouverte 2.0\",\"outlines\":\"IGN\"}");
    put("2A.json.gz", "{\"communes\":[{\"code\":\"2A004\",\"name\":\"Ajaccio\",\"kind\":\"commune\",\"siren\":\"212000046\",\"population\":75000,\"postcodes\":[\"20000\",\"20090\"],\"epci\":\"242010056\"},"
                      "{\"code\":\"2A005\",\"name\":\"Une autre\",\"kind\":\"delegated\",\"part_of\":\"2A004\"}]}");
    put("2A.outlines.json.gz", "{\"2A004\":{\"type\":\"Polygon\",\"coordinates\":[[[8,41],[9,41],[9,42],[8,41]]]}}");
    put("974.json.gz", "{\"communes\":[{\"code\":\"97411\",\"name\":\"Saint-Denis\",\"kind\":\"commune\"}]}");
    put("epci.json.gz", "{\"epci\":[{\"siren\":\"242010056\",\"name\":\"Pays ajaccien\",\"kind\":\"CA\",\"population\":88000,\"members\":[{\"code\":\"2A004\",\"name\":\"Ajaccio\",\"siren\":\"212000046\",\"population\":75000}]}]}");
    return 0;
}

static int after(void **state)
{
    static const char *const names[] = {"territory.json", "2A.json.gz", "2A.outlines.json.gz", "974.json.gz", "epci.json.gz", "88.json.gz"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) remove(str_fmt(mem, "%.*s/%s", STR_ARG(dir), names[i]).p);
    remove(dir.p);
    arena_free(mem);
    return 0;
}

static void a_commune_and_its_grouping(void **state)
{
    struct territory t;
    struct commune c;
    struct epci e;
    assert_int_equal(territory_open_at(mem, dir, &t).code, OK);
    assert_int_equal(territory_commune(mem, &t, S("2A004"), &c).code, OK);
    assert_true(str_is(c.name, "Ajaccio") && c.population == 75000 && c.postcodes.n == 2 && str_is(c.postcodes.v[1], "20090") && c.kind == COMMUNE_WHOLE);
    assert_non_null(c.outline);
    assert_int_equal(territory_epci(mem, &t, c.epci, &e).code, OK);
    assert_true(str_is(e.name, "Pays ajaccien") && e.members.n == 1 && e.members.v[0].population == 75000);
    assert_string_equal(territory_credit(mem, &t).p, "INSEE (2026), Licence Ouverte 2.0 ; IGN");
    assert_int_equal(territory_commune(mem, &t, S("2A005"), &c).code, OK);
    assert_true(c.kind == COMMUNE_DELEGATED && str_is(c.part_of, "2A004") && !c.outline);
}

static void overseas_has_three_figures(void **state)
{
    struct territory t;
    struct commune c;
    assert_int_equal(territory_open_at(mem, dir, &t).code, OK);
    assert_int_equal(territory_commune(mem, &t, S("97411"), &c).code, OK);
    assert_true(str_is(c.name, "Saint-Denis") && !c.epci.n && !c.outline && c.population == 0);
}

static void what_is_not_there_is_said(void **state)
{
    struct territory t;
    struct commune c;
    struct epci e;
    assert_int_equal(territory_open_at(mem, S("/nowhere"), &t).code, E_NOT_FOUND);
    assert_int_equal(territory_open_at(mem, dir, &t).code, OK);
    static const char *const codes[] = {"", "2A999", "88160", "../x", "2C001", "8816A", "881600"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) assert_int_equal(territory_commune(mem, &t, str_of(codes[i]), &c).code, E_NOT_FOUND);
    assert_int_equal(territory_epci(mem, &t, S("1"), &e).code, E_NOT_FOUND);
    put("88.json.gz", "{\"communes\":[");
    assert_int_equal(territory_commune(mem, &t, S("88160"), &c).code, E_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_commune_and_its_grouping, before, after),
        cmocka_unit_test_setup_teardown(overseas_has_three_figures, before, after),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_said, before, after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
