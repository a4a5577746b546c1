/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/clock.h"
#include "formats/atom.h"

static void writes_a_feed(void **state)
{
    buf b = BUF(10000);
    struct atom_feed f = {.id = S("https://e.fr/"), .title = S("Signalements & co"), .self_url = S("https://e.fr/flux?a=1&b=2"),
                          .author = S("Ville"), .lang = S("fr"), .updated_us = DAY_US};
    struct atom_entry e = {.id = S("urn:1"), .title = S("<b>\"Nid\" de poule\x01\xFF"), .url = S("https://e.fr/1"),
                           .summary = S("d\xC3\xA9tail"), .published_us = 2 * DAY_US, .has_place = true, .lat = 48.1, .lon = 6.45};

    atom_open(&b, &f);
    atom_add(&b, &e);
    atom_close(&b);
    str s = buf_str(&b);
    assert_true(str_starts(s, S("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"")));
    assert_true(str_find(s, S("<title>Signalements &amp; co</title>")) > 0);
    assert_true(str_find(s, S("href=\"https://e.fr/flux?a=1&amp;b=2\"")) > 0);
    assert_true(str_find(s, S("<title>&lt;b&gt;&quot;Nid&quot; de poule</title>")) > 0);
    assert_true(str_find(s, S("<georss:point>48.100000 6.450000</georss:point>")) > 0);
    assert_true(str_find(s, S("<published>1970-01-03T00:00:00Z</published>\n<updated>1970-01-03T00:00:00Z</updated>")) > 0);
    assert_true(str_find(s, S("<updated>1970-01-02T00:00:00Z</updated>")) > 0);
    assert_true(str_ends(s, S("</entry>\n</feed>\n")));
    assert_true(str_find(s, S("<category")) < 0);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_a_feed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
