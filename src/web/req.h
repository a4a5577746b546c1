/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* req.h — one request as a handler sees it. All it returns lives in q->mem, until the answer has left. Values
   are decoded and valid UTF-8 (else the request was refused); an absent value is STR_NONE. Handlers run on a
   worker thread, may block, never free. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/words.h"
#include "store/blob.h"
#include "store/db.h"
#include "web/route.h"

struct app;
struct tenant;
struct who;
struct hash32;

struct req {
    arena *mem;
    db *db; /* reading connection of the tenant, lent by the enter hook, given back by leave */
    struct app *app;                 /* the roof's: store, blobs, settings */
    const struct tenant *tenant;     /* the core's; set by enter */
    const struct who *who;           /* the core's; set by enter */
    int64_t tenant_id;               /* set by enter */
    bool signed_in;                  /* set by enter when a session was found: forms then need their token */
    bool https;                      /* the client's connection, as a trusted proxy says */
    enum lang lang;                  /* cookie "langue", else Accept-Language, else fr; enter may change it */
    enum http_method method;         /* HEAD is given as GET; q->head tells */
    bool head;
    str path;                        /* as it came, not decoded; never logged */
    str query_string;                /* without '?' */
    str host;                        /* lower case, with its port when it has one */
    str host_name;                   /* without port */
    str ip;                          /* the client's address as text, after trusted_proxies */
    str request_id;                  /* shown on error pages, written in the log */
    const struct route *route;       /* NULL when no route matched (error pages) */
    int64_t started_us;              /* clock_monotonic_us */
    void *state;                     /* the handler's own, between its body_sink and itself */
};

/* --- what came --------------------------------------------------- */
str param(struct req *q, const char *name); /* of the path; absent if the route has none of that name */
err param_i64(struct req *q, const char *name, int64_t *out);        /* E_NOT_FOUND when it is not a number */
err param_id(struct req *q, const char *name, int64_t *out);         /* as made by id_text; E_NOT_FOUND */
str query(struct req *q, const char *name);                          /* first of that name */
err query_i64(struct req *q, const char *name, int64_t otherwise, int64_t *out);
str field(struct req *q, const char *name);                          /* first of that name in the form body */
void fields_all(struct req *q, const char *name, struct strs *out);
bool field_has(struct req *q, const char *name);

struct pair { str name, value; };
struct pairs { struct pair *v; size_t n; };
const struct pairs *fields(struct req *q);                           /* all of the form body, in order */
void queries_all(struct req *q, const char *name, struct strs *out);
const struct pairs *queries(struct req *q);

str body(struct req *q); /* raw, for ROUTE_API with JSON; else empty */
/* a page that read a header or a cookie is never put in the page cache */
str header(struct req *q, const char *name);
str cookie(struct req *q, const char *name);
/* Those whose name starts so, at most `most`: name without the prefix, value decoded. */
struct pairs cookies_named(struct req *q, const char *prefix, size_t most);
str bearer_token(struct req *q);                                     /* of "Authorization: Bearer …" */
str session_token(struct req *q); /* of the session cookie; absent when nobody claims to be signed in */

/* A file that came with the form. It is on disk, sealed but not yet durable; upload_keep syncs it, renames it
   and fills `ref`, then the handler writes ref in a row. What is not kept is gone when the request ends. */
struct upload {
    str field;                       /* name of the input */
    str file_name;                   /* as given, cleaned: no path, no control character, ≤ 200 bytes */
    str type_declared;               /* what the client says; never to be believed */
    int64_t size_bytes;
    str head;                        /* first bytes (≤ 4 kB), for sniffing */
    struct blob_ref ref;             /* after upload_keep */
    struct blob_writer *writer;
};
/* NULL: there is none; empty file inputs do not count */
struct upload *upload(struct req *q, const char *field_name, size_t i);
size_t uploads(struct req *q, struct upload ***out);                      /* all, in order */
err upload_keep(struct req *q, struct upload *u);

/* For the page of an error: a form of ours came whole, though it may not have been handled: fields() has its words and uploads()
   the names of its files, so that it can be sent again as it is to form_address. */
bool form_came(struct req *q);
str form_address(struct req *q);                                      /* path and query, as they came */

/* --- declared inputs --------------------------------------------- */
/* msg: a key of the catalogue; detail: the limit, as text */
struct fault { const char *name; const char *msg; str detail; };
struct faults { struct fault *v; size_t n; };
/* Fills the struct at `out`, one fault at most for each input; E_INVALID "web.input.faults" when there is
   one. What is right is filled anyway, so that a form is drawn again with what was typed (the text as it came
   is in field()). */
err input_read(struct req *q, const struct input *spec, void *out, struct faults *out_faults);
void fault_add(struct req *q, struct faults *f, const char *name, const char *msg);
const struct fault *fault_of(const struct faults *f, const char *name);

/* --- who asks ---------------------------------------------------- */
/* Hidden input "csrf" of the forms shown to the signed-in (or header X-CSRF-Token): keyed hash of the
   session. Checked before the handler. */
str csrf_token(struct req *q);
/* Takes one from the bucket of this address (/64 in IPv6) for that action; E_LIMIT "web.limit", Retry-After
   is set. */
err limit_take(struct req *q, const char *action, unsigned per_minute, unsigned burst);
/* The same for an account, a token, a reference: whatever is typed. */
err limit_take_for(struct req *q, const char *action, str subject, unsigned per_minute, unsigned burst);

#include "web/reply.h"
