/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* decode.h — bytes of strangers into text: URLs, form bodies, cookies, header values. Pure functions, fuzzed
   (tests/fuzz). */
#pragma once
#include "base/words.h"
#include "web/req.h"

/* %XX, and '+' as a space when asked. E_MALFORMED: a bad %, a NUL, bytes that are not UTF-8. *out is s itself
   when nothing had to change. */
err url_decode(arena *mem, str s, bool plus_is_space, str *out);
/* "a=1&b=2", in order; a name without '=' has an empty value, an empty piece is skipped. E_TOO_LARGE: more
   than max_pairs. */
err pairs_parse(arena *mem, str raw, size_t max_pairs, struct pairs *out);
str pairs_first(const struct pairs *p, const char *name);
/* Without control characters but \t \n \r: what pasting sometimes brings. s itself when there is none. */
str text_clean(arena *mem, str s);

/* The raw value of a cookie in a Cookie header; absent when it is not there. */
str cookie_raw(str header, const char *name);

/* French unless English is preferred (RFC 9110 §12.5.4, q-values). */
enum lang accept_language(str header);
enum encoding { ENCODING_NONE, ENCODING_GZIP, ENCODING_BROTLI, ENCODING_N };
/* Bits 1 << encoding of what the client takes. */
unsigned accept_encodings(str header);
/* If-None-Match against one entity tag, weakly (RFC 9110 §13.1.2). */
bool etag_matches(str if_none_match, str etag);

/* "name" and "value" parameters of a header such as multipart/form-data; boundary=x. Quoted strings are
   unquoted. Absent when not there. */
str header_param(arena *mem, str header, const char *name);
bool header_type_is(str content_type, const char *type);     /* before ';', whatever the case */
bool str_is_nocase(str a, const char *z);

struct byte_range { int64_t from, to; };                     /* both included */
/* One range of "bytes=…"; false: none, or several, or not satisfiable (*unsatisfiable says so). */
bool range_parse(str header, int64_t size_bytes, struct byte_range *out, bool *unsatisfiable);
