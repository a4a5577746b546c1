/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/csv.h"
#include "shared_data.h"

static arena *mem;

static struct csv read_ok(str bytes)
{
    struct csv t;
    err e = csv_read(mem, bytes, 0, (struct csv_limits){0}, &t);
    if (e.code != OK)
        print_message("%s\n", e.msg);
    assert_int_equal(e.code, OK);
    return t;
}

static void cell_is(const struct csv *t, size_t row, size_t column, const char *z)
{
    assert_true(row < t->rows.n && column < t->rows.v[row].cells.n);
    if (!str_is(t->rows.v[row].cells.v[column], z))
        print_message("row %zu, column %zu: <%.*s>\n", row, column, STR_ARG(t->rows.v[row].cells.v[column]));
    assert_true(str_is(t->rows.v[row].cells.v[column], z));
}

static void finds_the_separator(void **state)
{
    static const struct { const char *text; char separator; size_t columns; } cases[] = {
        {"a;b\n1,5;2\n", ';', 2}, {"a,b\n1;5,2\n", ',', 2}, {"a\tb\n1\t2\n", '\t', 2}, {"a|b\n1|2\n", '|', 2},
        {"adresse\n115, rue X\n", 0, 1}, {"\"a,b\";c\n1;2\n", ';', 2}, {"nom, pr\xC3\xA9nom;ville\nx;y\nz;t\n", ';', 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct csv t = read_ok(str_of(cases[i].text));
        assert_int_equal(t.separator, cases[i].separator);
        assert_int_equal(t.header.n, cases[i].columns);
        assert_int_equal(t.faults.n, 0);
    }
}

static void reads_quotes_and_line_ends(void **state)
{
    struct csv t = read_ok(S("a;b\r\n\"x \"\"y\"\"\";\"line 1\r\nline 2\"\r\n\r\n  z  ;\r\n"));
    assert_int_equal(t.rows.n, 2);
    cell_is(&t, 0, 0, "x \"y\"");
    cell_is(&t, 0, 1, "line 1\r\nline 2");
    cell_is(&t, 1, 0, "z");
    cell_is(&t, 1, 1, "");
    assert_int_equal(t.rows.v[0].line, 2);
    assert_int_equal(t.rows.v[1].line, 5);
    assert_true(t.crlf);
    t = read_ok(S("a,b\r1,2\r3,4"));             /* line ends of before 2001 */
    assert_int_equal(t.rows.n, 2);
    cell_is(&t, 1, 1, "4");
    assert_int_equal(t.rows.v[1].line, 3);
}

static void names_what_is_broken_and_reads_the_rest(void **state)
{
    struct csv t = read_ok(S("a;b\n1\n2;3;4\n5;6\n7;x\"y\n\"8\"z;9\n10;11\n"));

    assert_int_equal(t.rows.n, 4);
    cell_is(&t, 0, 1, "");
    cell_is(&t, 3, 0, "10");
    assert_int_equal(t.faults.n, 4);
    assert_int_equal(t.faults.v[0].line, 2);
    assert_string_equal(t.faults.v[0].why, "formats.csv.too_few_cells");
    assert_int_equal(t.faults.v[1].line, 3);
    assert_string_equal(t.faults.v[1].why, "formats.csv.too_many_cells");
    assert_int_equal(t.faults.v[2].line, 5);
    assert_string_equal(t.faults.v[2].why, "formats.csv.quote_stray");
    assert_int_equal(t.faults.v[3].line, 6);
    assert_string_equal(csv_nothing_lost(mem, &t).at, "l. 3");         /* a missing cell is no loss */
    t = read_ok(S("a;b;\n1\n"));
    assert_int_equal(t.faults.n, 2);
    assert_int_equal(csv_nothing_lost(mem, &t).code, OK);
}

static void a_quote_never_closed_costs_one_line(void **state)
{
    struct csv t = read_ok(S("a;b\n1;2\n\"3;4\n5;6\n7;8\n"));

    assert_int_equal(t.rows.n, 3);
    cell_is(&t, 1, 0, "5");
    assert_int_equal(t.rows.v[2].line, 5);
    assert_int_equal(t.faults.n, 1);
    assert_int_equal(t.faults.v[0].line, 3);
    assert_string_equal(t.faults.v[0].why, "formats.csv.quote_open");
}

static void finds_the_encoding(void **state)
{
    struct csv t = read_ok(S("\xEF\xBB\xBF" "nom;b\n\xC3\xA9;1\n"));
    assert_string_equal(t.encoding, "utf-8");
    assert_true(str_is(t.header.v[0], "nom"));
    t = read_ok(S("nom;b\n\xE9\xE8;1\n"));
    assert_string_equal(t.encoding, "iso-8859-1");
    cell_is(&t, 0, 0, "\xC3\xA9\xC3\xA8");
    t = read_ok(S("nom;b\nl\x92\x9Cuvre;2 \x80\n"));
    assert_string_equal(t.encoding, "windows-1252");
    cell_is(&t, 0, 0, "l\xE2\x80\x99\xC5\x93uvre");
    cell_is(&t, 0, 1, "2 \xE2\x82\xAC");
    t = read_ok(S("\xFF\xFEn\0;\0b\0\n\0\xE9\0;\0\x3D\xD8\x00\xDE\n\0"));
    assert_string_equal(t.encoding, "utf-16");
    cell_is(&t, 0, 0, "\xC3\xA9");
    cell_is(&t, 0, 1, "\xF0\x9F\x98\x80");
    t = read_ok(S("nom;b\nx;\xE9\nx\x81;1\n"));
    assert_int_equal(t.faults.n, 1);
    assert_int_equal(t.faults.v[0].line, 3);
}

static void refuses_what_is_no_table(void **state)
{
    struct csv t;
    assert_int_equal(csv_read(mem, S(""), 0, (struct csv_limits){0}, &t).code, E_INVALID);
    assert_int_equal(csv_read(mem, S("\n\n;;\n"), 0, (struct csv_limits){0}, &t).code, E_INVALID);
    assert_int_equal(csv_read(mem, S("PK\x03\x04\0\0;"), 0, (struct csv_limits){0}, &t).code, E_MALFORMED);
    assert_int_equal(csv_read(mem, S("a\n1\n2\n3\n"), 0, (struct csv_limits){.max_rows = 2}, &t).code, E_TOO_LARGE);
    assert_int_equal(csv_read(mem, S("a,b,c\n"), 0, (struct csv_limits){.max_columns = 2}, &t).code, E_TOO_LARGE);
    assert_int_equal(csv_read(mem, S("a\n1\n"), 0, (struct csv_limits){.max_bytes = 3}, &t).code, E_TOO_LARGE);
    t = read_ok(S("a;;a\n1;2;3\n"));
    assert_int_equal(t.faults.n, 2);
    assert_string_equal(t.faults.v[0].why, "formats.csv.heading_empty");
    assert_string_equal(t.faults.v[1].why, "formats.csv.heading_twice");
}

static void reads_the_dirty_files(void **state)
{
    static const struct { const char *name; size_t columns, rows; const char *heading, *cell; } cases[] = {
        {"groupe-instructeur-emails-invalides.csv", 2, 3, "Email", "instructeur1"},
        {"groupe-instructeur.csv", 2, 2, "Email", "kara@repat.africa"},
        {"groupe_avec_caracteres_speciaux.csv", 2, 4, "Email", "kara@beta.gouv.fr"},
        {"groupe_iso_8859.csv", 2, 4, "Email", "kara@beta.gouv.fr"},
        {"groupe_iso_8859_invalid_characters.csv", 2, 4, "Email", "kara@beta.gouv.fr"},
        {"instructeurs-emails-invalides.csv", 1, 3, "Email", "instructeur1.test"},
        {"instructeurs-file.csv", 1, 4, "Email", "kara@beta-gouv.fr"},
        {"invalid-group-file.csv", 2, 1, "groupé", "auvergne"},
        {"modele-import-one-column-referentiel.csv", 1, 3, "Dessert", "Éclair au café"},
        {"modele-import-referentiel-iso-8859-crlf-special-characters.csv", 4, 2, "adresse", "115, Boulevard Exelmans, Paris, 75016"},
        {"modele-import-referentiel-with-bom.csv", 2, 0, "DESCRIPTION", "Direction des Affaires financières et sociales"},
        {"modele-import-referentiel-without-separators.csv", 1, 3, "Dessert Poids (g) Calorie (kcal)", "Éclair au café 60 145"},
        {"modele-import-referentiel.csv", 3, 3, "Dessert", "Éclair au café"},
        {"two-instructeurs-file.csv", 1, 2, "Email", "instructeur1@gouv.fr"},
        {"valid-instructeurs-file.csv", 1, 3, "Email", "kara@beta-gouv.fr"}};
    struct strs names = shared_names(mem, "procedures/dirty-csv");

    assert_true(names.n == 0 || names.n == sizeof cases / sizeof *cases);
    for (size_t i = 0; i < names.n; i++) {
        str bytes;
        assert_true(str_is(names.v[i], cases[i].name));
        assert_true(shared_data(mem, str_z(mem, str_fmt(mem, "procedures/dirty-csv/%s", cases[i].name)), &bytes));
        struct csv t = read_ok(bytes);
        assert_int_equal(t.header.n, cases[i].columns);
        assert_true(str_is(t.header.v[0], cases[i].heading));
        if (cases[i].rows)
            assert_int_equal(t.rows.n, cases[i].rows);
        cell_is(&t, 0, 0, cases[i].cell);
        assert_int_equal(t.faults.n, 0);
    }
}

static void finds_a_column_by_its_name(void **state)
{
    struct csv t = read_ok(S("\xC3\x89tat ;Nom\n1;2\n"));
    assert_int_equal(csv_column(&t, S("etat")), 0);
    assert_int_equal(csv_column(&t, S("NOM")), 1);
    assert_int_equal(csv_column(&t, S("x")), -1);
}

static void what_is_written_reads_back(void **state)
{
    const str cells[] = {S("a"), S("b;c"), S("say \"x\""), S("l1\nl2"), S(" spaced "), S(""), S("=1+1"), S("+33 6 01"), S("-5,5"),
                         S("@SUM"), S("-cmd")};
    const char *guarded[] = {"a", "b;c", "say \"x\"", "l1\nl2", " spaced ", "", "'=1+1", "+33 6 01", "-5,5", "'@SUM", "'-cmd"};
    size_t n = sizeof cells / sizeof *cells;

    for (int guard = 0; guard < 2; guard++) {
        buf b = BUF(4000);
        struct csv_writer w = {.out = &b, .separator = ';', .for_spreadsheets = guard};
        for (size_t i = 0; i < n; i++)
            csv_cell(&w, str_fmt(mem, "h%zu", i));
        csv_end_row(&w);
        for (size_t i = 0; i < n; i++)
            csv_cell(&w, cells[i]);
        csv_end_row(&w);
        struct csv t = read_ok(buf_str(&b));
        assert_int_equal(t.faults.n, 0);
        for (size_t i = 0; i < n; i++)
            cell_is(&t, 0, i, guard ? guarded[i] : cells[i].p);
        buf_free(&b);
    }
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
        cmocka_unit_test_setup_teardown(finds_the_separator, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(reads_quotes_and_line_ends, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(names_what_is_broken_and_reads_the_rest, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_quote_never_closed_costs_one_line, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(finds_the_encoding, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_table, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(reads_the_dirty_files, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(finds_a_column_by_its_name, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_written_reads_back, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
