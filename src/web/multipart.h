/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* multipart.h — multipart/form-data (RFC 7578) read as it comes, in pieces of any size, with flat memory. Our
   own, because a file part must stream, the reader must be fuzzed without a connection, and a fault must be
   told by name; MHD_PostProcessor does none of the three. */
#pragma once
#include "base/str.h"

struct multipart;
struct part_head {
    str name; /* decoded: %22, %0D, %0A, as browsers write them (WHATWG HTML, multipart/form-data encoding) */
    str file_name;     /* absent: a plain field */
    str type;          /* absent when the part does not say */
};
/* head and bytes live until the call returns. An error stops the reading and comes back from multipart_feed.
   */
struct multipart_events {
    err (*begin)(void *arg, const struct part_head *head);
    err (*data)(void *arg, str bytes);
    err (*end)(void *arg);
};

/* E_MALFORMED: no boundary */
err multipart_new(arena *mem, str content_type, struct multipart_events events, void *arg,
                  struct multipart **out);
err multipart_feed(struct multipart *m, str bytes);      /* E_MALFORMED */
err multipart_end(struct multipart *m);                  /* E_MALFORMED: cut short */
