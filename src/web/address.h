/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* address.h — who is at the other end: networks of trusted proxies, X-Forwarded-For, and what listening
   addresses mean. */
#pragma once
#include <sys/socket.h>
#include "base/str.h"

struct ip { uint8_t b[16]; };                       /* IPv4 as ::ffff:a.b.c.d */
struct network { struct ip ip; int bits; };         /* of the 128 */
struct networks { struct network *v; size_t n; };

err ip_parse(str text, struct ip *out);             /* with or without [brackets] and port */
bool ip_of_sockaddr(const struct sockaddr *sa, struct ip *out);
str ip_text(arena *mem, const struct ip *ip);
str ip_put(char out[64], const struct ip *ip);      /* the same without an arena */
err networks_parse(arena *mem, struct strs list, struct networks *out); /* E_CONFIG, at the one at fault */
bool networks_hold(const struct networks *n, const struct ip *ip);
/* The client, when the peer is trusted: the last address of X-Forwarded-For that is not a trusted proxy.
   Unparsable: what was reached so far. */
struct ip client_ip(const struct networks *trusted, const struct ip *peer, str forwarded_for);
/* What a limit counts: the address, or in IPv6 its /64. */
struct ip ip_prefix(const struct ip *ip);

/* A bound, listening, non-blocking socket. "127.0.0.1:80", "[::1]:80", ":80" (all, both families). E_CONFIG,
   E_IO at the address. */
err listen_open(str address, int *out_fd);
int listen_port(int fd);
