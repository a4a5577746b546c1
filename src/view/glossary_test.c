/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Every French text against the words po/glossaire.md sets aside. */
#include "base/test.h"
#include "base/words_table.h"

static str file_read(arena *a, const char *path)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    buf b = BUF(1 << 20);
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) buf_put(&b, (str){block, n});
    fclose(f);
    str s = str_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

static struct strs set_aside(arena *a)
{
    struct strs out = {0};
    str rest = file_read(a, BEFFROI_SOURCE_DIR "/po/glossaire.md");
    bool within = false;
    while (rest.n) {
        str line = str_split(rest, '\n', &rest), after;
        if (str_starts(line, S("## Mots"))) within = true;
        else if (within && str_starts(line, S("- "))) PUSH(a, &out, str_fold(a, str_trim(str_split(str_cut(line, 2, line.n), ':', &after))));
    }
    return out;
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

static bool says(str text, str word)
{
    for (size_t i = 0; i + word.n <= text.n; i++) {
        if (!str_starts(str_cut(text, i, text.n), word) || (i && letter(text.p[i - 1]))) continue;
        size_t end = i + word.n;
        if (end < text.n && text.p[end] == 's') end++;
        if (end == text.n || !letter(text.p[end])) return true;
    }
    return false;
}

static void no_french_text_uses_a_word_set_aside(void **state)
{
    arena *a = arena_new(0);
    struct strs words_out = set_aside(a);
    int found = 0;
    (void)state;
    assert_true(words_out.n > 20);
    assert_true(says(S("voici le record"), S("record")) && says(S("deux records."), S("record")) && !says(S("recorder"), S("record")));
    for (size_t i = 0; i < word_entries_n; i++) {
        str text = str_fold(a, word_entries[i].text[LANG_FR]);
        for (size_t k = 0; k < words_out.n; k++)
            if (says(text, words_out.v[k])) {
                fprintf(stderr, "%s: \"%.*s\" says \"%.*s\" (po/glossaire.md)\n", word_entries[i].key, STR_ARG(word_entries[i].text[LANG_FR]), STR_ARG(words_out.v[k]));
                found++;
            }
    }
    assert_int_equal(found, 0);
    arena_free(a);
}

static void french_is_set_as_french(void **state)
{
    int found = 0;
    (void)state;
    for (size_t i = 0; i < word_entries_n; i++) {
        str t = word_entries[i].text[LANG_FR];
        bool plain = str_find(t, S(" ;")) >= 0 || str_find(t, S(" ?")) >= 0 || str_find(t, S(" !")) >= 0 || str_find(t, S("« ")) >= 0 || str_find(t, S("...")) >= 0;
        if (plain) fprintf(stderr, "%s: \"%.*s\" has a plain space or three dots where French wants otherwise\n", word_entries[i].key, STR_ARG(t));
        found += plain;
    }
    assert_int_equal(found, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_french_text_uses_a_word_set_aside), cmocka_unit_test(french_is_set_as_french)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
