/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/words_table.h"

static const struct word_entry *entry_of(const char *key)
{
    for (uint32_t i = word_hash(key) & word_slots_mask; word_slots[i]; i = (i + 1) & word_slots_mask) {
        const struct word_entry *e = &word_entries[word_slots[i] - 1];
        if (strcmp(e->key, key) == 0) return e;
    }
    return NULL;
}

str words(enum lang lang, const char *key)
{
    const struct word_entry *e = entry_of(key);
    if (!e) return str_of(key);
    return e->text[lang == LANG_EN ? LANG_EN : LANG_FR];
}

struct fill { const char *name; str value; };

static str fill(arena *a, str text, const struct fill *with, size_t n)
{
    buf b = BUF(1 << 20);
    while (text.n) {
        ptrdiff_t open = str_find_char(text, '{');
        str rest = open < 0 ? STR_NONE : str_cut(text, (size_t)open + 1, text.n);
        ptrdiff_t close = open < 0 ? -1 : str_find_char(rest, '}');
        if (close < 0) break;
        buf_put(&b, str_cut(text, 0, (size_t)open));
        str name = str_cut(rest, 0, (size_t)close);
        for (size_t i = 0; i < n; i++)
            if (str_is(name, with[i].name)) buf_put(&b, with[i].value);
        text = str_cut(rest, (size_t)close + 1, rest.n);
    }
    buf_put(&b, text);
    str out = str_copy(a, buf_str(&b));
    buf_free(&b);
    return out;
}

str words_fill(arena *a, enum lang lang, const char *key, ...)
{
    struct fill with[16];
    size_t n = 0;
    va_list ap;
    va_start(ap, key);
    for (const char *name; n < 16 && (name = va_arg(ap, const char *)) != NULL; n++) {
        with[n].name = name;
        with[n].value = va_arg(ap, str);
    }
    va_end(ap);
    return fill(a, words(lang, key), with, n);
}

str words_count(arena *a, enum lang lang, const char *key, int64_t n)
{
    /* Unicode CLDR plural rules: French, 0 and 1 are singular; English, 1 alone. */
    bool one = lang == LANG_FR ? n == 0 || n == 1 || n == -1 : n == 1;
    str full = str_fmt(a, "%s.%s", key, one ? "one" : "other");
    struct fill with = {"n", words_number(a, lang, n)};
    return fill(a, words(lang, full.p), &with, 1);
}

static str month_name(enum lang lang, int month)
{
    static const char *const keys[] = {
        W("base.month.1"), W("base.month.2"), W("base.month.3"), W("base.month.4"), W("base.month.5"), W("base.month.6"),
        W("base.month.7"), W("base.month.8"), W("base.month.9"), W("base.month.10"), W("base.month.11"), W("base.month.12")};
    return words(lang, keys[(month + 11) % 12]);
}

static str civil_date(arena *a, enum lang lang, int year, int month, int day)
{
    str d = day == 1 ? words(lang, W("base.day.first")) : str_fmt(a, "%d", day);
    return words_fill(a, lang, W("base.date"), "day", d, "month", month_name(lang, month), "year", str_fmt(a, "%d", year), NULL);
}

str words_date(arena *a, enum lang lang, int64_t days)
{
    int year, month, day;
    days_civil(days, &year, &month, &day);
    return civil_date(a, lang, year, month, day);
}

str words_date_us(arena *a, enum lang lang, int64_t at_us, str zone)
{
    struct civil c = civil_of(at_us, zone);
    return civil_date(a, lang, c.year, c.month, c.day);
}

str words_time_us(arena *a, enum lang lang, int64_t at_us, str zone)
{
    struct civil c = civil_of(at_us, zone);
    return words_fill(a, lang, W("base.date_time"), "date", civil_date(a, lang, c.year, c.month, c.day),
                      "hour", str_fmt(a, "%d", c.hour), "minute", str_fmt(a, "%02d", c.minute), NULL);
}

str words_number(arena *a, enum lang lang, int64_t n)
{
    char digits[32];
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    str point = words(lang, W("base.thousands"));
    buf b = BUF(128);
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)left);
    if (n < 0) buf_lit(&b, "\u2212");
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) buf_put(&b, point);
        buf_char(&b, digits[i]);
    }
    str out = str_copy(a, buf_str(&b));
    buf_free(&b);
    return out;
}

str words_size(arena *a, enum lang lang, int64_t n_bytes)
{
    static const char *const units[] = {W("base.bytes"), W("base.kilobytes"), W("base.megabytes"), W("base.gigabytes")};
    size_t u = 0;
    int64_t tenths = n_bytes * 10;
    for (; tenths >= 9995 && u < 3; u++) tenths = (tenths + 500) / 1000;
    bool whole = tenths % 10 == 0 || tenths >= 1000 || u == 0;
    str number = words_number(a, lang, whole ? (tenths + 5) / 10 : tenths / 10);
    if (!whole) number = str_fmt(a, "%.*s%.*s%d", STR_ARG(number), STR_ARG(words(lang, W("base.decimal"))), (int)(tenths % 10));
    return words_fill(a, lang, units[u], "n", number, NULL);
}
