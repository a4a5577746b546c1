/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Importing fact sheets: new, the same, changed, gone, unreadable; and nothing of it in the twin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/found.h"
#include "core/sheets.h"
#include "core/testing.h"

struct file { const char *name, *xml; };
struct files { const struct file *v; size_t n; };

#define SHEET(id_, title_, text_) "<Publication xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ID=\"" id_ "\"><dc:title>" title_ "</dc:title><Theme ID=\"N1\"><Titre>Famille</Titre></Theme><Texte><Paragraphe>" text_ "</Paragraphe></Texte></Publication>"

static err file_of(void *arg, arena *mem, size_t i, struct sheet_file *out)
{
    const struct files *f = arg;
    (void)mem;
    *out = (struct sheet_file){str_of(f->v[i].name), str_of(f->v[i].xml)};
    return NO_ERR;
}

static str name_of(void *arg, size_t i) { return str_of(((const struct files *)arg)->v[i].name); }

static struct sheets_done import(struct town *t, db *d, const struct file *v, size_t n)
{
    struct files f = {v, n};
    struct sheets_done done;
    ASSERT_OK(sheets_import(d, t->mem, &(struct sheets_source){.n = n, .file = file_of, .name = name_of, .arg = &f}, &done));
    return done;
}

static size_t found(struct town *t, db *d, const char *typed)
{
    struct found_answer a;
    ASSERT_OK(found_run(d, t->mem, NULL, str_of(typed), 50, &a));
    return a.n;
}

static void an_import_replaces_the_one_before(void **state)
{
    struct town *t = town_open(*state);
    static const struct file first[] = {{"x/F1.xml", SHEET("F1", "Adoption simple", "un")}, {"F2.xml", SHEET("F2", "Mariage posthume", "deux")}, {"R3.xml", "<x/>"}, {"arborescence.xml", "<x/>"}},
                             second[] = {{"F1.xml", SHEET("F1", "Adoption simple", "un")}, {"F2.xml", SHEET("F2", "Mariage en mer", "deux")}, {"F4.xml", SHEET("F4", "Tutelle", "quatre")}},
                             third[] = {{"F1.xml", "broken"}, {"F4.xml", SHEET("F9", "Autre", "neuf")}};
    struct sheets_done done = import(t, t->a.d, first, 4);
    assert_int_equal(done.added, 2);
    assert_int_equal(done.faulty.n, 0);
    assert_int_equal(found(t, t->a.d, "adoption"), 1);
    assert_int_equal(found(t, t->twin.d, "adoption"), 0);
    struct fact_sheet s;
    ASSERT_OK(sheet_get(t->a.d, t->mem, S("F1"), &s));
    ASSERT_STR(s.title, "Adoption simple");
    ASSERT_CODE(sheet_get(t->twin.d, t->mem, S("F1"), &s), E_NOT_FOUND);
    import(t, t->twin.d, first, 4);

    done = import(t, t->a.d, second, 3);
    assert_int_equal(done.added, 1);
    assert_int_equal(done.changed, 1);
    assert_int_equal(done.same, 1);
    assert_int_equal(done.gone, 0);
    assert_int_equal(found(t, t->a.d, "posthume"), 0);
    assert_int_equal(found(t, t->twin.d, "posthume"), 1);

    done = import(t, t->a.d, third, 2);             /* unreadable: what was there stays; what is not named goes */
    assert_int_equal(done.faulty.n, 2);
    assert_int_equal(done.gone, 1);
    ASSERT_OK(sheet_get(t->a.d, t->mem, S("F1"), &s));
    ASSERT_CODE(sheet_get(t->a.d, t->mem, S("F2"), &s), E_NOT_FOUND);
    assert_int_equal(found(t, t->a.d, "mer"), 0);
    assert_int_equal(found(t, t->twin.d, "posthume"), 1);

    static const struct file none[] = {{"lisezmoi.txt", "x"}};
    struct files f = {none, 1};
    ASSERT_CODE(sheets_import(t->a.d, t->mem, &(struct sheets_source){.n = 1, .file = file_of, .name = name_of, .arg = &f}, &done), E_INVALID);
    ASSERT_OK(sheet_get(t->a.d, t->mem, S("F1"), &s));
    town_close(t);
}

static void lines_and_themes(void **state)
{
    struct town *t = town_open(*state);
    static const struct file files[] = {{"F1.xml", SHEET("F1", "Adoption", "un")}, {"F2.xml", SHEET("F2", "Mariage", "deux")}};
    import(t, t->a.d, files, 2);
    struct sheet_lines lines;
    struct sheet_themes themes_;
    str ids[] = {S("F2"), S("F7"), S("F1")};
    ASSERT_OK(sheet_lines_of(t->a.d, t->mem, (struct strs){ids, 3}, &lines));
    assert_int_equal(lines.n, 2);
    ASSERT_STR(lines.v[0].id, "F2");
    ASSERT_OK(sheet_lines_of(t->twin.d, t->mem, (struct strs){ids, 3}, &lines));
    assert_int_equal(lines.n, 0);
    ASSERT_OK(sheet_themes(t->a.d, t->mem, &themes_));
    assert_int_equal(themes_.n, 1);
    assert_int_equal(themes_.v[0].n, 2);
    ASSERT_OK(sheet_lines_of_theme(t->a.d, t->mem, S("Famille"), &lines));
    assert_int_equal(lines.n, 2);
    ASSERT_OK(sheet_lines_of_theme(t->twin.d, t->mem, S("Famille"), &lines));
    assert_int_equal(lines.n, 0);
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {STORE_TEST(an_import_replaces_the_one_before), STORE_TEST(lines_and_themes)};
    return STORE_RUN(tests);
}
