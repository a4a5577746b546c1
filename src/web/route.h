/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* route.h — a service's routes: a static table, listed by hand in src/services.c, ended by {0}. One row says
   the method, the path, the right that is required, the handler and one line of documentation; it makes
   `beffroi routes`, the API page and the rights matrix. */
#pragma once
#include "base/str.h"

enum http_method { GET = 1, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, METHOD_N };

struct req;
typedef err (*handler)(struct req *q);
/* Receives a body piece by piece, in order, on a worker, after enter and allow; see ROUTE_STREAM. */
typedef err (*body_sink)(struct req *q, str bytes);

enum route_flag {
    ROUTE_API = 1 << 0,       /* errors in JSON; a JSON body (≤ 8 MB) is taken, read it with body() */
    /* multipart file parts are taken, each ≤ the server's file limit, streamed to sealed files: upload() */
    ROUTE_FILES = 1 << 1,
    /* the body, of any type, is one file: upload(q, "body", 0); with ROUTE_FILES, unless it is multipart */
    ROUTE_RAW = 1 << 2,
    ROUTE_STREAM = 1 << 3,    /* the body, of any type, goes to `sink` as it comes, then the handler runs */
    /* authenticated by a bearer token, never by cookie: no Origin check, no form token */
    ROUTE_TOKEN = 1 << 4,
    /* for machines that call by address (health, metrics): an unknown host is let in, tenant NULL */
    ROUTE_ANY_HOST = 1 << 5,
    /* what is typed opens an account or a dossier: the page of an error does not give it back */
    ROUTE_SECRET = 1 << 6
};

/* One declared input (a form field or a query parameter), read into a member of a struct. Types and the
   member they fill: IN_LINE str (trimmed, no line break) · IN_TEXT str (line breaks as \n) · IN_I64 int64_t ·
   IN_F64 double (comma or dot) · IN_BOOL bool (present and not "", "0", "non") · IN_DATE int64_t days
   (2026-11-23) · IN_CHOICE str, one of `choices` · IN_LIST struct strs (every value of that name) · IN_ID
   int64_t as made by id_text. Absent and empty are the same: the member stays 0. */
enum input_type { IN_LINE = 1, IN_TEXT, IN_I64, IN_F64, IN_BOOL, IN_DATE, IN_CHOICE, IN_LIST, IN_ID };
struct input {
    const char *name;
    enum input_type type;
    bool required;
    /* code points for text (max 0: 10,000), value for numbers and dates (both 0: any), count for lists */
    int64_t min, max;
    size_t offset;                   /* offsetof(struct form, member) */
    const char *const *choices;      /* ended by NULL */
    bool in_query; /* read from the URL; else from the body for POST, PUT, PATCH and from the URL for GET */
};

struct route {
    enum http_method method;         /* GET serves HEAD too */
    const char *path; /* "/signaler/:ref/photos"; a last "*rest" takes what remains, with its slashes */
    uint32_t right; /* meaning given by the `allow` hook; 0 is no right at all and stops the start */
    handler fn;
    const char *doc;
    unsigned flags;                  /* of route_flag */
    /* ended by {0}; documentation, and read by input_read(q, q->route->inputs, …) */
    const struct input *inputs;
    body_sink sink;                  /* ROUTE_STREAM */
    const void *arg;                 /* for a handler that several routes share: q->route->arg */
};

struct route_tables { const struct route *const *v; size_t n; };   /* all the services' tables */

/* The table compiled for lookup. E_CONFIG, at the path, for a row without right, handler or documentation,
   and for two rows that take the same URL. */
struct router;
err router_new(struct router **out, struct route_tables tables);
void router_free(struct router *r);
struct route_params { struct { const char *name; str value; } v[8]; size_t n; }; /* values decoded, in mem */
/* path: raw, without query. A literal segment wins over ":param", which wins over "*rest".
   E_NOT_FOUND: no such path; E_INVALID "web.method": the path exists, *allowed gets the bits 1 << method;
   E_MALFORMED: bad %-encoding or UTF-8. */
err router_find(const struct router *r, arena *mem, enum http_method method, str path,
                const struct route **out, struct route_params *params, unsigned *allowed);
/* Every row, in order of the tables. */
const struct route *router_at(const struct router *r, size_t i);
size_t router_count(const struct router *r);
size_t router_index(const struct router *r, const struct route *route);
const char *method_name(enum http_method m);
enum http_method method_parse(str name);     /* 0: not one of ours */
