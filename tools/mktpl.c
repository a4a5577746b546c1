/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mktpl IN.html OUT.h OUT.c — a template to C. The language is in docs/add-a-page.md. IN is a path that ends in src/DIR/NAME.html.
   One pass: HTML is followed closely enough to know where a piece stands (text, tag, attribute value, address), tags become statements. */
#include "mktpl/mktpl.h"

struct template T;

static bool one_of(const char *name, const char *list)       /* list: " a b c " */
{
    char key[40];
    snprintf(key, sizeof key, " %s ", name);
    return strstr(list, key) != NULL;
}

#define VOIDS " area base br col embed hr img input link meta source track wbr "
#define BLOCKS " html head body div section article main header footer nav aside ul ol li dl dt dd p h1 h2 h3 h4 h5 h6 table caption " \
    "thead tbody tfoot tr th td form fieldset legend option optgroup select datalist meta link title base hr figure figcaption " \
    "blockquote pre details summary template address "
#define REFUSED " script style iframe object embed applet frame frameset "
#define URLS " href src action formaction poster cite xlink:href data "
#define KEEP " pre textarea "
#define PLAIN " title option textarea "        /* no element may stand in them: words in another language are not marked there, see {{lang}} */

static bool in_kept(void) { return T.depth && one_of(T.el[T.depth - 1], KEEP); }
static bool in_plain(void) { return T.depth && one_of(T.el[T.depth - 1], PLAIN); }
static bool in_svg(void)
{
    for (int i = 0; i < T.depth; i++) if (!strcmp(T.el[i], "svg")) return true;
    return false;
}

/* A run of blanks becomes one, and none beside an element that is a block. */
static void space_write(void)
{
    if (T.space_wanted && !T.space_done) { lit(" "); T.space_done = true; }
    T.space_wanted = false;
}
static void wrote(void) { T.space_done = false; T.space_wanted = false; }

static void put_str(const char *expr)
{
    if (T.where == IN_TAG) die("a value stands in an element's text or in the quotes of an attribute");
    if (T.where == IN_TEXT) space_write();
    code(T.where == IN_URL ? "html_part_str(o, %s);" : "html_text(o, %s);", expr);
    T.url_start = false;
    wrote();
}

static void put_member(const char *s)
{
    char *path = path_of(&s);
    skip_blanks(&s);
    if (*s) die("'%s' stands after the path", s);
    if (T.where == IN_TAG) die("a value stands in an element's text or in the quotes of an attribute");
    if (T.where == IN_TEXT) { space_write(); code(in_plain() ? "HTML_ATTR(o, %s);" : "HTML_PUT(o, %s);", path); }
    else if (T.where == IN_VALUE) code("HTML_ATTR(o, %s);", path);
    else if (T.url_start) code("html_url(o, %s);", path);
    else code("HTML_URLPART(o, %s);", path);
    T.url_start = false;
    wrote();
}

/* ---- blocks ---- */

static struct block *block_push(enum block_kind kind)
{
    if (T.blocks == 32) die("blocks are nested too deep");
    struct block *b = &T.block[T.blocks++];
    *b = (struct block){.kind = kind, .line = T.line, .depth = T.depth, .where = T.where, .url_start = T.url_start, .space_after = true};
    return b;
}

static void block_starts(struct block *b) { b->space_before = T.space_done; }

/* At else, elif and end: where the branch leaves us must be where it began. */
static void branch_ends(struct block *b)
{
    if (T.depth > b->depth) die("<%s> is not closed in the branch begun at line %d", T.el[T.depth - 1], b->line);
    if (T.where != b->where) die("the branch begun at line %d ends inside a tag or a quote", b->line);
    b->space_after = b->space_after && T.space_done;
}

static void do_if(const char *s)
{
    if (T.where == IN_TEXT) space_write();
    struct block *b = block_push(BLOCK_IF);
    block_starts(b);
    code("if (%s) {", cond_of(s));
}

static struct block *top_block(const char *tag)
{
    if (!T.blocks) die("{{%s}} without a beginning", tag);
    return &T.block[T.blocks - 1];
}

static void do_else(const char *s, bool elif)
{
    struct block *b = top_block(elif ? "elif" : "else");
    if (b->kind == BLOCK_WRAP || b->kind == BLOCK_SOURCE || b->had_else || (elif && b->kind != BLOCK_IF)) die("{{else}} has no place here");
    if (T.where == IN_TEXT && !T.space_done) { T.space_wanted = false; }
    branch_ends(b);
    if (elif) code("} else if (%s) {", cond_of(s));
    else if (b->kind == BLOCK_IF) code("} else {");
    else code("} if (!%s_n) {", b->var);
    b->had_else = !elif;
    T.url_start = b->url_start;
    T.space_done = b->space_before;
}

/* name in path: over a slice; name to path: so many times, only name_index and name_number (from 1) are known. */
static void do_for(const char *s)
{
    char var[64], word[4];
    int n = 0;
    skip_blanks(&s);
    if (sscanf(s, "%63[a-z0-9_] %3[a-z] %n", var, word, &n) != 2 || !n || (strcmp(word, "in") != 0 && strcmp(word, "to") != 0))
        die("{{for name in path}} or {{for name to path}}");
    s += n;
    bool times = word[0] == 't';
    if (known_var(var, strlen(var))) die("'%s' is already a name here", var);
    char *path = path_of(&s);
    if (T.where == IN_TEXT) space_write();
    code("{ const int64_t %s_n = (int64_t)(%s%s); for (int64_t %s_index = 0; %s_index < %s_n; %s_index++) { const int64_t %s_number = %s_index + 1; (void)%s_number;",
         var, path, times ? "" : ".n", var, var, var, var, var, var, var);
    if (!times) code("const __typeof__((%s.v)[0]) *%s = &(%s.v)[%s_index]; (void)%s;", path, var, path, var, var);
    struct block *b = block_push(BLOCK_FOR);
    block_starts(b);
    snprintf(b->var, sizeof b->var, "%s", var);
}

static void include_part(const char *path)
{
    char line[300];
    snprintf(line, sizeof line, "#include \"gen/html/%s%s.html.h\"\n", strchr(path, '/') ? "" : "view/parts/", path);
    if (!T.includes.p || !strstr(T.includes.p, line)) text_fmt(&T.includes, "%s", line);
}

/* part name=value … or part path: the call's second argument. */
static char *part_call(const char *s, char name[static 96])
{
    char path[96];
    int n = 0;
    skip_blanks(&s);
    if (sscanf(s, "%95[a-z0-9_/]%n", path, &n) != 1) die("the name of a part is expected");
    s += n;
    skip_blanks(&s);
    include_part(path);
    const char *base = strrchr(path, '/');
    snprintf(name, 96, "%s", base ? base + 1 : path);
    struct text t = {0}, args = {0};
    const char *eq = s;
    while (name_char(*eq) || *eq == '.' || *eq == '>' || (*eq == '-' && eq[1] == '>')) eq++;
    if (*s && *eq != '=') {
        text_fmt(&t, "&%s", path_of(&s));
        skip_blanks(&s);
        if (*s) die("'%s' stands after the path", s);
        return t.p;
    }
    args_read(&s, &args, true);
    text_fmt(&t, "&(struct part_%s){%s}", name, args.p ? args.p : "0");
    return t.p;
}

static void do_use(const char *s)
{
    char name[96];
    if (T.where != IN_TEXT) die("a part stands in an element's text");
    space_write();
    char *arg = part_call(s, name);
    code("part_%s(o, %s);", name, arg);
    wrote();
}

static void do_wrap(const char *s)
{
    char name[96];
    if (T.where != IN_TEXT) die("a part stands in an element's text");
    space_write();
    char *arg = part_call(s, name);
    struct block *b = block_push(BLOCK_WRAP);
    code("{ const struct part_%s *wrap_%d = %s; part_%s_top(o, wrap_%d);", name, T.blocks, arg, name, T.blocks);
    snprintf(b->end_call, sizeof b->end_call, "part_%s_bottom(o, wrap_%d); }", name, T.blocks);
    wrote();
    block_starts(b);
}

/* {{source}} … {{end}}: what stands between, then its own text as code: a sample that cannot drift from what it shows (/styles). */
static void do_source(void)
{
    if (T.where != IN_TEXT) die("{{source}} stands in an element's text");
    space_write();
    struct block *b = block_push(BLOCK_SOURCE);
    block_starts(b);
    b->source = strstr(T.untouched + (T.at - T.begin), "}}") + 2;
}

static const char source_title[] = "view.styles.code";

static void source_ends(const struct block *b)
{
    const char *end = T.untouched + (T.at - T.begin), *p = b->source;
    size_t indent = 0;
    while (*p == '\n') p++;
    while (p[indent] == ' ') indent++;
    code("buf_words(o->b, o->lang, \"%s\", NULL);", source_title);
    struct text held = {0};
    for (size_t column = 0; p < end; p++) {
        if (*p == ' ' && column < indent) { column++; continue; }
        column = *p == '\n' ? 0 : indent;
        if (*p == '&') text_fmt(&held, "&amp;");
        else if (*p == '<') text_fmt(&held, "&lt;");
        else text_putn(&held, p, 1);
    }
    while (held.n && isspace((unsigned char)held.p[held.n - 1])) held.p[--held.n] = 0;
    lit("</summary><pre tabindex=\"0\"><code>");
    lit(held.p ? held.p : "");
    lit("</code></pre></details>");
}

static void do_end(void)
{
    struct block *b = top_block("end");
    if (T.where == IN_TEXT && b->kind == BLOCK_WRAP) T.space_wanted = false;
    if (T.where == IN_TEXT) space_write();
    branch_ends(b);
    if (b->kind == BLOCK_SOURCE) { lit("<details class=\"source\"><summary>"); source_ends(b); }
    else if (b->kind == BLOCK_IF) code("}");
    else if (b->kind == BLOCK_FOR) code(b->had_else ? "} }" : "} (void)%s_n; }", b->var);
    else code("%s", b->end_call);
    T.space_done = b->space_after && b->space_before;
    T.url_start = false;
    T.blocks--;
}

/* ---- the head of a file, layout and body ---- */

static void do_head(const char *s, bool page)
{
    int n = 0;
    if (T.type[0]) die("the struct is named twice");
    skip_blanks(&s);
    if (sscanf(s, "struct %95[a-z0-9_] \"%255[^\"]\"%n", T.type, T.header, &n) != 2 || !n) die("{{page struct page_name \"header.h\"}}");
    const char *base = strrchr(T.rel, '/');
    base = base ? base + 1 : T.rel;
    T.is_page = page;
    if (page && strncmp(T.type, "page_", 5) != 0) die("the struct of a page is named page_…");
    if (page) snprintf(T.name, sizeof T.name, "html_%.90s", T.type + 5);
    else memcpy(T.name, T.type, sizeof T.type);
    if (!page && strcmp(T.type, "layout") != 0 && (strncmp(T.type, "part_", 5) != 0 || strcmp(T.type + 5, base) != 0))
        die("a part's struct is named after its file: part_%s", base);
    if (!page && !strcmp(T.type, "layout")) T.has_layout = false;
}

static void do_layout(const char *s)
{
    if (!T.is_page || T.has_layout || T.depth || T.blocks) die("{{layout}} comes once, after {{page …}}");
    T.has_layout = true;
    text_fmt(&T.includes, "#include \"gen/html/view/layout.html.h\"\n");
    code("struct layout l_copy = p->l; const struct layout *l = &l_copy; (void)l;");
    skip_blanks(&s);
    if (*s) code("if (!l_copy.title.n) l_copy.title = %s;", words_expr(s));
    code("layout_top(o, l);");
    T.space_done = true;
}

static void do_body(void)
{
    if (T.is_page || T.has_body || T.blocks || T.where != IN_TEXT) die("{{body}} comes once, in a part, outside of if and for");
    T.has_body = true;
    T.space_wanted = false;
    lit_flush();
    T.top = T.body;
    T.body = (struct text){0};
    T.space_done = true;
}

static void do_date(const char *kind, const char *s)
{
    char *path = path_of(&s);
    if (T.where == IN_TAG) die("a date stands in an element's text or in the quotes of an attribute");
    if (T.where == IN_TEXT) space_write();
    code("html_%s(o, %s, %s);", kind, path, T.where == IN_TEXT ? "true" : "false");
    wrote();
}

static void do_script(const char *s)
{
    char name[64];
    if (T.where != IN_TEXT || sscanf(s, " %63[a-z0-9_./-]", name) != 1) die("{{script name}}");
    code("html_script(o, \"%s.js\");", name);
    wrote();
}

static void do_asset(const char *s)
{
    char name[64];
    if (T.where == IN_TAG || T.where == IN_TEXT || sscanf(s, " %63[a-z0-9_./-]", name) != 1) die("{{asset name}} in an attribute");
    code("html_asset(o, \"%s\");", name);
    T.url_start = false;
}

static void do_count(const char *s)
{
    struct text t = {0};
    char *key = key_read(&s);
    text_fmt(&t, "words_count(o->mem, o->lang, %s, (int64_t)(%s))", key, path_of(&s));
    put_str(t.p);
}

static void do_number(const char *fn, const char *s)
{
    struct text t = {0};
    text_fmt(&t, "%s(o->mem, o->lang, (int64_t)(%s))", fn, path_of(&s));
    put_str(t.p);
}

static void do_rich(const char *s)
{
    struct text args = {0};
    if (T.where != IN_TEXT) die("{{rich}} stands in an element's text");
    space_write();
    char *key = key_read(&s);
    args_read(&s, &args, false);
    code("html_rich(o, %s%s, NULL);", key, args.p ? args.p : "");
    wrote();
}

/* Words: those given to them are marked when they are in another language. */
static void do_words(const char *s)
{
    struct text args = {0};
    const char *from = s;
    char *key = key_read(&s);
    if (T.where != IN_TEXT || in_plain() || !args_read(&s, &args, false)) {
        put_str(words_expr(from));
        return;
    }
    space_write();
    code("buf_words(o->b, o->lang, %s%s, NULL);", key, args.p);
    wrote();
}

/* {{lang path}} in a tag whose element can hold no other: <option{{lang c.label}}>. */
static void do_lang(const char *s)
{
    if (T.where != IN_TAG) die("{{lang path}} stands in a tag");
    code("html_lang(o, %s);", path_of(&s));
}

static void do_raw(const char *s)
{
    if (T.where != IN_TEXT) die("{{raw}} stands in an element's text");
    space_write();
    code("html_raw(o, %s);", path_of(&s));
    wrote();
}

static void directive(char *s)
{
    while (isspace((unsigned char)*s)) s++;
    char *end = s + strlen(s);
    while (end > s && isspace((unsigned char)end[-1])) *--end = 0;
    if (*s == '#') return;
    char word[16] = "";
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");
    bool alone = s[n] == 0 || isspace((unsigned char)s[n]);
    if (alone && n < sizeof word) snprintf(word, sizeof word, "%.*s", (int)n, s);
    const char *rest = s + n;
    if (!strcmp(word, "page") || !strcmp(word, "part")) { do_head(rest, word[1] == 'a' && word[2] == 'g'); return; }
    if (!T.type[0]) die("a template begins with {{page struct page_name \"header.h\"}} or {{part …}}");
    if (!strcmp(word, "layout")) do_layout(rest);
    else if (!strcmp(word, "body")) do_body();
    else if (!strcmp(word, "if")) do_if(rest);
    else if (!strcmp(word, "elif")) do_else(rest, true);
    else if (!strcmp(word, "else")) do_else(rest, false);
    else if (!strcmp(word, "end")) do_end();
    else if (!strcmp(word, "source")) do_source();
    else if (!strcmp(word, "for")) do_for(rest);
    else if (!strcmp(word, "use")) do_use(rest);
    else if (!strcmp(word, "wrap")) do_wrap(rest);
    else if (!strcmp(word, "t")) do_words(rest);
    else if (!strcmp(word, "lang")) do_lang(rest);
    else if (!strcmp(word, "rich")) do_rich(rest);
    else if (!strcmp(word, "count")) do_count(rest);
    else if (!strcmp(word, "n")) do_number("words_number", rest);
    else if (!strcmp(word, "size")) do_number("words_size", rest);
    else if (!strcmp(word, "date") || !strcmp(word, "time") || !strcmp(word, "day")) do_date(word, rest);
    else if (!strcmp(word, "raw")) do_raw(rest);
    else if (!strcmp(word, "script")) do_script(rest);
    else if (!strcmp(word, "asset")) do_asset(rest);
    else put_member(s);
}

/* ---- HTML ---- */

static void element_pop(const char *name)
{
    if (!T.depth) die("</%s> closes nothing", name);
    if (strcmp(T.el[T.depth - 1], name) != 0) die("</%s> where <%s> is open", name, T.el[T.depth - 1]);
    if (T.blocks && T.depth == T.block[T.blocks - 1].depth)
        die("</%s> closes an element opened outside of the block begun at line %d", name, T.block[T.blocks - 1].line);
    T.depth--;
}

static void text_step(void)
{
    char name[24] = "";
    if (!strncmp(T.at, "<!--", 4)) {
        char *end = strstr(T.at, "-->");
        if (!end) die("a comment is not closed");
        for (; T.at < end + 3; T.at++) T.line += *T.at == '\n';
    } else if (*T.at == '<' && (isalpha((unsigned char)T.at[1]) || T.at[1] == '/' || T.at[1] == '!')) {
        bool closing = T.at[1] == '/';
        char *p = T.at + 1 + closing;
        size_t n = strcspn(p, " \t\n>/{\"");
        if (n >= sizeof name) die("what element is '%.30s'?", p);
        memcpy(name, p, n);
        if (one_of(name, REFUSED)) die("<%s> is refused in templates", name);
        if (one_of(name, BLOCKS) || *name == '!') T.space_wanted = false;
        else if (!in_kept()) space_write();
        lit(closing ? "</" : "<");
        lit(name);
        T.at = p + n;
        wrote();
        if (closing) {
            if (*T.at != '>') die("</%s is not closed by >", name);
            element_pop(name);
            T.at++;
            lit(">");
            T.space_done = one_of(name, BLOCKS);
        } else {
            memcpy(T.tag, name, sizeof name);
            T.where = IN_TAG;
            T.post_form = false;
        }
    } else {
        if (*T.at == '\n') T.line++;
        if (isspace((unsigned char)*T.at) && !in_kept()) T.space_wanted = true;
        else { space_write(); text_putn(&T.lit, T.at, 1); wrote(); }
        T.at++;
    }
}

static void tag_ends(void)
{
    bool self = *T.at == '/';
    if (self && !in_svg()) die("write <%s>, without /", T.tag);
    lit(self ? "/>" : ">");
    T.at += self ? 2 : 1;
    T.where = IN_TEXT;
    T.space_done = one_of(T.tag, BLOCKS) || !strcmp(T.tag, "br");
    if (!self && !one_of(T.tag, VOIDS) && *T.tag != '!') {
        if (T.depth == 128) die("elements are nested too deep");
        memcpy(T.el[T.depth++], T.tag, sizeof T.tag);
    }
    if (!strcmp(T.tag, "textarea")) lit("\n");          /* HTML drops the first one */
    if (T.post_form) code("html_token(o);");
}

static void tag_step(void)
{
    char name[64] = "";
    if (isspace((unsigned char)*T.at)) { T.line += *T.at++ == '\n'; return; }
    if (*T.at == '>' || (*T.at == '/' && T.at[1] == '>')) { tag_ends(); return; }
    size_t n = strcspn(T.at, " \t\n=>\"'/{}");
    if (!n || n >= sizeof name) die("an attribute is expected in <%s> at '%.20s'", T.tag, T.at);
    memcpy(name, T.at, n);
    if (!strcmp(name, "style") || !strcmp(name, "srcdoc") || !strncmp(name, "on", 2)) die("%s= is refused", name);
    T.at += n;
    lit(" ");
    lit(name);
    if (*T.at != '=') return;
    if (T.at[1] != '"') die("%s= takes double quotes", name);
    T.at += 2;
    lit("=\"");
    T.where = one_of(name, URLS) ? IN_URL : IN_VALUE;
    T.url_start = true;
    if (!strcmp(T.tag, "form") && !strcmp(name, "method") && !strncmp(T.at, "post\"", 5)) T.post_form = true;
}

static void value_step(void)
{
    if (*T.at == '"') { T.where = IN_TAG; lit("\""); T.at++; return; }
    if (*T.at == '\n') T.line++;
    if (*T.at == '<') die("< in an attribute of <%s>: is a quote missing?", T.tag);
    if (T.where == IN_URL && T.url_start) {
        static const char *const starts[] = {"/", "#", "?", "https://", "mailto:", "tel:"};
        bool good = false;
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) good |= !strncmp(T.at, starts[i], strlen(starts[i]));
        if (!good) die("an address begins with / # ? https:// mailto: tel:, or is a {{struct url}}");
        T.url_start = false;
    }
    text_putn(&T.lit, T.at++, 1);
}

static void compile(char *src)
{
    T.line = 1;
    T.space_done = true;
    T.begin = src;
    T.untouched = strdup(src);
    for (T.at = src; *T.at;) {
        if (T.at[0] == '{' && T.at[1] == '{') {
            char *p = T.at + 2, *end = p;
            bool quoted = false;
            for (; *end && (quoted || end[0] != '}' || end[1] != '}'); end++) if (*end == '"') quoted = !quoted;
            if (!*end) die("{{ is not closed");
            *end = 0;
            directive(p);
            for (char *c = p; c < end; c++) T.line += *c == '\n';
            T.at = end + 2;
        } else if (T.where == IN_TEXT) text_step();
        else if (T.where == IN_TAG) tag_step();
        else value_step();
    }
    if (T.blocks) { T.line = T.block[T.blocks - 1].line; die("this block has no {{end}}"); }
    if (T.where != IN_TEXT) die("a tag is not closed at the end of the file");
    if (T.depth) die("<%s> is not closed at the end of the file", T.el[T.depth - 1]);
    if (!T.type[0]) die("no {{page …}} or {{part …}}");
    if (T.has_layout) code("layout_bottom(o, l);");
    lit_flush();
}

/* ---- output ---- */

static FILE *create(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f) { perror(path); exit(1); }
    return f;
}

static void write_function(FILE *f, const char *suffix, const struct text *body)
{
    fprintf(f, "\nvoid %s%s(struct html_out *o, const struct %s *p)\n{\n    (void)o; (void)p;\n%s}\n", T.name, suffix, T.type, body->p ? body->p : "");
}

static void write_files(const char *c_path, const char *h_path)
{
    FILE *c = create(c_path), *h = create(h_path);
    fprintf(h, "/* Made by mktpl from %s */\n#pragma once\n#include \"view/html.h\"\n#include \"%s\"\n", T.path, T.header);
    if (T.has_body) fprintf(h, "void %s_top(struct html_out *o, const struct %s *p);\nvoid %s_bottom(struct html_out *o, const struct %s *p);\n",
                            T.name, T.type, T.name, T.type);
    else fprintf(h, "void %s(struct html_out *o, const struct %s *p);\n", T.name, T.type);
    if (T.is_page) fprintf(h, "struct req;\nerr %s(struct req *q, struct %s *p);\n", T.type, T.type);

    fprintf(c, "/* Made by mktpl from %s */\n#include \"gen/html/%s.html.h\"\n#include \"base/said.h\"\n%s%s", T.path, T.rel,
            T.is_page ? "#include \"view/page.h\"\n" : "", T.includes.p ? T.includes.p : "");
    if (T.has_body) { write_function(c, "_top", &T.top); write_function(c, "_bottom", &T.body); }
    else write_function(c, "", &T.body);
    if (T.is_page)
        fprintf(c, "\nstatic void draw(struct html_out *o, const void *p) { %s(o, p); }\n"
                   "\nerr %s(struct req *q, struct %s *p) { return page_send(q, draw, p, %s); }\n",
                T.name, T.type, T.type, T.has_layout ? "&p->l" : "NULL");
    if (fclose(c) || fclose(h)) { perror(c_path); exit(1); }
}

int main(int argc, char **argv)
{
    if (argc != 4) { fprintf(stderr, "usage: mktpl src/DIR/NAME.html OUT.h OUT.c\n"); return 2; }
    T.path = argv[1];
    const char *rel = strstr(argv[1], "src/");
    while (rel && strstr(rel + 1, "/src/")) rel = strstr(rel + 1, "/src/") + 1;
    T.rel = strndup(rel ? rel + 4 : argv[1], strlen(rel ? rel + 4 : argv[1]) - strlen(".html"));
    FILE *f = fopen(argv[1], "r");
    if (!f) { perror(argv[1]); return 1; }
    struct text src = {0};
    char block[4096];
    for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;) text_putn(&src, block, n);
    fclose(f);
    text_putn(&src, "", 0);
    compile(src.p);
    write_files(argv[3], argv[2]);
    return 0;
}
