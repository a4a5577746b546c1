/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Every French text, of the catalogues and of the ready procedures, against the words po/glossaire.md sets aside; every English one is English. */
#include "base/test.h"
#include "base/words_table.h"
#include "core/kind.h"
#include "formats/json.h"

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

struct texts { struct one_text { const char *key; str text[LANG_N]; } *v; size_t n; };

/* {fr: …, en: …} anywhere below. */
static void texts_of(arena *a, const char *key, const json_t *j, struct texts *out)
{
    const char *name;
    json_t *value;
    size_t i;
    str fr = json_str(j, "fr");
    if (fr.n) PUSH(a, out, (struct one_text){key, {fr, json_str(j, "en")}});
    if (json_is_object(j)) json_object_foreach((json_t *)j, name, value) texts_of(a, key, value, out);
    if (json_is_array(j)) json_array_foreach((json_t *)j, i, value) texts_of(a, key, value, out);
}

static struct texts every_text(arena *a)
{
    struct texts out = {0};
    for (size_t i = 0; i < word_entries_n; i++)
        PUSH(a, &out, (struct one_text){word_entries[i].key, {word_entries[i].text[LANG_FR], word_entries[i].text[LANG_EN]}});
    for (int shipped = 0; shipped < 2; shipped++)
        for (const char *const *name = shipped ? kind_names_shipped : kind_names_library; *name; name++) {
            json_t *j = NULL;
            assert_int_equal(json_parse(a, str_of(shipped ? kind_yaml_shipped(*name) : kind_yaml_library(*name)), &j).code, OK);
            texts_of(a, *name, j, &out);
        }
    return out;
}

static void no_french_text_uses_a_word_set_aside(void **state)
{
    arena *a = arena_new(0);
    struct strs words_out = set_aside(a);
    struct texts all = every_text(a);
    int found = 0;
    (void)state;
    assert_true(words_out.n > 20);
    assert_true(says(S("voici le record"), S("record")) && says(S("deux records."), S("record")) && !says(S("recorder"), S("record")));
    assert_true(all.n > word_entries_n + 800);
    for (size_t i = 0; i < all.n; i++) {
        str text = str_fold(a, all.v[i].text[LANG_FR]);
        for (size_t k = 0; k < words_out.n; k++)
            if (says(text, words_out.v[k])) {
                fprintf(stderr, "%s: \"%.*s\" says \"%.*s\" (po/glossaire.md)\n", all.v[i].key, STR_ARG(all.v[i].text[LANG_FR]), STR_ARG(words_out.v[k]));
                found++;
            }
    }
    assert_int_equal(found, 0);
    arena_free(a);
}

/* There, another text than the French one, and without two of the small words that make French. */
static bool is_english(arena *a, str en, str fr)
{
    static const char *const small[] = {"le", "la", "les", "des", "du", "une", "est", "dans", "pour", "vous", "votre", "nous", "que", "qui", "avec", "pas", "sont", "aux", "cette", "et", "ou", "au"};
    str folded = str_fold(a, en);
    int n = 0;
    if (!en.n) return false;
    if (str_find(folded, S("code ")) >= 0 || str_find(folded, S("commission d")) >= 0 || str_find(folded, S("directeur academique")) >= 0) return true;    /* names that are French */
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) n += says(folded, str_of(small[i]));
    return n < 2 && !(str_eq(en, fr) && n);
}

static void every_text_has_its_english(void **state)
{
    arena *a = arena_new(0);
    struct texts all = every_text(a);
    int found = 0;
    (void)state;
    assert_false(is_english(a, S("Pour vous joindre si votre enfant est malade."), S("Pour vous joindre si votre enfant est malade.")));
    assert_false(is_english(a, STR_NONE, S("Oui")));
    assert_true(is_english(a, S("To reach you if your child is ill."), S("Pour vous joindre si votre enfant est malade.")));
    for (size_t i = 0; i < all.n; i++) {
        str fr = all.v[i].text[LANG_FR], en = all.v[i].text[LANG_EN];
        if (is_english(a, en, fr)) continue;
        fprintf(stderr, "%s: \"%.*s\" is not English: \"%.*s\"\n", all.v[i].key, STR_ARG(fr), STR_ARG(en));
        found++;
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_french_text_uses_a_word_set_aside), cmocka_unit_test(every_text_has_its_english), cmocka_unit_test(french_is_set_as_french)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
