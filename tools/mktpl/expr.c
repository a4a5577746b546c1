/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Paths, conditions, keys and arguments of a tag, as C. */
#include "mktpl/mktpl.h"

bool known_var(const char *p, size_t n)
{
    if (n == 1 && *p == 'p') return true;
    if (n == 1 && *p == 'l') return T.has_layout;
    for (int i = 0; i < T.blocks; i++)
        if (T.block[i].kind == BLOCK_FOR && strlen(T.block[i].var) == n && !memcmp(T.block[i].var, p, n)) return true;
    return false;
}

bool name_char(char c) { return isalnum((unsigned char)c) || c == '_'; }
void skip_blanks(const char **s) { while (isspace((unsigned char)**s)) ++*s; }

/* "r.title" to "r->title", "r" to "(*r)", "r_index" as it is. False when *s does not begin a path. */
static bool path_read(const char **s, struct text *out)
{
    const char *p = *s;
    if (!islower((unsigned char)*p) && *p != '_') return false;
    while (name_char(*p)) p++;
    size_t n = (size_t)(p - *s);
    bool index = (n > 6 && !memcmp(p - 6, "_index", 6) && known_var(*s, n - 6)) || (n > 7 && !memcmp(p - 7, "_number", 7) && known_var(*s, n - 7));
    if (!index && !known_var(*s, n)) die("'%.*s' is not known here: p, l (with {{layout}}) or the name of a for", (int)n, *s);
    bool member = *p == '.' || (*p == '-' && p[1] == '>');
    if (index || member) text_putn(out, *s, n);
    else text_fmt(out, "(*%.*s)", (int)n, *s);
    bool first = true;
    while ((*p == '.' && name_char(p[1])) || (*p == '-' && p[1] == '>')) {
        bool arrow = *p == '-' || first;
        p += *p == '-' ? 2 : 1;
        const char *from = p;
        while (name_char(*p)) p++;
        if (p == from) die("a member name is missing after '%.*s'", (int)(p - *s), *s);
        text_fmt(out, "%s%.*s", arrow ? "->" : ".", (int)(p - from), from);
        first = false;
    }
    *s = p;
    return true;
}

char *path_of(const char **s)
{
    struct text t = {0};
    skip_blanks(s);
    if (!path_read(s, &t)) die("a member path is expected at '%.20s'", *s);
    return t.p;
}

/* A quoted literal, left as C reads it. */
static bool literal_read(const char **s, struct text *out)
{
    if (**s != '"') return false;
    const char *p = *s + 1;
    while (*p && *p != '"') p += *p == '\\' && p[1] ? 2 : 1;
    if (!*p) die("a quote is not closed");
    text_putn(out, *s, (size_t)(p + 1 - *s));
    *s = p + 1;
    return true;
}

static bool word_is(const char **s, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*s, word, n) != 0 || name_char((*s)[n])) return false;
    *s += n;
    return true;
}

/* Numbers, true, false, null and C constants. */
static bool constant_read(const char **s, struct text *out)
{
    if (word_is(s, "null")) text_fmt(out, "NULL");
    else if (word_is(s, "true")) text_fmt(out, "true");
    else if (word_is(s, "false")) text_fmt(out, "false");
    else if (isupper((unsigned char)**s) || isdigit((unsigned char)**s) || (**s == '-' && isdigit((unsigned char)(*s)[1]))) {
        const char *p = *s + 1;
        while (name_char(*p) || *p == '.') p++;
        text_putn(out, *s, (size_t)(p - *s));
        *s = p;
    } else return false;
    return true;
}

enum operand { OPERAND_PATH, OPERAND_TEXT, OPERAND_CONSTANT };
static void cond_or(const char **s, struct text *out);

static enum operand operand_read(const char **s, struct text *out)
{
    skip_blanks(s);
    if (literal_read(s, out)) return OPERAND_TEXT;
    if (constant_read(s, out)) return OPERAND_CONSTANT;
    if (path_read(s, out)) return OPERAND_PATH;
    die("a path, a literal or a constant is expected at '%.20s'", *s);
}

static void cond_compare(const char **s, struct text *out)
{
    static const char *const ops[] = {"==", "!=", "<=", ">=", "<", ">"};
    struct text a = {0}, b = {0};
    enum operand ka = operand_read(s, &a);
    skip_blanks(s);
    if (**s == '&' && (*s)[1] != '&') {
        ++*s;
        operand_read(s, &b);
        text_fmt(out, "((%s & %s) != 0)", a.p, b.p);
        return;
    }
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (strncmp(*s, ops[i], strlen(ops[i])) != 0) continue;
        *s += strlen(ops[i]);
        enum operand kb = operand_read(s, &b);
        const char *no = ops[i][0] == '!' ? "!" : "";
        if (ka == OPERAND_TEXT || (kb == OPERAND_TEXT && i > 1)) die("a text is compared on the right, by == or !=");
        if (kb == OPERAND_TEXT) text_fmt(out, "%sHTML_IS(%s, %s)", no, a.p, b.p);
        else if (i < 2 && ka == OPERAND_PATH && kb == OPERAND_PATH) text_fmt(out, "%sHTML_SAME(%s, %s)", no, a.p, b.p);
        else text_fmt(out, "(%s %s %s)", a.p, ops[i], b.p);
        return;
    }
    if (ka == OPERAND_TEXT) die("a text alone is no condition");
    text_fmt(out, ka == OPERAND_PATH ? "HTML_TRUE(%s)" : "(%s)", a.p);
}

static void cond_not(const char **s, struct text *out)
{
    skip_blanks(s);
    if (**s == '!' && (*s)[1] != '=') { ++*s; text_fmt(out, "!"); cond_not(s, out); return; }
    if (**s != '(') { cond_compare(s, out); return; }
    ++*s;
    text_fmt(out, "(");
    cond_or(s, out);
    skip_blanks(s);
    if (**s != ')') die("a ) is missing");
    ++*s;
    text_fmt(out, ")");
}

static void cond_chain(const char **s, struct text *out, const char *op, void (*part)(const char **, struct text *))
{
    text_fmt(out, "(");
    part(s, out);
    for (skip_blanks(s); !strncmp(*s, op, 2); skip_blanks(s)) {
        *s += 2;
        text_fmt(out, " %s ", op);
        part(s, out);
    }
    text_fmt(out, ")");
}
static void cond_and(const char **s, struct text *out) { cond_chain(s, out, "&&", cond_not); }
static void cond_or(const char **s, struct text *out) { cond_chain(s, out, "||", cond_and); }

char *cond_of(const char *s)
{
    struct text t = {0};
    cond_or(&s, &t);
    skip_blanks(&s);
    if (*s) die("the condition ends at '%s'", s);
    return t.p;
}

/* ---- words and arguments ---- */

/* reports.list.title, or (path): a C expression that is a const char *. */
char *key_read(const char **s)
{
    struct text t = {0};
    skip_blanks(s);
    if (**s == '(') {
        ++*s;
        char *path = path_of(s);
        skip_blanks(s);
        if (**s != ')') die("a ) is missing after the path of a key");
        ++*s;
        text_fmt(&t, "HTML_KEY(o, %s)", path);
        return t.p;
    }
    const char *p = *s;
    bool dot = false;
    while (islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_' || *p == '.') dot |= *p++ == '.';
    if (!dot) die("a key of the catalogue is expected at '%.30s'", *s);
    text_fmt(&t, "\"%.*s\"", (int)(p - *s), *s);
    *s = p;
    return t.p;
}

/* The value after name= . as_arg: the initialiser of a member; else a str for words. */
static void value_read(const char **s, struct text *out, bool as_arg)
{
    struct text v = {0};
    if (literal_read(s, &v)) text_fmt(out, "S(%s)", v.p);
    else if (!strncmp(*s, "t:", 2)) {
        *s += 2;
        text_fmt(out, "words(o->lang, %s)", key_read(s));
    } else if (!strncmp(*s, "u:", 2)) {
        const char *p = *s += 2;
        while (*p && !isspace((unsigned char)*p)) p++;
        if (**s != '/' && **s != '#' && **s != '?') die("u: takes a path of this site");
        text_fmt(out, as_arg ? "URL_LIT(\"%.*s\")" : "S(\"%.*s\")", (int)(p - *s), *s);
        *s = p;
    } else if (constant_read(s, &v)) text_fmt(out, as_arg ? "%s" : "html_str_i64(o, (int64_t)(%s))", v.p);
    else {
        char *path = path_of(s);
        text_fmt(out, as_arg ? "%s" : "HTML_STR(o, %s)", path);
    }
}

/* name=value … : as ", "name", value" pairs for words_fill, or ".name = value," for a part. Returns how many. */
int args_read(const char **s, struct text *out, bool as_arg)
{
    int n = 0;
    for (skip_blanks(s); **s; skip_blanks(s), n++) {
        const char *p = *s;
        while (name_char(*p)) p++;
        if (p == *s || *p != '=') die("name=value is expected at '%.30s'", *s);
        text_fmt(out, as_arg ? ".%.*s = " : ", \"%.*s\", ", (int)(p - *s), *s);
        *s = p + 1;
        value_read(s, out, as_arg);
        if (as_arg) text_fmt(out, ", ");
    }
    return n;
}

char *words_expr(const char *s)
{
    struct text t = {0}, args = {0};
    char *key = key_read(&s);
    if (args_read(&s, &args, false)) text_fmt(&t, "words_fill(o->mem, o->lang, %s%s, NULL)", key, args.p);
    else text_fmt(&t, "words(o->lang, %s)", key);
    return t.p;
}
