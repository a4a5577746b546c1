/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* yaml.h — YAML files people write, read as JSON values, over libyaml.
   A part of YAML 1.2: maps, lists, and scalars by its core schema (§10.3), of which plain `true false null ~` and numbers are not text.
   So `oui`, `no` and `on` are text. Unlike the core schema, a whole number with a leading zero is text (01053 is a commune), and
   .inf and .nan are text too. Refused: anchors, aliases, tags, several documents, a key given twice, a key that is not a scalar,
   nesting over 64, more than 200,000 values. */
#pragma once
#include "formats/marks.h"

#define YAML_MAX_BYTES ((size_t)4 << 20)

/* E_MALFORMED, at: "l. 3, col. 14"; E_TOO_LARGE. An empty text is null. The value lives as long as the arena. */
err yaml_parse(arena *mem, str text, json_t **out);
/* And where each value stands; at a fault, *fault is where (line 0: nowhere in particular). */
err yaml_parse_marked(arena *mem, str text, json_t **out, struct marks **marks, struct mark *fault);
/* Block style, keys as they stand; reads back as the same value. */
str yaml_write(arena *mem, const json_t *v);
