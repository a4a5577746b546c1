/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* reply.h — the answer. A handler calls one reply_* and returns NO_ERR, or returns an error, which becomes a
   status and a page (or JSON) by one table. The last reply wins; an error after a reply replaces it.
   Compression, ETag, 304, HEAD, security headers are the server's. */
#pragma once
#include "base/buf.h"

struct req;
struct blobs;
struct blob_ref;

buf *reply_html(struct req *q, int status);                          /* templates write to it; ≤ 16 MB */
/* the same for any type, e.g. "application/json" */
buf *reply_buf(struct req *q, int status, const char *type);
err reply_text(struct req *q, int status, str text);
err reply_json(struct req *q, int status, str json);
err reply_bytes(struct req *q, int status, const char *type, str bytes);      /* copied */
err reply_static(struct req *q, int status, const char *type, str bytes);     /* lives for ever: not copied */
err reply_empty(struct req *q, int status);                          /* 204… */
err reply_redirect(struct req *q, str url);                          /* 303; url is of this site: "/…" */
/* any status and any http(s) URL; the caller chose it, not the client */
err reply_redirect_to(struct req *q, int status, str url);

/* A body made as it leaves, with flat memory. `pull` runs on a worker with q->db lent anew, fills at most
   max_bytes; *got 0 ends it; an error cuts the connection, so that the client sees it is not whole.
   size_bytes -1: not known. `end` runs once, whatever happened; may be NULL. */
typedef err (*pull_fn)(struct req *q, void *arg, void *out, size_t max_bytes, size_t *got);
err reply_stream(struct req *q, const char *type, int64_t size_bytes, pull_fn pull, void *arg,
                 void (*end)(void *arg));
/* A sealed file, with ranges (RFC 9110 §14). file_name: offered for saving; absent: shown in place, allowed
   for images and PDF only. */
err reply_blob(struct req *q, struct blobs *b, int64_t tenant, const struct blob_ref *ref, const char *type,
               str file_name);
/* "Content-Disposition: attachment" with the name (RFC 6266, RFC 8187). */
void reply_attachment(struct req *q, str file_name);

void reply_header(struct req *q, const char *name, str value); /* adds; a value with CR or LF is dropped */
int reply_status(const struct req *q);                               /* 0: none yet */
/* stays when an error replaces the reply */
void reply_header_always(struct req *q, const char *name, str value);
void reply_retry_after(struct req *q, int seconds);

/* May go to the page cache, tied to the topics (ended by NULL), if the request is anonymous, read no cookie
   or header, sets no cookie. */
void reply_cache(struct req *q, const char *topic, ...) __attribute__((sentinel));
void reply_private(struct req *q); /* personal: no-store, also for a visitor without session */
void reply_public_for(struct req *q, int seconds); /* shared caches may keep it: open data, feeds */
/* a map page: adds a tile origin to the policy of this page */
void reply_allow_images(struct req *q, str origin);

enum cookie_flag { COOKIE_SCRIPT = 1 /* readable by script */, COOKIE_STRICT = 2 /* SameSite=Strict */ };
/* 0: until the browser closes; Lax, HttpOnly */
void cookie_set(struct req *q, const char *name, str value, int64_t max_age_s, unsigned flags);
void cookie_clear(struct req *q, const char *name);
void session_cookie_set(struct req *q, str token, int64_t max_age_s);
void session_cookie_clear(struct req *q);
/* The sender of this request sees fresh pages for 5 s; done by itself for unsafe methods. */
void reply_wrote(struct req *q);
