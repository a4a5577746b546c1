/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* testing.h — for tests: a server in this process on a free port of 127.0.0.1, a browser of a few lines over
   libcurl (cookies kept, redirects not followed), and raw bytes for what no browser would send. Texts live in
   the arena given. */
#pragma once
#include "web/server.h"

/* Starts with opt, listening on a free port whatever opt says; fails the process on error. server_stop ends
   it. */
struct server *test_server(const struct server_options *opt);

struct browser;
/* Host: 127.0.0.1:PORT unless browser_host */
struct browser *browser_new(const struct server *s, arena *mem);
void browser_free(struct browser *b);
void browser_host(struct browser *b, const char *host);                /* the town asked for */
/* "Accept-Language: en", sent with every request until browser_headers_clear */
void browser_header(struct browser *b, const char *line);
void browser_headers_clear(struct browser *b);
void browser_forget(struct browser *b);                                /* its cookies */
void browser_decode(struct browser *b, bool on); /* takes gzip and brotli and decodes them (off) */

struct answer { int status; str body, head /* header lines as received */, type, location; };
struct answer http_get(struct browser *b, const char *path);
struct answer http_head(struct browser *b, const char *path);
/* pairs: const char *name, const char *value… NULL. Sends Origin as a browser would. */
struct answer http_post_form(struct browser *b, const char *path, ...) __attribute__((sentinel));
struct answer http_send(struct browser *b, const char *method, const char *path, const char *type, str body);
/* multipart/form-data; a value that begins with '@' is a file of those bytes, named after the field. */
struct answer http_post_multipart(struct browser *b, const char *path, ...) __attribute__((sentinel));
str answer_header(const struct answer *a, const char *name);           /* first of that name; absent */
/* What stands between `before` and the next `after` in the body: a token in a form, a reference. */
str answer_between(const struct answer *a, const char *before, const char *after);

/* Opens a connection, sends the bytes, reads until the other side closes or wait_ms pass without a byte. */
str http_raw(const struct server *s, arena *mem, str bytes, int wait_ms);
int http_connect(const struct server *s); /* a connected socket, the caller's to close */
