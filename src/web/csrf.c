/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* csrf.c — who sends our forms. First the browser's own word (Sec-Fetch-Site, Origin, else Referer), for
   everybody; then, for the signed-in, a token: 16 random bytes and the keyed hash of session and bytes, so
   that it differs on each page and compression cannot give it away. */
#include "base/hash.h"
#include "web/call.h"

enum { SALT_BYTES = 16, MAC_BYTES = 16 };

static bool is_safe(const struct call *c)
{
    return c->q.method == GET || c->q.method == OPTIONS;
}

/* "https://ville.fr:8443/path" → "ville.fr:8443" */
static str authority_of(str url)
{
    ptrdiff_t at = str_find(url, S("://"));
    if (at < 0) return STR_NONE;
    str rest, a = str_split(str_cut(url, (size_t)at + 3, url.n), '/', &rest);
    return a;
}

static bool same_authority(const struct call *c, str url)
{
    str a = authority_of(url);
    return a.n && str_is_nocase(a, str_z(c->q.mem, c->q.host));
}

err origin_check(struct call *c)
{
    if (is_safe(c) || c->q.route->flags & ROUTE_TOKEN) return NO_ERR;
    const struct headers_in *in = &c->in;
    bool ours;
    if (in->fetch_site.p)
        ours = str_is(in->fetch_site, "same-origin") || str_is(in->fetch_site, "none");
    else if (in->origin.p)
        ours = same_authority(c, in->origin);
    else if (in->referer.p)
        ours = same_authority(c, in->referer);
    else
        ours = !in->cookie.p; /* no browser: nothing is sent on somebody's behalf without a cookie */
    return ours ? NO_ERR : FAIL(E_DENIED, "web.csrf.origin");
}

static void mac_make(const struct call *c, const unsigned char salt[SALT_BYTES], unsigned char mac[MAC_BYTES])
{
    str session = session_token((struct req *)(uintptr_t)&c->q);
    char *p = arena_alloc(c->q.mem, SALT_BYTES + session.n);
    memcpy(p, salt, SALT_BYTES);
    if (session.n) memcpy(p + SALT_BYTES, session.p, session.n);
    str text = {p, SALT_BYTES + session.n};
    struct hash32 h = hash_blake2b_keyed(text, (str){(const char *)c->server->csrf_key, 32});
    memcpy(mac, h.b, MAC_BYTES);
}

str csrf_token(struct req *q)
{
    unsigned char t[SALT_BYTES + MAC_BYTES];
    random_bytes(t, SALT_BYTES);
    mac_make(call_of(q), t, t + SALT_BYTES);
    call_of(q)->is_private = true;
    return base64url_of(q->mem, t, sizeof t);
}

err token_check(struct call *c)
{
    if (is_safe(c) || !c->q.signed_in || c->q.route->flags & ROUTE_TOKEN) return NO_ERR;
    str given = header(&c->q, "X-CSRF-Token"), t;
    if (!given.p) given = field(&c->q, "csrf");
    unsigned char mac[MAC_BYTES];
    if (base64url_parse(c->q.mem, given, &t).code != OK || t.n != SALT_BYTES + MAC_BYTES)
        return FAIL(E_DENIED, "web.csrf.token");
    mac_make(c, (const unsigned char *)t.p, mac);
    bool right = secret_eq(str_cut(t, SALT_BYTES, t.n), (str){(const char *)mac, MAC_BYTES});
    return right ? NO_ERR : FAIL(E_DENIED, "web.csrf.token");
}
