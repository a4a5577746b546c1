/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* json.h — JSON as RFC 8259 has it, over jansson. What comes in is strict: bad UTF-8, a key given twice, text after the value, NUL,
   numbers that do not fit and nesting over 64 are refused. A leading byte order mark is skipped (§8.1 allows it).
   A json_t handed out here lives as long as its arena: never json_decref it. */
#pragma once
#include <jansson.h>
#include "base/buf.h"

#define JSON_MAX_DEPTH 64
#define JSON_MAX_BYTES ((size_t)8 << 20)

/* E_MALFORMED, at: "l. 3, col. 14"; E_TOO_LARGE. json_parse takes JSON_MAX_BYTES at most. */
err json_parse(arena *mem, str text, json_t **out);
err json_parse_max(arena *mem, str text, size_t max_bytes, json_t **out);
/* Ties a new reference to the arena and gives it back. NULL (jansson had no memory) aborts, as the arena does. */
json_t *json_own(arena *mem, json_t *v);

/* Reading. Strings point into the value. A key that is missing, or whose value has another type, reads as absent. */
str json_str(const json_t *obj, const char *key);
str json_text(const json_t *v);
int64_t json_i64(const json_t *obj, const char *key, int64_t fallback);
bool json_bool(const json_t *obj, const char *key, bool fallback);
/* "revision.champDescriptors[12].label"; NULL when a step is not there. */
json_t *json_path(const json_t *v, const char *path);
/* A member set to a string (absent: null). Values are UTF-8 already; bad bytes become U+FFFD. */
void json_put_str(json_t *obj, const char *key, str value);
json_t *json_from_str(str s);                           /* a new reference, to give to json_object_set_new and the like */

/* Writing a tree. Numbers are the shortest that read back the same. */
str json_canonical(arena *mem, const json_t *v);        /* keys sorted by bytes, no white space: same value, same bytes */
str json_pretty(arena *mem, const json_t *v);           /* keys as they stand, two spaces, a final newline */

/* Writing without a tree, straight into a buffer:
     struct jw w = jw(&out);
     jw_object(&w); jw_key(&w, "procedures"); jw_array(&w); … jw_end(&w); jw_end(&w);
   Commas are put by the writer. Nesting over JSON_MAX_DEPTH aborts. */
struct jw {
    buf *out;
    unsigned depth;
    unsigned indent;            /* spaces a level; 0: compact */
    bool after_key;
    bool some[JSON_MAX_DEPTH + 2], array[JSON_MAX_DEPTH + 2];
};
static inline struct jw jw(buf *out) { return (struct jw){.out = out}; }
void jw_object(struct jw *w);
void jw_array(struct jw *w);
void jw_end(struct jw *w);                              /* closes what was opened last */
void jw_key(struct jw *w, const char *key);
void jw_key_str(struct jw *w, str key);
void jw_str(struct jw *w, str s);                       /* absent: null */
void jw_i64(struct jw *w, int64_t v);
void jw_f64(struct jw *w, double v);                    /* not finite: null */
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_raw(struct jw *w, str json);                    /* JSON already written elsewhere */
void jw_json(struct jw *w, const json_t *v);
/* A member; nothing at all when the value is absent, 0 or NULL: what is not filled is not said. */
void jw_member_str(struct jw *w, const char *key, str s);
void jw_member_i64(struct jw *w, const char *key, int64_t v);
void jw_member_json(struct jw *w, const char *key, const json_t *v);
