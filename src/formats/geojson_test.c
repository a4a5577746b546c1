/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/geojson.h"
#include "shared_data.h"

static arena *mem;

static void writes_points(void **state)
{
    buf b = BUF(10000);
    struct jw w = jw(&b);

    geojson_open(&w);
    geojson_point(&w, S("r1"), 48.17000000001, 6.45);
    jw_member_str(&w, "title", S("Lampe"));
    geojson_point_end(&w);
    geojson_point(&w, S("r2"), -1, 0);
    geojson_point_end(&w);
    geojson_close(&w);
    assert_true(str_is(buf_str(&b),
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"r1\",\"geometry\":{\"type\":\"Point\","
        "\"coordinates\":[6.45,48.17]},\"properties\":{\"title\":\"Lampe\"}},{\"type\":\"Feature\",\"id\":\"r2\","
        "\"geometry\":{\"type\":\"Point\",\"coordinates\":[0.0,-1.0]},\"properties\":{}}]}"));
    buf_free(&b);
}

static err read(const char *text, struct geo_outlines *out)
{
    json_t *v;
    assert_int_equal(json_parse(mem, str_of(text), &v).code, OK);
    return geojson_outlines(mem, v, out);
}

static void reads_outlines(void **state)
{
    struct geo_outlines o;
    const char *square = "{\"type\":\"Feature\",\"properties\":{\"nom\":\"A\",\"code\":\"88160\"},\"geometry\":{\"type\":\"Polygon\","
        "\"coordinates\":[[[0,0],[4,0],[4,4],[0,4],[0,0]],[[1,1],[2,1],[2,2],[1,2],[1,1]]]}}";

    assert_int_equal(read(square, &o).code, OK);
    assert_int_equal(o.n, 1);
    assert_true(str_is(o.v[0].name, "A") && str_is(o.v[0].code, "88160"));
    assert_int_equal(o.v[0].rings.n, 2);
    assert_false(o.v[0].rings.v[0].hole);
    assert_true(o.v[0].rings.v[1].hole);
    assert_true(geo_inside(&o.v[0], 3, 3));
    assert_false(geo_inside(&o.v[0], 1.5, 1.5));
    assert_false(geo_inside(&o.v[0], 5, 1));
    assert_true(geo_box_of(&o).east == 4);

    assert_int_equal(read("{\"type\":\"Point\",\"coordinates\":[1,2]}", &o).code, OK);
    assert_int_equal(o.n, 0);
}

static void says_where_an_outline_is_at_fault(void **state)
{
    static const struct { const char *text, *at; } cases[] = {
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,1]]]}", "coordinates[0]"},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,0]]]}", "coordinates[0]"},
        {"{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,\"x\"],[1,1],[0,0]]]}", "coordinates[0][1]"},
        {"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"geometry\":{\"type\":\"MultiPolygon\","
         "\"coordinates\":[[[[0,0],[1,0],[1,91],[0,0]]]]}}]}", "features[0].geometry.coordinates[0][0][2]"}};
    struct geo_outlines o;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err e = read(cases[i].text, &o);
        assert_int_equal(e.code, E_INVALID);
        assert_string_equal(e.at, cases[i].at);
    }
    assert_int_equal(read("[]", &o).code, E_INVALID);
    assert_int_equal(read("{\"type\":\"FeatureCollection\"}", &o).code, E_INVALID);
}

static void the_town_lies_in_its_outline(void **state)
{
    str text;
    json_t *v;
    struct geo_outlines o;

    if (!shared_data(mem, "territory/geojson/commune-88160-epinal.geojson", &text))
        return;
    assert_int_equal(json_parse(mem, text, &v).code, OK);
    assert_int_equal(geojson_outlines(mem, v, &o).code, OK);
    assert_int_equal(o.n, 1);
    assert_true(str_is(o.v[0].code, "88160"));
    assert_true(geo_inside(&o.v[0], 48.1724, 6.4497));
    assert_false(geo_inside(&o.v[0], 48.69, 6.18));             /* Nancy */
}

static int open_arena(void **state)
{
    mem = arena_new(0);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(mem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_points, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(reads_outlines, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(says_where_an_outline_is_at_fault, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_town_lies_in_its_outline, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
