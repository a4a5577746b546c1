/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* marks.h — where the values of a YAML or JSON text were written, for who must say "line 3, column 14" of a value read from it. */
#pragma once
#include "formats/json.h"

struct mark { unsigned line, column; };                 /* from 1, columns in characters; 0: not known */
struct marks;

struct marks *marks_new(arena *mem);
/* The next member of that map or list. In a list both are the same. */
void marks_put(struct marks *m, const json_t *in, struct mark key, struct mark value);
/* Of a JSON pointer (RFC 6901: "/a/somme/1"): of the value when it is text or number, else of its key. A step that is not there: of the last
   that is. */
struct mark marks_find(const struct marks *m, const json_t *root, str pointer);
struct mark marks_key(const struct marks *m, const json_t *root, str pointer);      /* of the key in any case */
/* The text that json_parse read as root. */
struct marks *json_marks(arena *mem, str text, const json_t *root);
str pointer_add(arena *mem, str pointer, str step);     /* "/a" and "b/c": "/a/b~1c" */
