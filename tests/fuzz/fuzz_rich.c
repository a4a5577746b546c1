/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/utf8.h"
#include "view/clean.h"
#include "view/markdown.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool one_of(str name)
{
    static const char *const allowed[] = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "code", "h3", "h4", "h5", "h6", "hr", "pre", "del",
                                          "div", "span", "table", "thead", "tbody", "tr", "th", "td"};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (str_is(name, allowed[i])) return true;
    return false;
}

/* Whatever went in, what comes out has only our elements, closed in order, and addresses of harmless schemes. */
static void check(str s)
{
    str open[512];
    size_t depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '>') abort();
        if (s.p[i] != '<') continue;
        ptrdiff_t end = str_find_char(str_cut(s, i, s.n), '>');
        if (end < 0) abort();
        str tag = str_cut(s, i + 1, i + (size_t)end), attributes;
        bool closing = tag.n && tag.p[0] == '/';
        str name = str_split(closing ? str_cut(tag, 1, tag.n) : tag, ' ', &attributes);
        if (!one_of(name)) abort();
        if (str_is(name, "a") && !closing && (!str_starts(attributes, S("href=\"")) || !url_web(str_cut(attributes, 6, attributes.n - 1)).n)) abort();
        if (closing && (!depth || !str_eq(open[--depth], name))) abort();
        if (!closing && !str_is(name, "br") && !str_is(name, "hr")) {
            if (depth == 512) abort();
            open[depth++] = name;
        }
        i += (size_t)end;
    }
    if (depth) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    arena *mem = arena_new(0);
    str in = {(const char *)data + 1, size - 1};
    struct html out = data[0] % 3 == 0 ? markdown_html(mem, in) : data[0] % 3 == 1 ? clean_html(mem, in, 3) : clean_text(mem, in);
    check((str){out.p, out.n});
    arena_free(mem);
    return 0;
}
