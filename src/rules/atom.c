/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* atom.c — `âge >= 18`, `commune = 'Épinal'`, `rappel souhaité`: lexing and writing one comparison. */
#include "rules/atom.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/utf8.h"
#include "base/words.h"

/* ——— names ——— */

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* As the engine has them (expression.c), less what is for text; and ’, which older names hold. */
static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x17F && c != 0xD7 && c != 0xF7) || c == '$';
}

static bool is_inside(uint32_t c)
{
    return is_letter(c) || is_digit(c) || c == '\'' || c == 0x2019 || c == '_' || c == '%' || c == 0x20AC || c == 0xB0 || c == 0xB2;
}

/* Reads a name from the start of s; spaces are made one, dots ` . `. *end: where it stops, trailing spaces left out. */
static str name_read(arena *mem, str s, size_t *end)
{
    buf b = BUF(4096);
    size_t at = 0, last = 0;
    bool part_start = true, space = false, dot = false;
    uint32_t c;

    for (size_t from = 0; from < s.n; from = at) {
        if (!utf8_next(s, &at, &c))
            break;
        if (c == ' ' || c == '\t') {
            space = b.n > 0;
            continue;
        }
        if (c == '.' && !part_start) {
            dot = part_start = true;
            space = false;
            continue;
        }
        bool joins = (c == '-' || c == '+') && !space;              /* within a word only */
        if (part_start ? !is_letter(c) : !is_inside(c) && !joins)
            break;
        buf_lit(&b, dot ? " . " : space ? " " : "");
        buf_put(&b, str_cut(s, from, at));
        part_start = space = dot = false;
        last = at;
    }
    *end = b.full ? 0 : last;
    str name = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return *end ? name : STR_NONE;
}

bool rule_name_valid(str name)
{
    arena *mem = arena_new(0);
    size_t end;
    str read = name_read(mem, name, &end);
    bool ok = read.p && str_eq(read, name) && !str_is(name, "oui") && !str_is(name, "non");

    arena_free(mem);
    return ok;
}

/* What the language has in names: Latin letters, and a few signs within. */
static bool is_plain_letter(uint32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x17F && c != 0xD7 && c != 0xF7); }
static bool is_plain(uint32_t c) { return is_plain_letter(c) || is_digit(c) || c == '\'' || c == '_' || c == '%' || c == 0xB0 || c == 0x20AC; }

str rule_name_from(arena *mem, str label)
{
    char *p = arena_alloc(mem, label.n + 1);
    size_t n = 0, at = 0, end;
    uint32_t c;

    while (at < label.n) {
        size_t from = at;
        bool read = utf8_next(label, &at, &c), curly = read && c == 0x2019;
        if (curly)
            c = '\'';
        bool good = read && (is_plain(c) || c == '-');
        if (at == from)
            at++;
        bool starts = n == 0 || p[n - 1] == ' ';
        if (good && (c == '-' || c == '\'') && starts)
            good = false;
        if (good && n == 0 && !is_plain_letter(c))
            good = false;
        if (good) {
            memcpy(p + n, curly ? "'" : label.p + from, curly ? 1 : at - from);
            n += curly ? 1 : at - from;
        } else if (n > 0 && p[n - 1] != ' ') {
            while (n > 0 && p[n - 1] == '-')
                n--;
            if (n > 0)
                p[n++] = ' ';
        }
    }
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '-'))
        n--;
    str name = name_read(mem, (str){p, n}, &end);
    if (str_is(name, "oui") || str_is(name, "non"))
        name = str_fmt(mem, "%.*s _", STR_ARG(name));
    return name;
}

str rule_option_name(arena *mem, str name, str option_id)
{
    char *p = arena_alloc(mem, option_id.n + 1);

    if (rule_name_valid(option_id) && str_find_char(option_id, ' ') < 0)
        return str_fmt(mem, "%.*s . %.*s", STR_ARG(name), STR_ARG(option_id));
    for (size_t i = 0; i < option_id.n; i++)
        p[i] = (unsigned char)option_id.p[i] > ' ' && (is_inside((unsigned char)option_id.p[i]) || option_id.p[i] == '-') ? option_id.p[i] : '_';
    return str_fmt(mem, "%.*s . option %.*s", STR_ARG(name), (int)option_id.n, p);
}

/* ——— values ——— */

static err fault(arena *mem, const char *msg, str text, size_t column)
{
    size_t before = utf8_length(str_cut(text, 0, column));
    return FAIL_AT(E_INVALID, msg, str_z(mem, str_fmt(mem, "%.*s (col. %zu)", STR_ARG(utf8_cut(text, 120)), before + 1)));
}

static bool all_digits(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit((unsigned char)s.p[i]))
            return false;
    return s.n > 0;
}

static int small_int(str s)
{
    int v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v * 10 + (s.p[i] - '0');
    return v;
}

/* JJ/MM/AAAA or MM/AAAA */
static bool date_read(str s, int64_t *out)
{
    str rest, a = str_split(s, '/', &rest), b = str_split(rest, '/', &rest);
    bool whole = rest.p != NULL;
    str day = whole ? a : S("1"), month = whole ? b : a, year = whole ? rest : b;
    int y, m, d;

    if (!all_digits(day) || day.n > 2 || !all_digits(month) || month.n > 2 || !all_digits(year) || year.n != 4)
        return false;
    if (small_int(month) < 1 || small_int(month) > 12 || small_int(day) < 1 || small_int(day) > 31)
        return false;
    *out = days_of(small_int(year), small_int(month), small_int(day));
    days_civil(*out, &y, &m, &d);
    return y == small_int(year) && m == small_int(month) && d == small_int(day);
}

/* Words of letters and figures, the first beginning with a letter or € $ % °, joined by / or a dot without blanks. */
bool rule_unit_valid(str unit)
{
    bool start = true;
    uint32_t c;

    for (size_t at = 0; at < unit.n;) {
        if (!utf8_next(unit, &at, &c))
            return false;
        bool joint = c == '/' || c == '.', symbol = c == 0x20AC || c == '%' || c == 0xB0;
        if (joint ? start && at > 1 : c == ' ' ? start : start ? !is_letter(c) && !symbol : !is_inside(c) || c == 0x2019 || c == '\'')
            return false;
        start = joint || c == ' ';
    }
    return unit.n > 0 && !start && unit.n <= 60;
}

/* -?digits(.digits)?, then a unit; letters do not touch the figures. */
static bool number_read(arena *mem, str s, struct rule_value *out)
{
    str body = str_starts(s, S("-")) ? str_cut(s, 1, s.n) : s;
    size_t end = 0;

    while (end < body.n && (is_digit((unsigned char)body.p[end]) || body.p[end] == '.'))
        end++;
    str number = str_cut(body, 0, end), fraction, whole = str_split(number, '.', &fraction), unit = str_trim(str_cut(body, end, body.n));
    bool apart = end < body.n && (body.p[end] == ' ' || (body.p[end] & 0x80) || body.p[end] == '%' || body.p[end] == '/');
    if (!all_digits(whole) || (fraction.p && !all_digits(fraction)) || s.n > 300 || (unit.n && (!apart || !rule_unit_valid(unit))))
        return false;
    out->unit = unit.n ? str_copy(mem, unit) : STR_NONE;
    return str_f64(str_cut(s, 0, end + (size_t)(body.p - s.p)), &out->number).code == OK && isfinite(out->number);
}

static const char *number_fault(str s)
{
    ptrdiff_t slash = (ptrdiff_t)str_find_char(s, '/');
    if (slash >= 0 && all_digits(str_cut(s, 0, (size_t)slash)))
        return W("rules.date_invalid");
    if (str_find_char(s, ',') >= 0)
        return W("rules.number_comma");
    return W("rules.number_invalid");
}

static err text_read(arena *mem, str s, str all, size_t column, struct rule_value *out)
{
    if (s.n < 2 || s.p[s.n - 1] != s.p[0])
        return fault(mem, W("rules.text_open"), all, column);
    s = str_cut(s, 1, s.n - 1);
    if (!utf8_clean(s) || str_find_char(s, '\n') >= 0 || str_find_char(s, '\r') >= 0 || str_find_char(s, '\t') >= 0)
        return fault(mem, W("rules.text_line"), all, column);
    *out = (struct rule_value){.kind = RULE_TEXT, .text = str_copy(mem, s)};
    return NO_ERR;
}

/* s is trimmed; all and column are for the message. is_name: it is a reference, no value. */
static err value_read(arena *mem, str s, str all, size_t column, struct rule_value *out, bool *is_name)
{
    size_t end;

    *is_name = false;
    if (s.n == 0)
        return fault(mem, W("rules.value_missing"), all, column);
    if (s.p[0] == '\'' || s.p[0] == '"')
        return text_read(mem, s, all, column, out);
    if (str_is(s, "oui") || str_is(s, "non")) {
        *out = (struct rule_value){.kind = RULE_BOOL, .b = str_is(s, "oui")};
        return NO_ERR;
    }
    if (is_digit((unsigned char)s.p[0]) || s.p[0] == '-') {
        out->kind = RULE_DATE;
        if (date_read(s, &out->days))
            return NO_ERR;
        out->kind = RULE_NUMBER;
        return number_read(mem, s, out) ? NO_ERR : fault(mem, number_fault(s), all, column);
    }
    *is_name = true;
    out->text = name_read(mem, s, &end);
    return end == s.n ? NO_ERR : fault(mem, W("rules.name_invalid"), all, column + end);
}

/* ——— comparisons ——— */

static const struct { const char *text; enum rule_op op, turned; } operators[] = {
    {"!=", RULE_NE, RULE_NE}, {"<=", RULE_LE, RULE_GE}, {">=", RULE_GE, RULE_LE},
    {"<", RULE_LT, RULE_GT},  {">", RULE_GT, RULE_LT},  {"=", RULE_EQ, RULE_EQ}};
#define N_OPERATORS (sizeof operators / sizeof *operators)

/* Where the first operator stands, outside a text that stands first. */
static bool operator_find(str s, size_t *from, size_t *which)
{
    size_t i = 0;

    if (s.n && (s.p[0] == '\'' || s.p[0] == '"'))
        for (i = 1; i < s.n && s.p[i] != s.p[0]; i++)
            ;
    for (; i < s.n; i++)
        for (size_t k = 0; k < N_OPERATORS; k++)
            if (str_starts(str_cut(s, i, s.n), str_of(operators[k].text))) {
                *from = i;
                *which = k;
                return true;
            }
    return false;
}

static size_t spaces_before(str s)
{
    size_t n = 0;
    while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'))
        n++;
    return n;
}

err atom_parse(arena *mem, str text, struct rule *out)
{
    str s = str_trim(text);
    size_t at, k;
    bool left_name, right_name;
    struct rule_value left = {0}, right = {0};

    if (s.n == 0)
        return FAIL(E_INVALID, W("rules.empty"));
    if (!utf8_valid(s))
        return FAIL(E_INVALID, W("rules.bad_utf8"));
    if (!operator_find(s, &at, &k)) {
        TRY(value_read(mem, s, s, 0, &left, &left_name));
        if (!left_name)
            return fault(mem, W("rules.not_a_condition"), s, 0);
        *out = (struct rule){.op = RULE_REF, .left = left.text};
        return NO_ERR;
    }
    size_t after = at + strlen(operators[k].text);
    str rest = str_cut(s, after, s.n);
    TRY(value_read(mem, str_trim(str_cut(s, 0, at)), s, 0, &left, &left_name));
    TRY(value_read(mem, str_trim(rest), s, after + spaces_before(rest), &right, &right_name));
    if (right_name)
        right.kind = RULE_NAME;
    if (!left_name && !right_name)
        return fault(mem, W("rules.no_name"), s, 0);
    *out = left_name ? (struct rule){.op = operators[k].op, .left = left.text, .right = right}
                     : (struct rule){.op = operators[k].turned, .left = right.text, .right = left};
    bool ordered = out->right.kind == RULE_NAME || out->right.kind == RULE_NUMBER || out->right.kind == RULE_DATE;
    if (!ordered && out->op != RULE_EQ && out->op != RULE_NE)
        return fault(mem, W("rules.no_order"), s, at);
    return NO_ERR;
}

/* ——— writing ——— */

static str number_text(arena *mem, double v)
{
    char t[400];

    /* Publicodes has no exponents: digits enough to read back, then plain ones */
    for (int digits = 0; digits <= 20; digits++) {
        snprintf(t, sizeof t, "%.*f", digits, v);
        if (strtod(t, NULL) == v)
            break;
    }
    return str_copy(mem, str_of(t));
}

static str value_text(arena *mem, struct rule_value v)
{
    int y, m, d;

    switch (v.kind) {
    case RULE_BOOL: return v.b ? S("oui") : S("non");
    case RULE_NUMBER: return v.unit.n ? str_fmt(mem, "%.*s%s%.*s", STR_ARG(number_text(mem, v.number)), v.unit.p[0] == '/' ? "" : " ", STR_ARG(v.unit)) : number_text(mem, v.number);
    case RULE_NAME: return v.text;
    case RULE_DATE:
        days_civil(v.days, &y, &m, &d);
        return str_fmt(mem, "%02d/%02d/%04d", d, m, y);
    case RULE_TEXT: return str_fmt(mem, "'%.*s'", STR_ARG(v.text));
    case RULE_UNDEFINED:
    case RULE_LIST: break;
    }
    return S("''");
}

str rule_atom_text(arena *mem, str name, enum rule_op op, struct rule_value right)
{
    for (size_t k = 0; k < N_OPERATORS; k++)
        if (operators[k].op == op)
            return str_fmt(mem, "%.*s %s %.*s", STR_ARG(name), operators[k].text, STR_ARG(value_text(mem, right)));
    return str_copy(mem, name);
}

str atom_write(arena *mem, const struct rule *r)
{
    return rule_atom_text(mem, r->left, r->op, r->right);
}
