/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/address.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

static void map_v4(const uint8_t v4[4], struct ip *out)
{
    memset(out->b, 0, 10);
    out->b[10] = out->b[11] = 0xFF;
    memcpy(out->b + 12, v4, 4);
}

static bool is_v4(const struct ip *ip)
{
    static const uint8_t prefix[12] = {[10] = 0xFF, [11] = 0xFF};
    return memcmp(ip->b, prefix, 12) == 0;
}

err ip_parse(str text, struct ip *out)
{
    char z[64];
    text = str_trim(text);
    if (text.n && text.p[0] == '[') {
        ptrdiff_t close_at = str_find_char(text, ']');
        text = close_at < 0 ? STR_NONE : str_cut(text, 1, (size_t)close_at);
    } else {
        str port, host = str_split(text, ':', &port);
        if (port.p && str_find_char(port, ':') < 0) text = host; /* one colon: an IPv4 with its port */
    }
    if (text.n == 0 || text.n >= sizeof z) return FAIL(E_INVALID, "web.address");
    memcpy(z, text.p, text.n);
    z[text.n] = 0;
    uint8_t v4[4];
    if (inet_pton(AF_INET, z, v4) == 1) {
        map_v4(v4, out);
        return NO_ERR;
    }
    return inet_pton(AF_INET6, z, out->b) == 1 ? NO_ERR : FAIL(E_INVALID, "web.address");
}

bool ip_of_sockaddr(const struct sockaddr *sa, struct ip *out)
{
    if (sa && sa->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, sa, sizeof in);
        map_v4((const uint8_t *)&in.sin_addr, out);
        return true;
    }
    if (sa && sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, sa, sizeof in);
        memcpy(out->b, &in.sin6_addr, 16);
        return true;
    }
    *out = (struct ip){{0}};
    return false;
}

str ip_put(char out[64], const struct ip *ip)
{
    bool v4 = is_v4(ip);
    out[0] = 0;
    inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? ip->b + 12 : ip->b, out, 64);
    return str_of(out);
}

str ip_text(arena *mem, const struct ip *ip)
{
    char z[64];
    return str_copy(mem, ip_put(z, ip));
}

err networks_parse(arena *mem, struct strs list, struct networks *out)
{
    *out = (struct networks){0};
    for (size_t i = 0; i < list.n; i++) {
        str bits, host = str_split(str_trim(list.v[i]), '/', &bits);
        struct network n;
        int64_t given = 0;
        if (ip_parse(host, &n.ip).code != OK || (bits.p && str_i64(bits, &given).code != OK))
            return FAIL_AT(E_CONFIG, "web.trusted_proxies", str_z(mem, list.v[i]));
        int64_t most = is_v4(&n.ip) && str_find_char(host, ':') < 0 ? 32 : 128;
        if (!bits.p) given = most;
        if (given < 0 || given > most) return FAIL_AT(E_CONFIG, "web.trusted_proxies", str_z(mem, list.v[i]));
        n.bits = (int)(given + 128 - most);
        PUSH(mem, out, n);
    }
    return NO_ERR;
}

static bool network_holds(const struct network *n, const struct ip *ip)
{
    int whole = n->bits / 8, rest = n->bits % 8;
    if (memcmp(n->ip.b, ip->b, (size_t)whole) != 0) return false;
    return rest == 0 || ((n->ip.b[whole] ^ ip->b[whole]) >> (8 - rest)) == 0;
}

bool networks_hold(const struct networks *n, const struct ip *ip)
{
    for (size_t i = 0; i < n->n; i++)
        if (network_holds(&n->v[i], ip)) return true;
    return false;
}

struct ip client_ip(const struct networks *trusted, const struct ip *peer, str forwarded)
{
    struct ip at = *peer;
    while (forwarded.n && networks_hold(trusted, &at)) {
        size_t comma = forwarded.n;
        while (comma > 0 && forwarded.p[comma - 1] != ',') comma--;
        struct ip next;
        if (ip_parse(str_cut(forwarded, comma, forwarded.n), &next).code != OK) break;
        at = next;
        forwarded = comma ? str_cut(forwarded, 0, comma - 1) : STR_NONE;
    }
    return at;
}

struct ip ip_prefix(const struct ip *ip)
{
    struct ip p = *ip;
    if (!is_v4(ip)) memset(p.b + 8, 0, 8);
    return p;
}

static err address_parse(str address, const char *z, struct sockaddr_in6 *out)
{
    size_t colon = address.n;
    while (colon > 0 && address.p[colon - 1] != ':') colon--;
    int64_t port;
    if (colon == 0 || str_i64(str_cut(address, colon, address.n), &port).code != OK || port < 0 ||
        port > 65535)
        return FAIL_AT(E_CONFIG, "web.listen.address", z);
    str host = str_cut(address, 0, colon - 1);
    struct ip ip = {{0}};
    if (str_is(host, "localhost")) host = S("127.0.0.1");
    if (host.n && !str_is(host, "*") && ip_parse(host, &ip).code != OK)
        return FAIL_AT(E_CONFIG, "web.listen.address", z);
    *out = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    memcpy(&out->sin6_addr, ip.b, 16);
    return NO_ERR;
}

static int socket_bound(const struct sockaddr_in6 *a)
{
    struct ip ip;
    int on = 1, off = 0;
    memcpy(ip.b, &a->sin6_addr, 16);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = a->sin6_port};
    memcpy(&v4.sin_addr, ip.b + 12, 4);
    bool four = is_v4(&ip);
    int fd = socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!four) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    const struct sockaddr *sa = four ? (const struct sockaddr *)&v4 : (const struct sockaddr *)a;
    if (bind(fd, sa, four ? sizeof v4 : sizeof *a) == 0 && listen(fd, 1024) == 0) return fd;
    close(fd);
    return -1;
}

err listen_open(str address, int *out_fd)
{
    static _Thread_local char z[128]; /* the error's `at` outlives this call */
    snprintf(z, sizeof z, "%.*s", STR_ARG(address));
    struct sockaddr_in6 a;
    TRY(address_parse(address, z, &a));
    int fd = socket_bound(&a);
    if (fd < 0 && str_starts(address, S(":"))) { /* a machine without IPv6 */
        map_v4((const uint8_t[4]){0}, (struct ip *)&a.sin6_addr);
        fd = socket_bound(&a);
    }
    if (fd < 0) return FAIL_AT(E_IO, "web.listen.taken", z);
    *out_fd = fd;
    return NO_ERR;
}

int listen_port(int fd)
{
    struct sockaddr_storage sa;
    socklen_t n = sizeof sa;
    if (getsockname(fd, (struct sockaddr *)&sa, &n) != 0) return 0;
    struct sockaddr_in6 six;
    struct sockaddr_in four;
    memcpy(&six, &sa, sizeof six);
    memcpy(&four, &sa, sizeof four);
    return ntohs(sa.ss_family == AF_INET ? four.sin_port : six.sin6_port);
}
