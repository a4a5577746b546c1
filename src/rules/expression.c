/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* expression.c — one line of Publicodes: comparisons, then additions, multiplications, powers; operators between blanks. Names hold blanks,
   quotes and figures, so that where a name ends is told by what may follow. */
#include <stdlib.h>
#include <string.h>
#include "base/words.h"
#include "rules/ast.h"

enum { DEPTH_MOST = 200, SIGNS_MOST = 1000 /* as many terms, as deep a tree */ };

struct scan { struct parsing *p; str text; size_t at; unsigned depth, signs; };

/* ---- characters ---- */

/* The code point at `at`, and its length in bytes; 0 at the end. */
static uint32_t code_at(const struct scan *s, size_t at, size_t *bytes)
{
    const unsigned char *c = (const unsigned char *)s->text.p + at;
    size_t left = s->text.n - at;
    *bytes = 0;
    if (at >= s->text.n) return 0;
    size_t n = *c < 0x80 ? 1 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : 4;
    *bytes = n <= left ? n : left;
    uint32_t code = n == 1 ? *c : n == 2 ? *c & 0x1f : n == 3 ? *c & 0x0f : *c & 0x07;
    for (size_t i = 1; i < *bytes; i++) code = code << 6 | (c[i] & 0x3f);
    return code;
}

enum { IS_LETTER = 1, IS_DIGIT = 2, IS_SYMBOL = 4, IS_UNIT = 8, IS_SPACE = 16, IS_SIGN = 32 };
/* ASCII, which nearly all of a rule is. */
static const unsigned char classes[128] = {
    ['\t'] = IS_SPACE, [' '] = IS_SPACE, ['\''] = IS_SYMBOL, [','] = IS_SYMBOL, ['$'] = IS_SYMBOL | IS_LETTER | IS_UNIT, ['%'] = IS_SYMBOL | IS_UNIT,
    ['_'] = IS_SYMBOL, ['"'] = IS_SYMBOL, ['-'] = IS_SIGN, ['+'] = IS_SIGN, ['0' ... '9'] = IS_DIGIT, ['A' ... 'Z'] = IS_LETTER, ['a' ... 'z'] = IS_LETTER};

static unsigned class_of(uint32_t c)
{
    if (c < 128) return classes[c];
    if (c >= 0xc0 && c <= 0x17f) return IS_LETTER;
    if (c == 0xb0 || c == 0x20ac) return IS_SYMBOL | IS_UNIT;
    if (c == 0xb2 || c == 0xab || c == 0xbb) return IS_SYMBOL;
    bool space = c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
    return space ? IS_SPACE : 0;
}

static bool is_letter(uint32_t c) { return class_of(c) & IS_LETTER; }
static bool is_digit(uint32_t c) { return c >= '0' && c <= '9'; }
static bool is_unit_symbol(uint32_t c) { return class_of(c) & IS_UNIT; }
static bool is_space(uint32_t c) { return class_of(c) & IS_SPACE; }
static bool in_word(uint32_t c) { return class_of(c) & (IS_LETTER | IS_SYMBOL | IS_DIGIT); }
static bool within_word(uint32_t c) { return class_of(c) & (IS_LETTER | IS_SYMBOL | IS_DIGIT | IS_SIGN); }

static size_t spaces_from(const struct scan *s, size_t at)
{
    for (size_t n; at < s->text.n && is_space(code_at(s, at, &n)); at += n) {}
    return at;
}

static size_t word_from(const struct scan *s, size_t at)
{
    while (at < s->text.n && (unsigned char)s->text.p[at] < 128 && classes[(unsigned char)s->text.p[at]] & (IS_LETTER | IS_SYMBOL | IS_DIGIT | IS_SIGN)) at++;
    for (size_t n; at < s->text.n && within_word(code_at(s, at, &n)); at += n) {}
    return at;
}

/* Words one blank apart, the first of which begins as `first` wants; `at` when there is none. */
static size_t phrase_from(const struct scan *s, size_t at, bool (*first)(uint32_t))
{
    size_t n, end;
    if (!first(code_at(s, at, &n))) return at;
    end = word_from(s, at);
    for (;;) {
        uint32_t blank = code_at(s, end, &n);
        size_t next = end + n;
        if (!n || !is_space(blank) || !in_word(code_at(s, next, &n))) return end;
        end = word_from(s, next);
    }
}

static bool unit_start(uint32_t c) { return is_unit_symbol(c) || is_letter(c); }

static size_t name_from(const struct scan *s, size_t at)
{
    size_t end = at < s->text.n && s->text.p[at] == '^' ? at + 1 : phrase_from(s, at, is_letter);
    while (end > at && end + 3 < s->text.n && memcmp(s->text.p + end, " . ", 3) == 0) {
        size_t next = phrase_from(s, end + 3, is_letter);
        if (next == end + 3) break;
        end = next;
    }
    return end;
}

bool is_rule_name(str text)
{
    struct scan s = {.text = text};
    return text.n && name_from(&s, 0) == text.n;
}

bool rule_name_good(str name)
{
    return is_rule_name(name) && name.p[0] != '^' && !str_is(name, "oui") && !str_is(name, "non");
}

/* After a number, its unit with the blanks before it; `at` when there is none. */
static size_t unit_from(const struct scan *s, size_t at)
{
    size_t from = spaces_from(s, at);
    if (from < s->text.n && s->text.p[from] == '/') from++;
    size_t end = phrase_from(s, from, unit_start);
    if (end == from) return at;
    for (;;) {
        size_t mark = spaces_from(s, end);
        if (mark >= s->text.n || (s->text.p[mark] != '.' && s->text.p[mark] != '/')) return end;
        size_t next = phrase_from(s, mark + 1, unit_start);
        if (next == mark + 1) return end;
        end = next;
    }
}

static err fault(struct scan *s, const char *expected)
{
    str found = str_cut(s->text, s->at, s->at + 12);
    if (!found.n) return parse_fault(s->p, "expression", "« %.*s » : %s attendu, et l’expression se termine", STR_ARG(s->text), expected);
    return parse_fault(s->p, "expression", "« %.*s », caractère %zu : %s attendu, « %.*s » trouvé", STR_ARG(s->text), s->at + 1, expected, STR_ARG(found));
}

/* ---- constants ---- */

static size_t digits(const struct scan *s, size_t at, int most, int *value)
{
    size_t n = 0;
    *value = 0;
    while (n < (size_t)most && at + n < s->text.n && is_digit((unsigned char)s->text.p[at + n])) *value = *value * 10 + s->text.p[at + n++] - '0';
    return n;
}

/* [d]d/ or nothing, [m]m/yyyy */
static size_t date_from(const struct scan *s)
{
    int first, second, year;
    size_t a = digits(s, s->at, 2, &first), at = s->at + a, b;
    if (!a || !first || first > 31 || at >= s->text.n || s->text.p[at] != '/') return 0;
    b = digits(s, at + 1, 2, &second);
    size_t slash = at + 1 + b;
    if (b && second >= 1 && second <= 12 && slash < s->text.n && s->text.p[slash] == '/' && digits(s, slash + 1, 4, &year) == 4) return slash + 5 - s->at;
    return first <= 12 && digits(s, at + 1, 4, &year) == 4 ? at + 5 - s->at : 0;
}

static err dated(struct scan *s, size_t n, struct node **out)
{
    int d, m, y;
    str words = str_cut(s->text, s->at, s->at + n);
    if (!date_normalise(words, &d, &m, &y)) return parse_fault(s->p, "date", "la date %.*s n’existe pas", STR_ARG(words));
    *out = node_text_constant(s->p, str_fmt(s->p->mem, "%02d/%02d/%02d", d, m, y), RULE_TYPE_DATE);
    s->at += n;
    return NO_ERR;
}

static err counted(struct scan *s, struct node **out)
{
    size_t end = s->at, n;
    while (end < s->text.n && is_digit((unsigned char)s->text.p[end])) end++;
    if (end + 1 < s->text.n && s->text.p[end] == '.' && is_digit((unsigned char)s->text.p[end + 1]))
        for (end++; end < s->text.n && is_digit((unsigned char)s->text.p[end]);) end++;
    double value = strtod(str_z(s->p->mem, str_cut(s->text, s->at, end)), NULL);
    unit_id unit = UNIT_ABSENT;
    n = unit_from(s, end);
    if (n > end) TRY(unit_written(s->p, str_trim(str_cut(s->text, spaces_from(s, end), n)), &unit));
    *out = node_number(s->p, value, unit);
    s->at = n;
    return NO_ERR;
}

/* To the last quote of the line, as the language has it. */
static err quoted(struct scan *s, struct node **out)
{
    size_t end = s->text.n;
    while (end > s->at + 1 && s->text.p[end - 1] != s->text.p[s->at]) end--;
    if (end <= s->at + 1) return fault(s, "un guillemet fermant");
    *out = node_text_constant(s->p, str_cut(s->text, s->at + 1, end - 1), RULE_TYPE_STRING);
    s->at = end;
    return NO_ERR;
}

static err comparison(struct scan *s, struct node **out);

static err parenthesis(struct scan *s, struct node **out)
{
    s->at = spaces_from(s, s->at + 1);
    TRY(comparison(s, out));
    s->at = spaces_from(s, s->at);
    if (s->at >= s->text.n || s->text.p[s->at] != ')') return fault(s, "« ) »");
    s->at++;
    return NO_ERR;
}

static err primary(struct scan *s, struct node **out)
{
    if (++s->depth > DEPTH_MOST) return parse_fault(s->p, "too_deep", "expression trop imbriquée");
    size_t n;
    uint32_t c = code_at(s, s->at, &n);
    err e = NO_ERR;
    if (c == '(') {
        e = parenthesis(s, out);
    } else if (c == '-') {
        s->at = spaces_from(s, s->at + 1);
        TRY(primary(s, out));
        *out = node_operation(s->p, OP_SUB, node_number(s->p, 0, UNIT_ABSENT), *out);
    } else if ((n = date_from(s))) {
        e = dated(s, n, out);
    } else if (is_digit(c)) {
        e = counted(s, out);
    } else if (c == '\'' || c == '"') {
        e = quoted(s, out);
    } else {
        size_t end = name_from(s, s->at);
        if (end == s->at) return fault(s, "une valeur, un nom ou une parenthèse");
        str name = str_cut(s->text, s->at, end);
        s->at = end;
        *out = str_is(name, "oui") ? node_bool(s->p, true) : str_is(name, "non") ? node_bool(s->p, false) : node_reference(s->p, name);
    }
    s->depth--;
    return e;
}

/* ---- operators ---- */

struct sign { const char *text; enum operation op; };
static const struct sign powers[] = {{"**", OP_POW}}, products[] = {{"*", OP_MUL}, {"//", OP_QUO}, {"/", OP_DIV}},
                         sums[] = {{"-", OP_SUB}, {"+", OP_ADD}},
                         orders[] = {{">=", OP_GE}, {"<=", OP_LE}, {"!=", OP_NE}, {">", OP_GT}, {"<", OP_LT}, {"=", OP_EQ}};

/* An operator with a blank on both sides. */
static bool sign_next(struct scan *s, const struct sign *among, size_t n, enum operation *op)
{
    size_t from = spaces_from(s, s->at);
    if (from == s->at) return false;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(among[i].text), after = from + len;
        if (after > s->text.n || memcmp(s->text.p + from, among[i].text, len) != 0) continue;
        size_t next = spaces_from(s, after);
        if (next == after || s->signs >= SIGNS_MOST) continue;
        s->signs++;
        s->at = next;
        *op = among[i].op;
        return true;
    }
    return false;
}

static err power(struct scan *s, struct node **out)
{
    enum operation op;
    struct node *right;
    TRY(primary(s, out));
    while (sign_next(s, powers, 1, &op)) {
        if (++s->depth > DEPTH_MOST) return parse_fault(s->p, "too_deep", "expression trop imbriquée");
        TRY(power(s, &right));
        s->depth--;
        *out = node_operation(s->p, op, *out, right);
    }
    return NO_ERR;
}

static err product(struct scan *s, struct node **out)
{
    enum operation op;
    struct node *right;
    TRY(power(s, out));
    while (sign_next(s, products, 3, &op)) {
        TRY(power(s, &right));
        *out = node_operation(s->p, op, *out, right);
    }
    return NO_ERR;
}

static err sum(struct scan *s, struct node **out)
{
    enum operation op;
    struct node *right;
    TRY(product(s, out));
    while (sign_next(s, sums, 2, &op)) {
        TRY(product(s, &right));
        *out = node_operation(s->p, op, *out, right);
    }
    return NO_ERR;
}

static err comparison(struct scan *s, struct node **out)
{
    enum operation op;
    struct node *right;
    TRY(sum(s, out));
    while (sign_next(s, orders, 6, &op)) {
        TRY(sum(s, &right));
        *out = node_operation(s->p, op, *out, right);
    }
    return NO_ERR;
}

/* Lines joined by one blank, trimmed. */
static str one_line(arena *mem, str text)
{
    if (str_find_char(text, '\n') < 0) return str_trim(text);
    return str_join_lines(mem, text, S(" "));
}

err expression_parse(struct parsing *p, str text, struct node **out)
{
    struct scan s = {.p = p, .text = one_line(p->mem, text)};
    TRY(comparison(&s, out));
    if (s.signs >= SIGNS_MOST) return parse_fault(p, "too_deep", "expression trop longue : plus de %d opérations", SIGNS_MOST - 1);
    return s.at < s.text.n ? fault(&s, strchr("+-*/<>=!", s.text.p[s.at]) ? "un blanc de chaque côté de l’opérateur" : "la fin de l’expression") : NO_ERR;
}
