/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* address.h — which network addresses a stranger's URL may lead us to. */
#pragma once
#include <sys/socket.h>
#include "base/str.h"

/* True for an address of the public Internet: not this machine, not a private, link-local, shared, documentation, benchmark,
   multicast or reserved network (IANA special-purpose registries, RFC 6890 and after), nor one of those inside an IPv6 address
   that carries an IPv4 one (mapped, NAT64, 6to4). Unknown families are not public. */
bool address_is_public(const struct sockaddr *a);
