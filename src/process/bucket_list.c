/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Not an XML reader: the elements of one document, known by name, none of which nests in another of its own name. */
#include "process/bucket_list.h"
#include <stdlib.h>
#include <string.h>
#include "base/buf.h"
#include "base/clock.h"
#include "base/words.h"

/* What stands between <name> and </name> from *rest on, which then stands after it. Absent: there is none; *rest stands at its end, or at
   an element without an end. */
static str element(str *rest, str name)
{
    for (ptrdiff_t at; (at = str_find(*rest, S("<"))) >= 0;) {
        *rest = str_cut(*rest, (size_t)at, rest->n);
        str inside = str_cut(*rest, name.n + 2, rest->n);
        if (!str_starts(str_cut(*rest, 1, rest->n), name) || rest->n < name.n + 2 || rest->p[name.n + 1] != '>') {
            *rest = str_cut(*rest, 1, rest->n);
            continue;
        }
        for (size_t from = 0;;) {
            ptrdiff_t end = str_find(str_cut(inside, from, inside.n), S("</"));
            if (end < 0) return STR_NONE;
            size_t close = from + (size_t)end;
            str tail = str_cut(inside, close + 2, inside.n);
            if (str_starts(tail, name) && tail.n > name.n && tail.p[name.n] == '>') {
                *rest = str_cut(tail, name.n + 1, tail.n);
                return str_cut(inside, 0, close);
            }
            from = close + 2;
        }
    }
    return STR_NONE;
}

static str first(str in, str name) { return element(&in, name); }

/* The five entities of XML, and characters by number below 128: no key of ours has others. */
static str plain(arena *mem, str s)
{
    static const struct { const char *entity; char c; } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    char *p = arena_alloc(mem, s.n + 1);
    size_t n = 0;
    while (s.n) {
        size_t skip = 1;
        char c = s.p[0];
        for (size_t i = 0; c == '&' && i < sizeof known / sizeof *known; i++)
            if (str_starts(s, str_of(known[i].entity))) {
                c = known[i].c;
                skip = strlen(known[i].entity);
            }
        ptrdiff_t end = str_starts(s, S("&#")) ? str_find(s, S(";")) : -1;
        if (end > 2 && end < 8) {
            bool hex = s.p[2] == 'x';
            long v = strtol(str_z(mem, str_cut(s, hex ? 3 : 2, (size_t)end)), NULL, hex ? 16 : 10);
            if (v > 0 && v < 128) {
                c = (char)v;
                skip = (size_t)end + 1;
            }
        }
        p[n++] = c;
        s = str_cut(s, skip, s.n);
    }
    return (str){p, n};
}

err bucket_list_parse(arena *mem, str xml, str prefix, struct file_reply *out)
{
    struct { struct file_row *v; size_t n; } rows = {0};
    str list = STR_NONE, one, rest = xml;
    ptrdiff_t start = str_find(xml, S("<ListBucketResult"));
    if (start >= 0 && str_find(xml, S("</ListBucketResult>")) > start) list = rest = str_cut(xml, (size_t)start, xml.n);
    if (!list.p) return FAIL(E_MALFORMED, W("process.died"));
    while ((one = element(&rest, S("Contents"))).p) {
        struct file_row row = {.key = plain(mem, first(one, S("Key")))};
        if (str_i64(first(one, S("Size")), &row.size_bytes).code != OK || time_parse_iso(first(one, S("LastModified")), S("UTC"), &row.modified_us).code != OK)
            return FAIL(E_MALFORMED, W("process.died"));
        if (!str_starts(row.key, prefix)) continue;
        row.key = str_cut(row.key, prefix.n, row.key.n);
        PUSH(mem, &rows, row);
    }
    /* What is said to be longer must say how it goes on, and each file must be whole. */
    str next = first(list, S("NextContinuationToken")), is_cut = first(list, S("IsTruncated"));
    if ((!str_is(is_cut, "false") && (!str_is(is_cut, "true") || !next.n)) || str_find(rest, S("<Contents>")) >= 0) return FAIL(E_MALFORMED, W("process.died"));
    out->next = str_is(is_cut, "true") ? plain(mem, next) : STR_NONE;
    out->v = rows.v;
    out->n = rows.n;
    return NO_ERR;
}
