/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/comarquage.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "base/words.h"
#include "formats/xml.h"

enum { HTML_MOST = 2 << 20, DEFINITIONS_MOST = 200, WORDS_MOST = 4000, INTRO_MOST = 300, SPAN_MOST = 50 };

struct out { arena *mem; buf b, headings; int level; const struct xml *publication; struct strs defined /* ids of its definitions */; };

typedef void draw(struct out *o, const struct xml *x);
static void inside(struct out *o, const struct xml *x);

/* ---- addresses ---- */
static bool is_publication(str s)
{
    if (s.n < 2 || s.n > 12 || (s.p[0] != 'F' && s.p[0] != 'N')) return false;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

static bool is_anchor(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-')) return false;
    return s.n > 0 && s.n <= 40;
}

static bool is_web(str s)
{
    if (!str_starts(s, S("https://")) && !str_starts(s, S("http://"))) return false;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '<' || s.p[i] == '>' || s.p[i] == '\\') return false;
    return s.n <= 2000;
}

static void link_open(struct out *o, str href, bool away)
{
    buf_lit(&o->b, "<a href=\"");
    buf_html(&o->b, href);
    buf_lit(&o->b, away ? "\" rel=\"external\">" : "\">");
}

static void link_to(struct out *o, str url, str text)
{
    bool web = is_web(str_trim(url));
    if (web) link_open(o, str_trim(url), true);
    buf_html(&o->b, text.n ? text : url);
    if (web) buf_lit(&o->b, "</a>");
}

static void publication_link(struct out *o, str id, str text)
{
    if (!text.n) return;
    if (is_publication(id)) link_open(o, str_fmt(o->mem, "/fiches/%.*s", STR_ARG(id)), false);
    buf_html(&o->b, text);
    if (is_publication(id)) buf_lit(&o->b, "</a>");
}

/* ---- blocks ---- */
static void heading(struct out *o, const struct xml *title)
{
    str text = xml_words(o->mem, title);
    int level = o->level > 6 ? 6 : o->level;
    if (!text.n) return;
    buf_fmt(&o->b, "<h%d>", level);
    buf_html(&o->b, text);
    buf_fmt(&o->b, "</h%d>", level);
    buf_put(&o->headings, text);
    buf_char(&o->headings, '\n');
}

static void but_title(struct out *o, const struct xml *x)
{
    for (const struct xml *c = x->first; c; c = c->next)
        if (!xml_is(c, "Titre")) inside(o, c);
}

/* A part of the text with its title: what is within goes one level down. */
static void draw_part(struct out *o, const struct xml *x)
{
    const struct xml *title = xml_child(x, "Titre");
    buf_lit(&o->b, xml_is(x, "Situation") || xml_is(x, "Cas") ? "<section class=\"case\">" : "<section>");
    heading(o, title);
    o->level += title != NULL;
    but_title(o, x);
    o->level -= title != NULL;
    buf_lit(&o->b, "</section>");
}

static const struct { const char *name, *words, *tone; } boxes[] = {
    {"ASavoir", W("sheet.box.know"), "info"}, {"ANoter", W("sheet.box.note"), "info"}, {"Attention", W("sheet.box.warning"), "warn"}, {"Rappel", W("sheet.box.reminder"), "info"},
    {"Exemple", W("sheet.box.example"), "info"}, {"Avertissement", W("sheet.box.notice"), "warn"}, {"Complement", W("sheet.box.more"), "info"}};

static void draw_box(struct out *o, const struct xml *x)
{
    const struct xml *title = xml_child(x, "Titre");
    const char *tone = "info";
    str said = xml_words(o->mem, title);
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        if (!xml_is(x, boxes[i].name)) continue;
        tone = boxes[i].tone;
        if (!said.n) said = words(LANG_FR, boxes[i].words);
    }
    buf_fmt(&o->b, "<div class=\"notice %s\"><p><strong>", tone);
    buf_html(&o->b, said);
    buf_lit(&o->b, "</strong></p>");
    but_title(o, x);
    buf_lit(&o->b, "</div>");
}

static void draw_list(struct out *o, const struct xml *x)
{
    const char *tag = str_is(xml_attr(x, "type"), "numero") || str_is(xml_attr(x, "type"), "ordre") ? "ol" : "ul";
    buf_fmt(&o->b, "<%s>", tag);
    for (const struct xml *c = x->first; c; c = c->next)
        if (xml_is(c, "Item")) {
            buf_lit(&o->b, "<li>");
            for (const struct xml *in = c->first; in; in = in->next) inside(o, in);
            buf_lit(&o->b, "</li>");
        }
    buf_fmt(&o->b, "</%s>", tag);
}

static int64_t span_of(const struct xml *x, const char *name)
{
    int64_t n = 1;
    if (str_i64(xml_attr(x, name), &n).code != OK || n < 1 || n > SPAN_MOST) n = 1;
    return n;
}

/* *taken: rows that the first column's cell still covers. */
static void draw_row(struct out *o, const struct xml *row, bool first_is_header, int64_t *taken)
{
    bool header = str_is(xml_attr(row, "type"), "header"), first = *taken == 0;
    if (*taken) --*taken;
    buf_lit(&o->b, "<tr>");
    for (const struct xml *c = row->first; c; c = c->next) {
        if (!xml_is(c, "Cellule")) continue;
        bool side = !header && first && first_is_header;
        int64_t across = span_of(c, "fusionHorizontale"), down = span_of(c, "fusionVerticale");
        if (first) *taken = down - 1;
        first = false;
        buf_lit(&o->b, header ? "<th scope=\"col\"" : side ? "<th scope=\"row\"" : "<td");
        if (across > 1) buf_fmt(&o->b, " colspan=\"%lld\"", (long long)across);
        if (down > 1) buf_fmt(&o->b, " rowspan=\"%lld\"", (long long)down);
        buf_char(&o->b, '>');
        for (const struct xml *in = c->first; in; in = in->next) inside(o, in);
        buf_lit(&o->b, header || side ? "</th>" : "</td>");
    }
    buf_lit(&o->b, "</tr>");
}

static void draw_table(struct out *o, const struct xml *x)
{
    int64_t taken = 0;
    str title = xml_words(o->mem, xml_child(x, "Titre"));
    bool first_is_header = str_is(xml_attr(xml_child(x, "Colonne"), "type"), "header");
    buf_lit(&o->b, "<div class=\"table-wrap\" tabindex=\"0\" role=\"region\" aria-label=\"");
    buf_html(&o->b, title.n ? title : words(LANG_FR, W("sheet.table")));
    buf_lit(&o->b, "\"><table>");
    if (title.n) {
        buf_lit(&o->b, "<caption>");
        buf_html(&o->b, title);
        buf_lit(&o->b, "</caption>");
    }
    for (const struct xml *c = x->first; c; c = c->next)
        if (xml_is(c, "Rangée")) draw_row(o, c, first_is_header, &taken);          /* house: the name of an element */
    buf_lit(&o->b, "</table></div>");
}

static void draw_service(struct out *o, const struct xml *x)
{
    str source = xml_words(o->mem, xml_child(x, "Source")), title = xml_words(o->mem, xml_child(x, "Titre"));
    buf_lit(&o->b, "<p><strong>");
    buf_html(&o->b, words(LANG_FR, str_is(xml_attr(x, "type"), "Formulaire") ? W("sheet.form") : W("sheet.online")));
    buf_lit(&o->b, "</strong> ");
    link_to(o, xml_attr(x, "URL"), title);
    if (source.n) {
        buf_lit(&o->b, " (");
        buf_html(&o->b, source);
        buf_char(&o->b, ')');
    }
    buf_lit(&o->b, "</p>");
}

static void draw_address(struct out *o, const struct xml *x)
{
    const struct xml *web = xml_child(x, "RessourceWeb");
    buf_lit(&o->b, "<p><strong>");
    buf_html(&o->b, words(LANG_FR, W("sheet.where")));
    buf_lit(&o->b, "</strong> ");
    link_to(o, xml_attr(web, "URL"), xml_words(o->mem, xml_child(x, "Titre")));
    buf_lit(&o->b, "</p>");
    if (xml_child(x, "Texte")) inside(o, xml_child(x, "Texte"));
}

static void draw_paragraph(struct out *o, const struct xml *x)
{
    buf_lit(&o->b, "<p>");
    for (const struct xml *c = x->first; c; c = c->next) inside(o, c);
    buf_lit(&o->b, "</p>");
}

/* ---- in a line ---- */
static void draw_internal(struct out *o, const struct xml *x) { publication_link(o, xml_attr(x, "LienPublication"), xml_words(o->mem, x)); }
static void draw_external(struct out *o, const struct xml *x) { link_to(o, xml_attr(x, "URL"), xml_words(o->mem, x)); }

/* To a definition at the foot of the same sheet. */
static void draw_intern(struct out *o, const struct xml *x)
{
    str id = xml_attr(x, "LienID");
    bool there = false;
    for (size_t i = 0; i < o->defined.n && !there; i++) there = str_eq(o->defined.v[i], id);
    if (there) link_open(o, str_fmt(o->mem, "#def-%.*s", STR_ARG(id)), false);
    buf_html(&o->b, xml_words(o->mem, x));
    if (there) buf_lit(&o->b, "</a>");
}

static void draw_amount(struct out *o, const struct xml *x)
{
    buf_html(&o->b, xml_words(o->mem, x));
    buf_lit(&o->b, "\xc2\xa0€");
}

static void draw_inline(struct out *o, const struct xml *x)
{
    const char *tag = xml_is(x, "Exposant") ? "sup" : xml_is(x, "Indice") ? "sub" : xml_is(x, "MiseEnEvidence") ? "strong" : "em";
    buf_fmt(&o->b, "<%s>", tag);
    for (const struct xml *c = x->first; c; c = c->next) inside(o, c);
    buf_fmt(&o->b, "</%s>", tag);
}

static void draw_through(struct out *o, const struct xml *x)
{
    for (const struct xml *c = x->first; c; c = c->next) inside(o, c);
}

static void draw_nothing(struct out *o, const struct xml *x)
{
    (void)o;
    (void)x;
}

/* ---- links of a folder ---- */
static bool is_line(const struct xml *x) { return xml_is(x, "Fiche") || xml_is(x, "Dossier") || xml_is(x, "SousTheme"); }

static str line_words(struct out *o, const struct xml *x)
{
    const struct xml *title = xml_child(x, "Titre");
    return xml_words(o->mem, title ? title : x);
}

static void draw_lines(struct out *o, const struct xml *x)
{
    bool open = false;
    if (xml_child(x, "Titre")) heading(o, xml_child(x, "Titre"));
    o->level++;
    for (const struct xml *c = x->first; c; c = c->next) {
        if (is_line(c)) {
            buf_lit(&o->b, open ? "<li>" : "<ul><li>");
            publication_link(o, xml_attr(c, "ID"), line_words(o, c));
            buf_lit(&o->b, "</li>");
            open = true;
        }
        if (open && !is_line(c) && !c->text.p) {
            buf_lit(&o->b, "</ul>");
            open = false;
        }
        if (xml_is(c, "SousDossier")) draw_lines(o, c);
    }
    if (open) buf_lit(&o->b, "</ul>");
    o->level--;
}

static const struct { const char *name; draw *draw; } elements[] = {
    {"Paragraphe", draw_paragraph}, {"Liste", draw_list}, {"Tableau", draw_table}, {"Chapitre", draw_part}, {"SousChapitre", draw_part}, {"Situation", draw_part}, {"Cas", draw_part},
    {"ASavoir", draw_box}, {"ANoter", draw_box}, {"Attention", draw_box}, {"Rappel", draw_box}, {"Exemple", draw_box}, {"Avertissement", draw_box}, {"Complement", draw_box},
    {"LienInterne", draw_internal}, {"LienExterne", draw_external}, {"LienIntra", draw_intern}, {"Montant", draw_amount}, {"MiseEnEvidence", draw_inline}, {"Citation", draw_inline},
    {"Exposant", draw_inline}, {"Indice", draw_inline}, {"ServiceEnLigne", draw_service}, {"OuSAdresser", draw_address}, {"Titre", draw_nothing}, {"SousDossier", draw_lines},
    {"Image", draw_nothing}, {"Video", draw_nothing}, {"Audio", draw_nothing}, {"Condition", draw_nothing}, {"PivotLocal", draw_nothing}, {"Source", draw_nothing}};

static void inside(struct out *o, const struct xml *x)
{
    if (!x->name.p) {
        buf_html(&o->b, x->text);
        return;
    }
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (xml_is(x, elements[i].name)) {
            elements[i].draw(o, x);
            return;
        }
    draw_through(o, x);
}

/* ---- what stands at the foot of a sheet: each kind of element together, under its title ---- */
static void foot_reference(struct out *o, const struct xml *x)
{
    str more = xml_words(o->mem, xml_child(x, "Complement"));
    link_to(o, xml_attr(x, "URL"), xml_words(o->mem, xml_child(x, "Titre")));
    if (!more.n) return;
    buf_lit(&o->b, "<br>");
    buf_html(&o->b, more);
}

static void foot_definition(struct out *o, const struct xml *x)
{
    str id = xml_attr(x, "ID");
    if (is_anchor(id)) {
        buf_lit(&o->b, "<span id=\"def-");
        buf_html(&o->b, id);
        buf_lit(&o->b, "\"></span>");
    }
    buf_lit(&o->b, "<strong>");
    buf_html(&o->b, xml_words(o->mem, xml_child(x, "Titre")));
    buf_lit(&o->b, "</strong>\xc2\xa0: ");
    buf_html(&o->b, xml_words(o->mem, xml_child(x, "Texte")));
}

static void foot_publication(struct out *o, const struct xml *x) { publication_link(o, xml_attr(x, "ID"), line_words(o, x)); }

static const struct { const char *name, *title; draw *draw; } feet[] = {
    {"Reference", W("sheet.law"), foot_reference}, {"Definition", W("sheet.definitions"), foot_definition}, {"Abreviation", W("sheet.definitions"), foot_definition},
    {"QuestionReponse", W("sheet.questions"), foot_publication}, {"PourEnSavoirPlus", W("sheet.more"), foot_reference}};

static void feet_put(struct out *o)
{
    for (size_t i = 0; i < sizeof feet / sizeof *feet; i++) {
        size_t n = 0;
        for (const struct xml *c = o->publication->first; c; c = c->next) {
            if (!xml_is(c, feet[i].name)) continue;
            if (!n++) {
                buf_lit(&o->b, "<section><h2>");
                buf_html(&o->b, words(LANG_FR, feet[i].title));
                buf_lit(&o->b, "</h2><ul>");
            }
            buf_lit(&o->b, "<li>");
            feet[i].draw(o, c);
            buf_lit(&o->b, "</li>");
        }
        if (n) buf_lit(&o->b, "</ul></section>");
    }
}

static void defined_find(struct out *o)
{
    for (const struct xml *c = o->publication->first; c && o->defined.n < DEFINITIONS_MOST; c = c->next)
        if ((xml_is(c, "Definition") || xml_is(c, "Abreviation")) && is_anchor(xml_attr(c, "ID"))) PUSH(o->mem, &o->defined, xml_attr(c, "ID"));
}

/* In the order in which they stand: the body alone; what is navigation stays out. */
static void body_put(struct out *o)
{
    static const char *const names[] = {"Avertissement", "Introduction", "Texte", "ListeSituations", "Conclusion", "ServiceEnLigne", "OuSAdresser", NULL};
    for (const struct xml *c = o->publication->first; c; c = c->next)
        for (size_t i = 0; names[i]; i++)
            if (xml_is(c, names[i])) inside(o, c);
    if (str_starts(xml_attr(o->publication, "ID"), S("N"))) draw_lines(o, o->publication);
    for (const struct xml *c = o->publication->first; c; c = c->next)
        if (xml_is(c, "VoirAussi")) {
            buf_lit(&o->b, "<section><h2>");
            buf_html(&o->b, words(LANG_FR, W("sheet.see_also")));
            buf_lit(&o->b, "</h2>");
            draw_lines(o, c);
            buf_lit(&o->b, "</section>");
        }
}

static int64_t day_of(str date)
{
    int64_t day = 0;
    for (size_t i = 0; i + 10 <= date.n; i++)
        if (date_parse_iso(str_cut(date, i, i + 10), &day).code == OK) return day;
    return 0;
}

static str type_of(arena *mem, const struct xml *p, str id)
{
    str said = str_fold(mem, xml_words(mem, xml_child(p, "dc:type")));
    if (id.p[0] == 'N') return S("node");
    return str_starts(said, S("question")) ? S("question") : S("sheet");
}

static str intro_of(arena *mem, const struct xml *p)
{
    str said = xml_words(mem, xml_child(p, "dc:description"));
    if (!said.n) said = xml_words(mem, xml_child(p, "Introduction"));
    str cut = utf8_cut(said, INTRO_MOST);
    return cut.n == said.n ? said : str_fmt(mem, "%.*s…", STR_ARG(cut));
}

err comarquage_read(arena *mem, str bytes, struct com_sheet *out)
{
    struct xml *p;
    *out = (struct com_sheet){0};
    TRY(xml_parse(mem, bytes, &p));
    str id = xml_attr(p, "ID"), title = xml_words(mem, xml_child(p, "dc:title"));
    if (!xml_is(p, "Publication") || !is_publication(id) || !title.n) return FAIL(E_INVALID, W("sheet.not_publication"));
    struct out o = {.mem = mem, .b = BUF(HTML_MOST), .headings = BUF(WORDS_MOST), .level = 2, .publication = p};
    defined_find(&o);
    body_put(&o);
    feet_put(&o);
    *out = (struct com_sheet){.id = id, .title = title, .theme = xml_words(mem, xml_child(xml_child(p, "Theme"), "Titre")), .type = type_of(mem, p, id), .intro = intro_of(mem, p),
                              .html = str_copy(mem, buf_str(&o.b)), .words = str_copy(mem, buf_str(&o.headings)), .day = day_of(xml_words(mem, xml_child(p, "dc:date")))};
    err e = o.b.full ? FAIL(E_TOO_LARGE, W("xml.large")) : NO_ERR;
    buf_free(&o.b);
    buf_free(&o.headings);
    return e;
}
