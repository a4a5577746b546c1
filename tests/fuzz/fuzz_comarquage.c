/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/utf8.h"
#include "formats/comarquage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever comes: no element but ours, no address but of the web or of this site. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const never[] = {"<script", "<img", "<iframe", "<style", "href=\"javascript", "href=\"data", "href=\"//", " on", NULL};
    arena *mem = arena_new(0);
    struct com_sheet s;
    if (comarquage_read(mem, (str){(const char *)data, size}, &s).code == OK) {
        if (!s.id.n || !s.title.n || !utf8_valid(s.html) || !utf8_valid(s.title) || !utf8_valid(s.intro) || !utf8_valid(s.words)) abort();
        for (str rest = s.html; rest.n;) {
            /* Within each tag. */
            ptrdiff_t from = str_find_char(rest, '<');
            if (from < 0) break;
            rest = str_cut(rest, (size_t)from, rest.n);
            ptrdiff_t to = str_find_char(rest, '>');
            if (to < 0) abort();
            str tag = str_cut(rest, 0, (size_t)to);
            for (size_t i = 0; never[i]; i++)
                if (str_find(tag, str_of(never[i])) >= 0 && str_find(tag, S("aria-label=\"")) < 0 && str_find(tag, S("href=\"http")) < 0) abort();
            rest = str_cut(rest, (size_t)to + 1, rest.n);
        }
    }
    arena_free(mem);
    return 0;
}
