/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Values that are text: checked, brought to one form, shown. */
#include <string.h>

#include "base/utf8.h"
#include "core/field_types.h"
#include "core/pattern.h"

#define TEXT_MOST 1000
#define TEXTAREA_MOST 20000

/* What people paste: no-break and thin spaces, tabs, marks of no width. Its bytes; 0: no blank. */
static size_t blank_bytes(str s, size_t i, bool *out_no_width)
{
    static const char *const blanks[] = {" ", "\t", "\n", "\r", "\u00a0", "\u202f", "\u2009", "\u200b", "\ufeff"};
    for (size_t b = 0; b < sizeof blanks / sizeof *blanks; b++) {
        size_t n = strlen(blanks[b]);
        *out_no_width = b >= 7;
        if (s.n - i >= n && memcmp(s.p + i, blanks[b], n) == 0) return n;
    }
    return 0;
}

str text_line(arena *mem, str s)
{
    char *out = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    bool blank = false, no_width;
    for (size_t i = 0; i < s.n;) {
        size_t bytes = blank_bytes(s, i, &no_width);
        if (bytes) {
            blank |= !no_width;
            i += bytes;
            continue;
        }
        if (blank && n) out[n++] = ' ';
        blank = false;
        out[n++] = s.p[i++];
    }
    return (str){out, n};
}

/* All blanks taken out, and the characters of `also`: numbers and identifiers. */
static str squeeze(arena *mem, str s, const char *also)
{
    char *out = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    bool no_width;
    for (size_t i = 0; i < s.n;) {
        size_t bytes = blank_bytes(s, i, &no_width);
        if (bytes) i += bytes;
        else if (s.p[i] && strchr(also, s.p[i])) i++;
        else out[n++] = s.p[i++];
    }
    return (str){out, n};
}

static str upper(arena *mem, str s)
{
    char *out = arena_alloc(mem, s.n + 1);
    for (size_t i = 0; i < s.n; i++) out[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) : s.p[i];
    return (str){out, s.n};
}

static bool digits_only(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return s.n > 0;
}

TYPE_PARSE(parse_text)
{
    str last = STR_NONE;
    for (size_t i = 0; i < typed.n; i++)
        if (str_trim(typed.v[i]).n) last = typed.v[i];
    if (!last.n) return NULL;
    if (!utf8_valid(last)) return W("field.text.bytes");
    *out = json_own(mem, json_from_str(last));
    return NULL;
}

static const char *text_given(const json_t *given, str *out)
{
    if (!json_is_string(given)) return W("field.text.type");
    *out = json_text(given);
    return utf8_clean(*out) ? NULL : W("field.text.bytes");
}

static const char *length_fault(arena *mem, const struct field *f, str s, int usual, str *arg)
{
    int most = f->max_length ? f->max_length : usual;
    if (utf8_length(s) <= (size_t)most) return NULL;
    *arg = str_fmt(mem, "%d", most);
    return W("field.text.too_long");
}

static const char *text_done(arena *mem, str s, json_t **out)
{
    *out = s.n ? json_own(mem, json_from_str(s)) : NULL;
    return NULL;
}

TYPE_CHECK(check_text)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = text_line(mem, s);
    if ((msg = length_fault(mem, f, s, TEXT_MOST, arg))) return msg;
    return text_done(mem, s, out);
}

TYPE_CHECK(check_textarea)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = str_trim(str_lines(mem, s));
    if ((msg = length_fault(mem, f, s, TEXTAREA_MOST, arg))) return msg;
    return text_done(mem, s, out);
}

TYPE_CHECK(check_formatted)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = text_line(mem, s);
    if ((msg = length_fault(mem, f, s, TEXT_MOST, arg))) return msg;
    if (s.n && f->pattern.n && !pattern_matches(f->pattern, s)) {
        *arg = f->pattern_help.n ? f->pattern_help : f->example;
        return arg->n ? W("field.formatted.expected") : W("field.formatted.bad");
    }
    return text_done(mem, s, out);
}

/* RFC 5321 without quoted words nor address literals: what mail services accept in practice. */
const char *email_fault(str s)
{
    ptrdiff_t at = str_find_char(s, '@');
    if (at <= 0 || s.n > 254) return W("field.email.bad");
    str local = str_cut(s, 0, (size_t)at), domain = str_cut(s, (size_t)at + 1, s.n);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 128) return W("field.email.accent");
    for (size_t i = 0; i < local.n; i++) {
        char c = local.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("!#$%&'*+-/=?^_`{|}~", c);
        bool dot = c == '.' && i && i + 1 < local.n && local.p[i - 1] != '.';
        if (!word && !dot) return W("field.email.bad");
    }
    size_t labels = 0;
    str rest = domain;
    while (rest.p) {
        str label = str_split(rest, '.', &rest);
        if (!label.n || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-') return W("field.email.bad");
        for (size_t i = 0; i < label.n; i++) {
            char c = label.p[i];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')) return W("field.email.bad");
        }
        labels++;
        if (!rest.p && (label.n < 2 || digits_only(label))) return W("field.email.bad");
    }
    return labels >= 2 && local.n <= 64 ? NULL : W("field.email.bad");
}

TYPE_CHECK(check_email)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = str_trim(text_line(mem, s));
    if (str_starts(s, S("mailto:"))) s = str_cut(s, 7, s.n);
    if (!s.n) return text_done(mem, s, out);
    if ((msg = email_fault(s))) return msg;
    size_t at = (size_t)str_find_char(s, '@');
    str domain = str_lower_ascii(mem, str_cut(s, at, s.n));
    return text_done(mem, str_fmt(mem, "%.*s%.*s", (int)at, s.p, STR_ARG(domain)), out);
}

/* French plans: +33, Réunion and Mayotte 262, Guadeloupe and Saint-Martin 590, Guyane 594, Martinique 596, Saint-Pierre 508. */
static str french_national(arena *mem, str n)
{
    static const struct { const char *starts, *code; } overseas[] = {
        {"0262", "262"}, {"0263", "262"}, {"0269", "262"}, {"0639", "262"}, {"0692", "262"}, {"0693", "262"}, {"0590", "590"}, {"0690", "590"},
        {"0691", "590"}, {"0594", "594"}, {"0694", "594"}, {"0596", "596"}, {"0696", "596"}, {"0697", "596"}, {"0508", "508"}};
    const char *code = "33";
    if (n.n != 10 || n.p[0] != '0' || n.p[1] == '0') return STR_NONE;
    for (size_t i = 0; i < sizeof overseas / sizeof *overseas; i++)
        if (str_starts(n, str_of(overseas[i].starts))) code = overseas[i].code;
    return str_fmt(mem, "+%s%.*s", code, (int)(n.n - 1), n.p + 1);
}

/* +33 0 6… and +33 (0)6… are written by people: the trunk 0 goes. */
static str without_trunk_zero(arena *mem, str international)
{
    static const char *const codes[] = {"+33", "+262", "+590", "+594", "+596"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        size_t n = strlen(codes[i]);
        if (!str_starts(international, str_of(codes[i]))) continue;
        str rest = str_cut(international, n, international.n);
        if (rest.n == 10 && rest.p[0] == '0') rest = str_cut(rest, 1, rest.n);
        if (rest.n != 9 || rest.p[0] == '0') return STR_NONE;
        return str_fmt(mem, "%s%.*s", codes[i], STR_ARG(rest));
    }
    return international;
}

str phone_normalise(arena *mem, str typed)
{
    str s = squeeze(mem, typed, ".-/()_");
    if (str_starts(s, S("00"))) s = str_fmt(mem, "+%.*s", (int)(s.n - 2), s.p + 2);
    if (!str_starts(s, S("+"))) return digits_only(s) ? french_national(mem, s) : STR_NONE;
    str digits = str_cut(s, 1, s.n);
    if (!digits_only(digits) || digits.n < 8 || digits.n > 15 || digits.p[0] == '0') return STR_NONE;
    return without_trunk_zero(mem, s);
}

str phone_national(arena *mem, str e164)
{
    static const char *const codes[] = {"+33", "+262", "+590", "+594", "+596", "+508"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        str rest = str_cut(e164, strlen(codes[i]), e164.n);
        if (!str_starts(e164, str_of(codes[i])) || rest.n != 9) continue;
        const char *p = rest.p;
        return str_fmt(mem, "0%c %.2s %.2s %.2s %.2s", p[0], p + 1, p + 3, p + 5, p + 7);
    }
    return e164;
}

TYPE_CHECK(check_phone)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    if (!str_trim(s).n) return NULL;
    s = phone_normalise(mem, s);
    return s.n ? text_done(mem, s, out) : W("field.phone.bad");
}

/* Luhn; La Poste's own establishments (SIREN 356 000 000) have a plain sum that 5 divides. */
static bool siret_valid(str s)
{
    int sum = 0, plain = 0;
    for (size_t i = 0; i < s.n; i++) {
        int digit = s.p[i] - '0', doubled = (s.n - i) % 2 ? digit : digit * 2;
        sum += doubled > 9 ? doubled - 9 : doubled;
        plain += digit;
    }
    return sum % 10 == 0 || (str_starts(s, S("356000000")) && plain % 5 == 0);
}

TYPE_CHECK(check_siret)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = squeeze(mem, s, ".-");
    if (!s.n) return NULL;
    if (s.n != 14 || !digits_only(s)) return W("field.siret.length");
    return siret_valid(s) ? text_done(mem, s, out) : W("field.siret.key");
}

TYPE_CHECK(check_rna)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = upper(mem, squeeze(mem, s, ".-"));
    if (!s.n) return NULL;
    bool good = s.n == 10 && s.p[0] == 'W';
    for (size_t i = 1; good && i < s.n; i++) good = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'Z');
    return good ? text_done(mem, s, out) : W("field.rna.bad");
}

TYPE_CHECK(check_rnf)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = upper(mem, squeeze(mem, s, ""));
    if (!s.n) return NULL;
    return pattern_matches(S("[0-9A-B]{2,3}-[A-Z]{2,4}-[0-9]{3,6}-[0-9]{2}"), s) ? text_done(mem, s, out) : W("field.rnf.bad");
}

/* ISO 13616: the first four characters go last, letters count 10…35, the whole is 1 modulo 97. */
static bool iban_valid(str s)
{
    unsigned rest = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[(i + 4) % s.n];
        if (c >= '0' && c <= '9') rest = (rest * 10 + (unsigned)(c - '0')) % 97;
        else if (c >= 'A' && c <= 'Z') rest = (rest * 100 + (unsigned)(c - 'A' + 10)) % 97;
        else return false;
    }
    return rest == 1;
}

TYPE_CHECK(check_iban)
{
    str s;
    const char *msg = text_given(given, &s);
    if (msg) return msg;
    s = upper(mem, squeeze(mem, s, ".-"));
    if (str_starts(s, S("IBAN"))) s = str_cut(s, 4, s.n);
    if (!s.n) return NULL;
    if (s.n < 15 || s.n > 34 || (str_starts(s, S("FR")) && s.n != 27)) return W("field.iban.length");
    return iban_valid(s) ? text_done(mem, s, out) : W("field.iban.key");
}

TYPE_SHOW(show_text) { return json_text(value); }
TYPE_SHOW(show_phone) { return phone_national(mem, json_text(value)); }

static str grouped(arena *mem, str s, const size_t *sizes)
{
    char *out = arena_alloc(mem, s.n * 2 + 1);
    size_t n = 0, left = *sizes;
    for (size_t i = 0; i < s.n; i++) {
        if (!left) {
            out[n++] = ' ';
            if (sizes[1]) sizes++;
            left = *sizes;
        }
        out[n++] = s.p[i];
        left--;
    }
    return (str){out, n};
}

TYPE_SHOW(show_iban) { return grouped(mem, json_text(value), (const size_t[]){4, 0}); }
TYPE_SHOW(show_siret) { return grouped(mem, json_text(value), (const size_t[]){3, 3, 3, 5, 0}); }

TYPE_RULE(rule_text_value) { return (struct rule_value){.kind = RULE_TEXT, .text = json_text(value)}; }
/* Bounded: an index holds what can be filtered, not novels. */
TYPE_INDEX(index_text) { return utf8_cut(str_fold(mem, json_text(value)), 120); }

TYPE_PREFILL(prefill_text)
{
    str arg = STR_NONE;
    json_t *given = json_own(mem, json_from_str(typed));
    struct answers_env env = {0};
    return utf8_valid(typed) && !f->type->check(f, mem, given, &env, out, &arg) && *out;
}

static const struct { const char *type, *example, *pattern, *format; } usual[] = {
    {"email", "camille.durand@exemple.fr", NULL, "email"},
    {"phone", "+33612345678", NULL, NULL},
    {"siret", "73282932000074", NULL, NULL},
    {"rna", "W881000001", NULL, NULL},
    {"rnf", "075-FDD-00003-01", NULL, NULL},
    {"iban", "FR7630006000011234567890189", NULL, NULL},
    {"dossier_link", "BCDF-GHJK", NULL, NULL},
    {"textarea", "Une ligne.\nUne autre.", NULL, NULL},
    {"text", "Durand", NULL, NULL}};

TYPE_SCHEMA(schema_text)
{
    json_t *s = schema_of("string");
    bool is_area = strcmp(f->type->name, "textarea") == 0;
    const char *example = "Texte";
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
        if (strcmp(usual[i].type, f->type->name) != 0) continue;
        example = usual[i].example;
        if (usual[i].format) json_object_set_new(s, "format", json_string(usual[i].format));
    }
    json_object_set_new(s, "minLength", json_integer(1));
    if (f->type->check == check_text || f->type->check == check_textarea || f->type->check == check_formatted)
        json_object_set_new(s, "maxLength", json_integer(f->max_length ? f->max_length : is_area ? TEXTAREA_MOST : TEXT_MOST));
    str text = f->example.n ? f->example : str_of(example);
    if (f->max_length && utf8_length(text) > (size_t)f->max_length) text = utf8_cut(S("abcdefghij"), (size_t)f->max_length);
    schema_examples(s, json_from_str(text));
    return s;
}
