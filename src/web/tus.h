/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tus.h — uploads that resume (tus 1.0.0, extensions creation, termination, expiration;
   https://tus.io/protocols/resumable-upload). The protocol is here; who may, and where the unfinished file is
   noted, is said by hooks. Bytes go to blob parts, which survive a restart. Rows, all with .arg = &the_hooks
   and ROUTE_API (errors in JSON): {POST,   "/envois",     RIGHT, tus_create, "begin an upload",
   .arg = &hooks}, {HEAD,   "/envois/:id", RIGHT, tus_offset, "how far an upload is",      .arg = &hooks},
   {PATCH,  "/envois/:id", RIGHT, tus_append, "go on with an upload", ROUTE_STREAM, .sink = tus_piece, .arg =
   &hooks}, {DELETE, "/envois/:id", RIGHT, tus_drop,   "give an upload up",         .arg = &hooks}, */
#pragma once
#include "web/req.h"

struct tus_file {
    str id;                    /* in the URL */
    str part;                  /* of store/blob.h */
    int64_t size_bytes;
    int64_t expires_us;        /* 0: never */
    str name, type;            /* of Upload-Metadata: filename, filetype; cleaned, never to be believed */
    bool done;
};
struct tus_hooks {
    /* May this request begin a file of f->size_bytes? Notes f->part and gives f->id and f->expires_us. */
    err (*begin)(struct req *q, struct tus_file *f);
    /* The file of q's ":id", if this request may go on with it: E_NOT_FOUND, E_GONE (expired, dropped),
       E_DENIED. */
    err (*find)(struct req *q, str id, struct tus_file *f);
    /* All bytes are there and sealed. Called once; if it fails, the client's next PATCH of 0 bytes calls it
       again. */
    err (*complete)(struct req *q, const struct tus_file *f, const struct blob_ref *ref);
    err (*drop)(struct req *q, const struct tus_file *f);
    int64_t (*most_bytes)(struct req *q);      /* NULL: the server's file limit */
};

err tus_create(struct req *q);
err tus_offset(struct req *q);
err tus_piece(struct req *q, str bytes);
err tus_append(struct req *q);
err tus_drop(struct req *q);
err tus_options(struct req *q);      /* {OPTIONS, "/envois", …}: versions, extensions, largest size */
