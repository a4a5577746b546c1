/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "view/rules_doc.h"
#include <string.h>
#include "base/said.h"
#include "formats/yaml.h"
#include "gen/html/view/rules_page.html.h"
#include "view/markdown.h"
#include "view/rules_doc_inside.h"
#include "web/assets.h"

enum { FILE_NAME_MOST = 120 };
#define PAGE_BYTES_MOST ((size_t)8 << 20)

/* ---- names ---- */

str doc_rule_title(struct doc *d, str rule)
{
    str title = json_str(rulebase_definition(d->base, rule), "titre");
    return title.n ? title : rule;
}

void doc_link(struct doc *d, str rule, str words)
{
    str file = json_str(d->files, str_z(d->mem, rule));
    if (!words.n) words = doc_rule_title(d, rule);
    if (file.n) buf_fmt(d->out, "<a href=\"%.*s\">", STR_ARG(file));
    buf_html(d->out, words);
    if (file.n) buf_lit(d->out, "</a>");
}

static str parent_of(str name)
{
    for (size_t i = name.n; i-- > 3;)
        if (memcmp(name.p + i - 3, " . ", 3) == 0) return str_cut(name, 0, i - 3);
    return S("");
}

/* "salarié . contrat", and "salarié/contrat" as addresses of rules are written elsewhere → "salarie.contrat" */
static str stem_of(struct doc *d, str rule)
{
    buf b = BUF(4096);
    str folded = str_fold(d->mem, rule);
    for (size_t i = 0; i < folded.n && b.n < FILE_NAME_MOST; i++) {
        char c = folded.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (str_starts(str_cut(folded, i, folded.n), S(" . "))) buf_char(&b, '.'), i += 2;
        else if (c == '/') buf_char(&b, '.');
        else if (plain) buf_char(&b, c);
        else if (b.n && b.p[b.n - 1] != '-' && b.p[b.n - 1] != '.') buf_char(&b, '-');
    }
    str stem = str_copy(d->mem, buf_str(&b));
    buf_free(&b);
    return stem;
}

/* Two names that fold alike get numbers. */
static str file_of(struct doc *d, str rule)
{
    str stem = stem_of(d, rule), file = stem;
    for (int n = 2; !file.n || json_object_get(d->stems, str_z(d->mem, file)); n++) file = str_fmt(d->mem, "%.*s-%d", STR_ARG(stem), n);
    json_object_set_new(d->stems, str_z(d->mem, file), json_true());
    return str_fmt(d->mem, "%.*s.html", STR_ARG(file));
}

static void listed(struct doc *d, json_t *map, str key, str name)
{
    const char *z = str_z(d->mem, key);
    if (!json_object_get(map, z)) json_object_set_new(map, z, json_array());
    json_t *all = json_object_get(map, z), *last = json_array_get(all, json_array_size(all) - 1);
    if (!last || !str_eq(json_text(last), name)) json_array_append_new(all, json_from_str(name));
}

static void gather(struct doc *d)
{
    size_t n = rulebase_count(d->base);
    for (size_t i = 0; i < n; i++) {
        str name = rulebase_name(d->base, i);
        json_put_str(d->files, str_z(d->mem, name), file_of(d, name));
        listed(d, d->held_by, parent_of(name), name);
        struct readings r = rulebase_readings(d->mem, d->base, name);
        for (size_t k = 0; k < r.n; k++) listed(d, d->read_by, r.v[k].rule, name);
    }
}

/* ---- a page ---- */

static void heading(struct doc *d, const char *key)
{
    buf_lit(d->out, "<h2>");
    buf_words(d->out, d->lang, key, NULL);
    buf_lit(d->out, "</h2>\n");
}

static void rule_line(struct doc *d, str rule)
{
    buf_lit(d->out, "<li>");
    doc_link(d, rule, STR_NONE);
    if (!str_eq(doc_rule_title(d, rule), rule)) {
        buf_lit(d->out, " <code>");
        buf_html(d->out, rule);
        buf_lit(d->out, "</code>");
    }
    buf_lit(d->out, "</li>\n");
}

static void rules_section(struct doc *d, const char *key, const json_t *names)
{
    size_t i;
    json_t *one;
    if (!json_array_size(names)) return;
    heading(d, key);
    buf_lit(d->out, "<ul>");
    json_array_foreach(names, i, one) rule_line(d, json_text(one));
    buf_lit(d->out, "</ul>\n");
}

static void readings_section(struct doc *d, const char *key, const struct readings *r)
{
    json_t *names = json_own(d->mem, json_array()), *seen = json_own(d->mem, json_object());
    for (size_t i = 0; i < r->n; i++) {
        const char *z = str_z(d->mem, r->v[i].rule);
        if (!json_object_get(seen, z)) json_array_append_new(names, json_from_str(r->v[i].rule));
        json_object_set_new(seen, z, json_true());
    }
    rules_section(d, key, names);
}

/* A link to a page of the site that these rules come from leads nowhere on a disk: to a rule's page when it is one's address, else to none. */
static void links_local(struct doc *d, str html)
{
    static const char mark[] = "<a href=\"/", rules[] = "documentation/";
    for (ptrdiff_t at; (at = str_find(html, str_of(mark))) >= 0;) {
        size_t from = (size_t)at + sizeof mark - 1;
        ptrdiff_t end = str_find_char(str_cut(html, from, html.n), '"');
        if (end < 0) break;
        str path = str_cut(html, from, from + (size_t)end), before = str_cut(html, 0, (size_t)at), apostrophe = S("&#39;"), stem;
        for (ptrdiff_t k; (k = str_find(path, apostrophe)) >= 0;)
            path = str_fmt(d->mem, "%.*s-%.*s", STR_ARG(str_cut(path, 0, (size_t)k)), STR_ARG(str_cut(path, (size_t)k + apostrophe.n, path.n)));
        stem = str_starts(path, str_of(rules)) ? stem_of(d, str_cut(path, sizeof rules - 1, path.n)) : STR_NONE;
        buf_put(d->out, before);
        if (stem.n && json_object_get(d->stems, str_z(d->mem, stem))) buf_fmt(d->out, "<a href=\"%.*s.html\"", STR_ARG(stem));
        else buf_lit(d->out, "<a");
        html = str_cut(html, from + (size_t)end + 1, html.n);
    }
    buf_put(d->out, html);
}

static void prose(struct doc *d, const char *key, str text)
{
    if (!text.n) return;
    if (key) heading(d, key);
    struct html h = markdown_at(d->mem, text, key ? 3 : 2);
    links_local(d, (str){h.p, h.n});
}

static void formula_section(struct doc *d, const json_t *raw)
{
    json_t *kept = json_own(d->mem, json_object()), *v;
    const char *key;
    if (json_is_string(raw) || json_is_number(raw)) json_object_set(kept, "valeur", (json_t *)(uintptr_t)raw);
    json_object_foreach((json_t *)(uintptr_t)raw, key, v)
        if (!doc_describes(key)) json_object_set(kept, key, v);
    if (!json_object_size(kept)) return;
    heading(d, W("doc.formula"));
    doc_formula(d, kept);
}

static void cell(struct doc *d, const json_t *v)
{
    const char *key;
    json_t *one;
    bool more = false;
    buf_lit(d->out, "<td>");
    if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, key, one) {
            if (more) buf_lit(d->out, "<br>");
            more = true;
            doc_link(d, str_of(key), str_of(key));
            buf_lit(d->out, "\u00a0: ");
            buf_html(d->out, json_is_string(one) ? json_text(one) : json_canonical(d->mem, one));
        }
    } else if (v) {
        buf_html(d->out, json_is_string(v) ? json_text(v) : json_canonical(d->mem, v));
    }
    buf_lit(d->out, "</td>");
}

static void example(struct doc *d, json_t *one)
{
    str name = json_str(one, "nom"), unit = json_str(one, "unité attendue");     /* house: a key of the language */
    const json_t *value = json_object_get(one, "valeur attendue"), *fault = json_object_get(one, "exception");
    buf_lit(d->out, "<tr>");
    cell(d, name.n ? json_object_get(one, "nom") : NULL);
    cell(d, json_object_get(one, "situation"));
    if (json_is_number(value) && unit.n) value = json_own(d->mem, json_from_str(str_fmt(d->mem, "%.*s\u00a0%.*s", STR_ARG(json_canonical(d->mem, value)), STR_ARG(unit))));
    cell(d, fault ? fault : value);
    buf_lit(d->out, "</tr>\n");
}

static void examples_section(struct doc *d, json_t *examples)
{
    static const char *const columns[] = {W("doc.example.name"), W("doc.example.situation"), W("doc.example.value")};
    size_t i;
    json_t *one;
    if (!json_array_size(examples) && !json_is_object(examples)) return;
    heading(d, W("doc.examples"));
    buf_lit(d->out, "<div class=\"table-wrap\" tabindex=\"0\"><table><thead><tr>");
    for (i = 0; i < 3; i++) {
        buf_lit(d->out, "<th scope=\"col\">");
        buf_words(d->out, d->lang, columns[i], NULL);
        buf_lit(d->out, "</th>");
    }
    buf_lit(d->out, "</tr></thead><tbody>\n");
    if (json_is_object(examples)) example(d, examples);
    json_array_foreach(examples, i, one) example(d, one);
    buf_lit(d->out, "</tbody></table></div>\n");
}

static void reference(struct doc *d, str label, str given)
{
    struct url at = url_web(given);
    buf_lit(d->out, "<li>");
    if (at.n) {
        buf_lit(d->out, "<a href=\"");
        buf_html(d->out, url_str(at));
        buf_lit(d->out, "\">");
    }
    buf_html(d->out, label.n ? label : given);
    if (at.n) buf_lit(d->out, "</a>");
    buf_lit(d->out, "</li>\n");
}

static void references_section(struct doc *d, json_t *all)
{
    const char *key;
    size_t i;
    json_t *one;
    if (!json_array_size(all) && !json_object_size(all) && !json_string_length(all)) return;
    heading(d, W("doc.references"));
    buf_lit(d->out, "<ul>");
    if (json_is_string(all)) reference(d, STR_NONE, json_text(all));
    json_array_foreach(all, i, one) reference(d, STR_NONE, json_text(one));
    json_object_foreach(all, key, one) reference(d, str_of(key), json_text(one));
    buf_lit(d->out, "</ul>\n");
}

static void crumbs(struct doc *d, str rule)
{
    struct strs above = {0};
    for (str at = parent_of(rule); at.n; at = parent_of(at)) PUSH(d->mem, &above, at);
    buf_lit(d->out, "<nav class=\"crumbs\" aria-label=\"");
    buf_html(d->out, words(d->lang, W("view.crumbs")));
    buf_lit(d->out, "\"><ol><li><a href=\"../index.html\">");
    buf_words(d->out, d->lang, W("doc.index"), NULL);
    buf_lit(d->out, "</a></li>");
    for (size_t i = above.n; i-- > 0;) {
        buf_lit(d->out, "<li>");
        doc_link(d, above.v[i], STR_NONE);
        buf_lit(d->out, "</li>");
    }
    buf_lit(d->out, "</ol></nav>\n");
}

static void source_section(struct doc *d, str rule, json_t *raw)
{
    json_t *one = json_own(d->mem, json_object());
    json_object_set(one, str_z(d->mem, rule), raw);
    buf_lit(d->out, "<details class=\"panel\"><summary>");
    buf_words(d->out, d->lang, W("doc.source"), NULL);
    buf_lit(d->out, "</summary><pre tabindex=\"0\"><code>");
    buf_html(d->out, yaml_write(d->mem, one));
    buf_lit(d->out, "</code></pre></details>\n");
}

static void rule_body(struct doc *d, str rule)
{
    json_t *raw = rulebase_definition(d->base, rule);
    struct readings replaces = rulebase_replaces(d->mem, d->base, rule);
    const char *z = str_z(d->mem, rule);
    struct readings reads = d->reads = rulebase_readings(d->mem, d->base, rule);
    for (size_t i = 0; i < replaces.n; i++) PUSH(d->mem, &d->reads, replaces.v[i]);
    buf_lit(d->out, "<p><code>");
    buf_html(d->out, rule);
    buf_lit(d->out, "</code></p>\n");
    if (json_str(raw, "question").n) {
        buf_lit(d->out, "<p class=\"lead\">");
        buf_html(d->out, json_str(raw, "question"));
        buf_lit(d->out, "</p>\n");
    }
    prose(d, NULL, json_str(raw, "description"));
    prose(d, W("doc.note"), json_str(raw, "note"));
    formula_section(d, raw);
    readings_section(d, W("doc.reads"), &reads);
    rules_section(d, W("doc.read_by"), json_object_get(d->read_by, z));
    readings_section(d, W("doc.replaces"), &replaces);
    rules_section(d, W("doc.holds"), json_object_get(d->held_by, z));
    examples_section(d, json_object_get(raw, "exemples"));
    references_section(d, json_object_get(raw, "références"));        /* house: a key of the language */
    source_section(d, rule, raw);
}

/* ---- the index ---- */

static void tree(struct doc *d, str parent)
{
    size_t i;
    json_t *one, *names = json_object_get(d->held_by, str_z(d->mem, parent));
    if (!json_array_size(names)) return;
    buf_lit(d->out, "<ul>\n");
    json_array_foreach(names, i, one) {
        str name = json_text(one), file = json_str(d->files, json_string_value(one));
        str last = parent.n ? str_cut(name, parent.n + 3, name.n) : name, title = json_str(rulebase_definition(d->base, name), "titre");
        buf_fmt(d->out, "<li><a href=\"regles/%.*s\">", STR_ARG(file));
        buf_html(d->out, title.n ? title : last);
        buf_lit(d->out, "</a>");
        if (title.n && !str_eq(title, last)) {
            buf_lit(d->out, " <code>");
            buf_html(d->out, last);
            buf_lit(d->out, "</code>");
        }
        tree(d, name);
        buf_lit(d->out, "</li>\n");
    }
    buf_lit(d->out, "</ul>\n");
}

static void index_body(struct doc *d)
{
    buf_lit(d->out, "<p class=\"lead\">");
    buf_html(d->out, words_count(d->mem, d->lang, W("doc.rules"), (int64_t)rulebase_count(d->base)));
    buf_lit(d->out, "</p>\n<nav class=\"rules-index\" aria-label=\"");
    buf_html(d->out, words(d->lang, W("doc.index")));
    buf_lit(d->out, "\">\n");
    tree(d, S(""));
    buf_lit(d->out, "</nav>\n");
}

/* ---- files ---- */

static struct url fixed(const char *z) { return (struct url){z, strlen(z)}; }

static err page_write(arena *mem, const struct part_rules_page *p, enum lang lang, str name, doc_write write, void *arg)
{
    buf b = BUF(PAGE_BYTES_MOST);
    struct html_out o = {.b = &b, .mem = mem, .lang = lang};
    part_rules_page(&o, p);
    err e = b.full ? FAIL(E_TOO_LARGE, W("doc.too_large")) : write(arg, name, buf_str(&b));
    buf_free(&b);
    return e;
}

static err style_write(doc_write write, void *arg)
{
    const struct asset *css = asset_find(&assets_built, S("beffroi.css"));
    if (!css) return FAIL(E_INTERNAL, W("doc.too_large"));
    return write(arg, S("beffroi.css"), (str){(const char *)css->plain, css->plain_n});
}

static err one_page(struct doc *d, str rule, doc_write write, void *arg)
{
    buf b = BUF(PAGE_BYTES_MOST);
    arena *whole = d->mem, *own = arena_new(0);
    d->out = &b;
    d->mem = own;
    if (rule.n) crumbs(d, rule);
    str way = rule.n ? str_copy(own, buf_str(&b)) : STR_NONE;
    b.n = 0;
    if (rule.n) rule_body(d, rule);
    else index_body(d);
    struct part_rules_page p = {.title = rule.n ? doc_rule_title(d, rule) : d->title, .base_title = rule.n ? d->title : STR_NONE, .is_english = d->lang == LANG_EN,
                                .style = fixed(rule.n ? "../beffroi.css" : "beffroi.css"), .index = rule.n ? fixed("../index.html") : (struct url){0},
                                .crumbs = html_safe(way), .body = html_safe(buf_str(&b))};
    str name = rule.n ? str_fmt(own, "regles/%.*s", STR_ARG(json_str(d->files, str_z(own, rule)))) : S("index.html");
    err e = b.full ? FAIL(E_TOO_LARGE, W("doc.too_large")) : page_write(own, &p, d->lang, name, write, arg);
    buf_free(&b);
    arena_free(own);
    d->mem = whole;
    d->out = NULL;
    return e;
}

err rules_doc(arena *mem, enum lang lang, const struct rulebase *base, str title, doc_write write, void *arg)
{
    struct doc d = {.mem = mem, .lang = lang, .base = base, .title = title, .files = json_own(mem, json_object()), .stems = json_own(mem, json_object()), .read_by = json_own(mem, json_object()),
                    .held_by = json_own(mem, json_object())};
    gather(&d);
    TRY(style_write(write, arg));
    TRY(one_page(&d, STR_NONE, write, arg));
    for (size_t i = 0; i < rulebase_count(base); i++) TRY(one_page(&d, rulebase_name(base, i), write, arg));
    return NO_ERR;
}

err rules_page_alone(arena *mem, enum lang lang, str title, struct html body, doc_write write, void *arg)
{
    struct part_rules_page p = {.title = title, .style = fixed("beffroi.css"), .body = body, .is_english = lang == LANG_EN};
    TRY(style_write(write, arg));
    return page_write(mem, &p, lang, S("index.html"), write, arg);
}
