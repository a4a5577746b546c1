/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Made-up procedures with the frequencies of the published ones: each comes, goes, and comes again unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "descriptors.h"
#include "formats/ds_descriptor.h"
#include "rules/rules.h"

#define N_MADE 250

static void check_names(arena *mem, const json_t *fields, json_t *names, json_t *ids)
{
    for (size_t i = 0; i < json_array_size(fields); i++) {
        const json_t *f = json_array_get(fields, i);
        str name = json_str(f, "name"), id = json_str(f, "id");
        assert_true(id.n > 0 && !json_object_get(ids, id.p));
        json_object_set_new(ids, id.p, json_true());
        if (name.p) {
            assert_true(rule_name_valid(name) && !json_object_get(names, name.p));
            json_object_set_new(names, name.p, json_true());
        }
        check_names(mem, json_object_get(f, "fields"), names, ids);
    }
}

static size_t comes_and_goes(struct descriptor_wish wish)
{
    arena *mem = arena_new((size_t)1 << 30);
    json_t *d = descriptor_made(mem, wish), *back, *stored;
    struct ds_import in, again;

    assert_int_equal(ds_to_kind(mem, d, NULL, &in).code, OK);
    assert_int_equal(in.unknown.n, 0);
    assert_int_equal(kind_to_ds(mem, in.kind, &back).code, OK);
    if (!json_equal(back, d))
        print_message("seed %llu, number %d differs\n", (unsigned long long)wish.seed, wish.number);
    assert_true(str_eq(json_pretty(mem, back), json_pretty(mem, d)));

    str text = json_canonical(mem, in.kind);
    assert_int_equal(json_parse_max(mem, text, (size_t)64 << 20, &stored).code, OK);
    assert_int_equal(ds_to_kind(mem, d, stored, &again).code, OK);
    assert_true(str_eq(json_canonical(mem, again.kind), text));
    check_names(mem, json_object_get(in.kind, "fields"), json_own(mem, json_object()), json_own(mem, json_object()));
    for (size_t i = 0; i < in.notes.n && wish.number != 4; i++) {
        print_message("number %d: %s at %s\n", wish.number, in.notes.v[i].why, in.notes.v[i].at);
        fail();
    }
    size_t n = in.n_fields;
    arena_free(mem);
    return n;
}

static void made_procedures_come_and_go(void **state)
{
    for (int i = 0; i < N_MADE; i++) {
        size_t n = comes_and_goes((struct descriptor_wish){.seed = 1, .number = i});
        assert_true(n > 0);
        assert_true(i != 1 || n >= 648);
    }
}

static void made_conditions_come_and_go(void **state)
{
    for (int i = 5; i < 60; i++)
        comes_and_goes((struct descriptor_wish){.seed = 2, .number = i, .conditions_percent = 30});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(made_procedures_come_and_go), cmocka_unit_test(made_conditions_come_and_go)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
