/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/address.h"
#include <netinet/in.h>
#include <string.h>

static const struct {
    uint32_t net;
    int bits;
} v4_refused[] = {
    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
    {0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
};

static bool v4_is_public(uint32_t ip)
{
    for (size_t i = 0; i < sizeof v4_refused / sizeof *v4_refused; i++)
        if ((ip ^ v4_refused[i].net) >> (32 - v4_refused[i].bits) == 0) return false;
    return true;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool v6_is_public(const uint8_t ip[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, nat64[12] = {0x00, 0x64, 0xff, 0x9b};
    if (memcmp(ip, mapped, 12) == 0 || memcmp(ip, nat64, 12) == 0) return v4_is_public(be32(ip + 12));
    if (ip[0] == 0x20 && ip[1] == 0x02) return v4_is_public(be32(ip + 2)); /* 6to4 */
    if ((ip[0] & 0xe0) != 0x20) return false; /* only 2000::/3 is global unicast */
    if (ip[0] == 0x20 && ip[1] == 0x01 && ip[2] < 0x02)
        return false; /* 2001::/23: Teredo, benchmark, ORCHID … */
    if (be32(ip) == 0x20010db8) return false; /* documentation */
    if (ip[0] == 0x3f && ip[1] == 0xff && ip[2] < 0x10)
        return false; /* 3fff::/20, documentation (RFC 9637) */
    return true;
}

bool address_is_public(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, a, sizeof v4);
        return v4_is_public(ntohl(v4.sin_addr.s_addr));
    }
    if (a->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, a, sizeof v6);
        return v6_is_public(v6.sin6_addr.s6_addr);
    }
    return false;
}
