/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <pthread.h>
#include <string.h>

#include "base/utf8.h"
#include "base/words.h"

#define DUBLIN_CORE "http://purl.org/dc/elements/1.1/"

static str of(arena *mem, const xmlChar *z) { return str_copy(mem, str_of((const char *)z)); }

static str name_of(arena *mem, const xmlChar *name, const xmlNs *ns)
{
    bool dc = ns && ns->href && strcmp((const char *)ns->href, DUBLIN_CORE) == 0;
    return dc ? str_fmt(mem, "dc:%s", (const char *)name) : of(mem, name);
}

static struct xml *element(arena *mem, xmlNode *n)
{
    struct xml *x = NEW(mem, struct xml);
    x->name = name_of(mem, n->name, n->ns);
    for (xmlAttr *a = n->properties; a; a = a->next)
        if (a->children && a->children->type == XML_TEXT_NODE) PUSH(mem, &x->attrs, (struct xml_attr){of(mem, a->name), of(mem, a->children->content)});
    return x;
}

static err children(arena *mem, xmlNode *n, struct xml *into, int depth)
{
    struct xml **slot = &into->first;
    if (depth > XML_MAX_DEPTH) return FAIL(E_MALFORMED, W("xml.deep"));
    for (xmlNode *c = n->children; c; c = c->next) {
        if (c->type == XML_ELEMENT_NODE) {
            *slot = element(mem, c);
            TRY(children(mem, c, *slot, depth + 1));
        } else if ((c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE) && c->content) {
            *slot = NEW(mem, struct xml);
            (*slot)->text = of(mem, c->content);
        } else {
            continue;
        }
        slot = &(*slot)->next;
    }
    return NO_ERR;
}

static pthread_once_t started = PTHREAD_ONCE_INIT;
static void start(void) { xmlInitParser(); }

/* What libxml2 would read otherwise: another encoding hides a document type from us, and a document type brings entities. */
static bool is_plain(str s)
{
    for (size_t i = 0; i + 9 <= s.n; i++)
        if (s.p[i] == '<' && s.p[i + 1] == '!' && strncasecmp(s.p + i + 2, "DOCTYPE", 7) == 0) return false;
    return utf8_valid(s) && (!s.n || !memchr(s.p, 0, s.n));
}

err xml_parse(arena *mem, str bytes, struct xml **out)
{
    pthread_once(&started, start);
    *out = NULL;
    if (bytes.n > XML_MAX_BYTES) return FAIL(E_TOO_LARGE, W("xml.large"));
    if (!is_plain(bytes)) return FAIL(E_MALFORMED, W("xml.refused"));
    xmlDoc *doc = xmlReadMemory(bytes.p ? bytes.p : "", (int)bytes.n, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    err e = root && !doc->intSubset ? NO_ERR : FAIL(E_MALFORMED, W("xml.bad"));
    if (e.code == OK) {
        *out = element(mem, root);
        e = children(mem, root, *out, 1);
    }
    if (doc) xmlFreeDoc(doc);
    return e;
}

str xml_attr(const struct xml *x, const char *name)
{
    for (size_t i = 0; x && i < x->attrs.n; i++)
        if (str_is(x->attrs.v[i].name, name)) return x->attrs.v[i].value;
    return STR_NONE;
}

bool xml_is(const struct xml *x, const char *name) { return x && x->name.p && str_is(x->name, name); }

const struct xml *xml_child(const struct xml *x, const char *name)
{
    for (const struct xml *c = x ? x->first : NULL; c; c = c->next)
        if (xml_is(c, name)) return c;
    return NULL;
}

static void words_put(buf *b, const struct xml *x)
{
    for (size_t i = 0; i < x->text.n; i++) {
        bool blank = x->text.p[i] == ' ' || x->text.p[i] == '\n' || x->text.p[i] == '\t' || x->text.p[i] == '\r';
        if (!blank) buf_char(b, x->text.p[i]);
        else if (b->n && b->p[b->n - 1] != ' ') buf_char(b, ' ');
    }
    for (const struct xml *c = x->first; c; c = c->next) words_put(b, c);
}

str xml_words(arena *mem, const struct xml *x)
{
    if (!x) return STR_NONE;
    buf b = BUF(XML_MAX_BYTES);
    words_put(&b, x);
    str s = str_copy(mem, str_trim(buf_str(&b)));
    buf_free(&b);
    return s;
}
