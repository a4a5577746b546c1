/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/atom.h"
#include "base/clock.h"
#include "base/utf8.h"

/* What XML 1.0 §2.2 does not allow is dropped: one bad character would make the whole feed unreadable. */
static void xml_text(buf *b, str s)
{
    size_t at = 0;

    while (at < s.n) {
        size_t from = at;
        uint32_t c;
        if (!utf8_next(s, &at, &c)) {
            at = from + 1;
            continue;
        }
        if ((c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && c != 0xFFFE && c != 0xFFFF)
            buf_html(b, str_cut(s, from, at));
    }
}

static void element(buf *b, const char *name, str s)
{
    if (!s.p)
        return;
    buf_fmt(b, "<%s>", name);
    xml_text(b, s);
    buf_fmt(b, "</%s>\n", name);
}

static void instant(buf *b, const char *name, int64_t at_us)
{
    arena *mem = arena_new(0);
    element(b, name, time_iso(mem, at_us));
    arena_free(mem);
}

static void link_to(buf *b, const char *rel, const char *type, str url)
{
    if (!url.p)
        return;
    buf_fmt(b, "<link rel=\"%s\" type=\"%s\" href=\"", rel, type);
    xml_text(b, url);
    buf_lit(b, "\"/>\n");
}

void atom_open(buf *b, const struct atom_feed *f)
{
    buf_lit(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\""
               " xmlns:georss=\"http://www.georss.org/georss\"");
    if (f->lang.p) {
        buf_lit(b, " xml:lang=\"");
        xml_text(b, f->lang);
        buf_char(b, '"');
    }
    buf_lit(b, ">\n");
    element(b, "id", f->id);
    element(b, "title", f->title);
    instant(b, "updated", f->updated_us);
    link_to(b, "self", "application/atom+xml", f->self_url);
    link_to(b, "alternate", "text/html", f->page_url);
    if (f->author.p) {
        buf_lit(b, "<author>");
        element(b, "name", f->author);
        buf_lit(b, "</author>\n");
    }
}

void atom_add(buf *b, const struct atom_entry *e)
{
    buf_lit(b, "<entry>\n");
    element(b, "id", e->id);
    element(b, "title", e->title);
    link_to(b, "alternate", "text/html", e->url);
    if (e->published_us)
        instant(b, "published", e->published_us);
    instant(b, "updated", e->updated_us ? e->updated_us : e->published_us);
    if (e->category.p) {
        buf_lit(b, "<category term=\"");
        xml_text(b, e->category);
        buf_lit(b, "\"/>\n");
    }
    if (e->has_place)
        buf_fmt(b, "<georss:point>%.6f %.6f</georss:point>\n", e->lat, e->lon);
    if (e->summary.p) {
        buf_lit(b, "<summary type=\"text\">");
        xml_text(b, e->summary);
        buf_lit(b, "</summary>\n");
    }
    buf_lit(b, "</entry>\n");
}

void atom_close(buf *b)
{
    buf_lit(b, "</feed>\n");
}
