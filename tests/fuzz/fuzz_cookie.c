/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "web/address.h"
#include "web/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A header value, read as every header we read: cookies, preferences, entity tags, ranges, parameters, forwarded addresses. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    str h = {(const char *)data, size};
    struct byte_range r;
    bool unsatisfiable;
    str c = cookie_raw(h, "session");
    if (c.p && (c.p < h.p || c.p + c.n > h.p + h.n) && c.n) abort();
    if (accept_language(h) >= LANG_N) abort();
    if (!(accept_encodings(h) & 1U << ENCODING_NONE)) abort();
    etag_matches(h, S("W/\"0123\""));
    if (header_param(mem, h, "boundary").n > size || header_param(mem, h, "filename").n > size) abort();
    if (range_parse(h, 1000, &r, &unsatisfiable) && (r.from < 0 || r.to < r.from || r.to > 999)) abort();
    str list[] = {S("127.0.0.0/8"), S("fd00::/8")};
    struct networks n;
    struct ip peer;
    if (networks_parse(mem, (struct strs){list, 2}, &n).code != OK ||
        ip_parse(S("127.0.0.1"), &peer).code != OK)
        abort();
    struct ip client = client_ip(&n, &peer, h);
    if (ip_text(mem, &client).n == 0) abort();
    arena_free(mem);
    return 0;
}
