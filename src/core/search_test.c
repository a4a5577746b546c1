/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Words to records: as people type them, and nothing of what is not theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/search.h"
#include "core/testing.h"

static size_t found(struct town *t, const struct who *who, bool public_only, const char *typed, const char *kind)
{
    struct hits hits;
    ASSERT_OK(search_run(t->a.d, t->mem, who, public_only, str_of(typed), str_of(kind), 50, &hits));
    for (size_t i = 1; i < hits.n; i++) assert_true(hits.v[i - 1].record > hits.v[i].record);
    return hits.n;
}

static void some_dossiers(struct town *t, struct side *s)
{
    town_file(t, s, s->permit, "{\"f1\":\"Échafaudage rue de la Préfecture, n° 12 bis\",\"f2\":\"n\"}", "Zoé Lœw", "zoe@ex.test");
    town_file(t, s, s->permit, "{\"f1\":\"Benne à gravats, rue d'Épinal\",\"f3\":[\"x\"]}", "Jean-Paul O'Neill", "jp@ex.test");
    town_file(t, s, s->tree, "{\"g1\":\"Chêne\"}", "Łucja Straße", "l@ex.test");
}

static void words_are_found_as_people_type_them(void **state)
{
    static const struct { const char *typed; size_t n; } cases[] = {
        {"échafaudage", 1}, {"ECHAFAUDAGE", 1}, {"echaf", 1}, {"rue", 2}, {"rue prefecture", 1}, {"prefecture rue", 1}, {"rue  -  prefecture!", 1}, {"d'epinal", 1},
        {"Épinal", 1}, {"loew", 1}, {"lœw", 1}, {"zoe ex test", 1}, {"jean-paul", 1}, {"o'neill", 1}, {"lucja strasse", 1}, {"chene", 1}, {"Nord", 1}, {"fouille", 1},
        {"12", 1}, {"rue gravats prefecture", 0}, {"chateau", 0}, {"", 0}, {"   ", 0}, {"!!!", 0}};
    struct town *t = town_open(*state);
    some_dossiers(t, &t->a);
    some_dossiers(t, &t->twin);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (found(t, &t->a.agent, false, cases[i].typed, NULL) != cases[i].n)
            fail_msg("\"%s\": %zu, not %zu", cases[i].typed, found(t, &t->a.agent, false, cases[i].typed, NULL), cases[i].n);
    assert_int_equal(found(t, &t->a.agent, false, "rue", "permit"), 2);
    assert_int_equal(found(t, &t->a.agent, false, "rue", "tree"), 0);
    town_close(t);
}

static void a_query_never_fails(void **state)
{
    static const char *const typed[] = {"\"", "'", "\"échaf", "échaf*", "AND", "OR OR", "NOT échafaudage", "(", ")", "a AND (b", "public_words:x", "scope : \"t1\"", "{x} : y",
        "NEAR(a b, 2)", "^a", "a + b", "-rue", "rue & | !", ":*", "\\", "%_", "'); DROP TABLE search; --", "\xff\xfe", "\xc3", "<b>", "🙂", ("e\xcc\x81" "chaf"),
        "un deux trois quatre cinq six sept huit neuf dix onze douze treize", "::", "''''", "t2"};
    struct town *t = town_open(*state);
    some_dossiers(t, &t->a);
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) found(t, &t->a.agent, false, typed[i], NULL);
    char longest[5000];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_int_equal(found(t, &t->a.agent, false, longest, NULL), 0);
    assert_int_equal(found(t, &t->a.agent, false, "e\xcc\x81" "chaf", NULL), 1);
    assert_int_equal(found(t, &t->a.agent, false, "échafaudage AND rue", NULL), 0);
    assert_int_equal(found(t, &t->a.agent, false, "t1", NULL), 0);
    town_close(t);
}

static void everybody_finds_their_own(void **state)
{
    struct town *t = town_open(*state);
    some_dossiers(t, &t->a);
    struct record r = town_file(t, &t->a, t->a.report, "{\"f1\":\"lamp\",\"f2\":\"Rue sombre\",\"f4\":true,\"f5\":\"+33612345678\"}", "Témoin Discret", "td@ex.test");
    assert_int_equal(found(t, &WHO_NOBODY, true, "sombre", NULL), 0);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    assert_int_equal(found(t, &WHO_NOBODY, true, "sombre", NULL), 1);
    assert_int_equal(found(t, &WHO_NOBODY, true, "rue", NULL), 1);
    assert_int_equal(found(t, &WHO_NOBODY, true, "discret", NULL), 0);
    assert_int_equal(found(t, &WHO_NOBODY, true, "33612345678", NULL), 0);
    assert_int_equal(found(t, &WHO_NOBODY, true, str_z(t->mem, r.reference), NULL), 0);
    assert_int_equal(found(t, &WHO_NOBODY, false, "sombre", NULL), 0);
    assert_int_equal(found(t, &t->a.citizen_who, false, "rue", NULL), 0);
    assert_int_equal(found(t, &t->a.other, false, "rue", NULL), 0);
    assert_int_equal(found(t, &t->a.agent, false, "rue", NULL), 3);
    assert_int_equal(found(t, &t->a.agent, false, "discret", NULL), 1);
    assert_int_equal(found(t, &t->a.agent, false, str_z(t->mem, r.reference), NULL), 1);
    /* Leaving the public state, it leaves the public words. */
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "close", "{\"reason\":\"x\"}"));
    assert_int_equal(found(t, &WHO_NOBODY, true, "sombre", NULL), 1);
    struct record dup = town_file(t, &t->a, t->a.report, "{\"f1\":\"hole\",\"f2\":\"Rue trouée\"}", NULL, NULL);
    const char *ask = str_z(t->mem, str_fmt(t->mem, "{\"original\":\"%.*s\"}", STR_ARG(r.reference)));
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &dup, "merge", ask));
    assert_int_equal(found(t, &WHO_NOBODY, true, "trouee", NULL), 0);
    town_close(t);
}

static void the_twin_is_never_found(void **state)
{
    struct town *t = town_open(*state);
    some_dossiers(t, &t->twin);
    struct record r = town_file(t, &t->twin, t->twin.report, "{\"f1\":\"lamp\",\"f2\":\"Rue sombre\"}", NULL, NULL);
    ASSERT_OK(town_act(t, &t->twin, &t->twin.agent, &r, "accept", NULL));
    assert_int_equal(found(t, &WHO_SYSTEM, false, "rue", NULL), 0);
    assert_int_equal(found(t, &WHO_SYSTEM, true, "rue", NULL), 0);
    assert_int_equal(found(t, &WHO_SYSTEM, true, "rue", "report"), 0);
    struct hits hits;
    ASSERT_OK(search_run(t->twin.d, t->mem, &WHO_NOBODY, true, S("rue"), S("report"), 10, &hits));
    assert_int_equal(hits.n, 1);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(words_are_found_as_people_type_them), STORE_TEST(a_query_never_fails), STORE_TEST(everybody_finds_their_own),
        STORE_TEST(the_twin_is_never_found),
    };
    return STORE_RUN(tests);
}
