/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind_parse.h — reading definitions: keys declared in tables, faults said with their place. Inside the core only. */
#pragma once
#include "core/answers.h"

bool id_is_plain(str s);           /* letters, figures, - and _; at most 64 */
struct reader {
    arena *mem;
    struct kind *k;
    const struct kind *base;    /* NULL: none */
    const json_t *asks;         /* core/asks.yaml */
    bool in_asks;
    bool unchecked;             /* rules are gathered, not read: for those who look at their faults (rule_check.h) */
};

enum want { WANT_TEXT, WANT_STR, WANT_BOOL, WANT_INT, WANT_I64, WANT_NUMBER, WANT_JSON, WANT_SPAN, WANT_OWN /* read by its own function */ };
struct key { const char *name; enum want want; size_t offset; };

/* With the shipped base it names, its rules gathered (fields.rules->definition, placed) and none of them read: nothing may be evaluated. */
err kind_parse_unchecked(arena *mem, const json_t *definition, struct kind **out);
/* Reads the members of obj into *out by the table; an unknown key or a wrong type is E_INVALID at "at.key". */
err keys_read(struct reader *r, const json_t *obj, const struct key *keys, void *out, str at);
err kind_fault(struct reader *r, const char *msg, str at);
err kind_fault_in(struct reader *r, const char *msg, str at, const char *key);
err text_read(struct reader *r, const json_t *v, struct text *out, str at);
err strs_read(struct reader *r, const json_t *v, struct strs *out, str at);      /* one string or a list */

err fields_read(struct reader *r, const json_t *list, struct fields *out, const struct field *parent, str at);
err field_read(struct reader *r, const json_t *obj, struct field *f, str at);
/* Ids and names unique, indexes, parents, conditions that read earlier fields with an operator their type knows. */
err fields_check(struct reader *r, struct fields *fields, size_t *out_all, str at);
/* The fields a guard reads, anywhere in the list. */
err sources_find(struct reader *r, const struct rule *rule, const struct fields *fields, size_t before, const struct field *row_of,
                 size_t row_before, struct sources *out, str at);
bool sources_has(arena *mem, const struct fields *fields, size_t before, const struct field *row_of, size_t row_before, str name);
err transitions_read(struct reader *r, const json_t *obj, str at);
err letters_read(struct reader *r, const json_t *obj, str at);
/* Once transitions are known: every letter named is there, its variables are, and none stands idle. own: the definition's letters. */
err letters_check(struct reader *r, const json_t *own, str at);
