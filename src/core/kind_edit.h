/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind_edit.h — changing a draft definition, one act at a time: pure functions on its JSON, for the simple editor.
       json_t *def = kind_edit_start(mem, definition);  kind_edit_…(mem, def, …);  kind_draft_save(d, mem, name, def, by, seen, &revision);
   Ids are stable and never used again (the definition counts them in `next_id`). What a change breaks (a condition that would read a
   later question) is said by kind_draft_save, which parses the whole. E_NOT_FOUND: no such field or option in this draft. */
#pragma once
#include "core/kind.h"

json_t *kind_edit_start(arena *mem, const json_t *definition);      /* a copy that may be changed */

/* A text in one language; the other is kept. E_INVALID: an empty French title or label. Keys: title, description / label, help, purpose. */
err kind_edit_text(arena *mem, json_t *def, const char *key, enum lang lang, str words);
err kind_edit_field_text(arena *mem, json_t *def, str id, const char *key, enum lang lang, str words);
/* "service.name", "silence.means"…: the French of a text in two languages. Absent or empty: removed. */
err kind_edit_setting(arena *mem, json_t *def, const char *path, str value);

/* After the field `after` (absent: at the end of the form; a repeat's id with in_rows: at the end of its rows). Its name comes from the label. */
err kind_edit_field_add(arena *mem, json_t *def, str after, bool in_rows, str type, str label, str *out_id);
/* required, public, filter, private, other, past, future: booleans; many, level, min, max, max_length: numbers; list, accept, pattern…: text. NULL: removed. */
err kind_edit_field_set(arena *mem, json_t *def, str id, const char *key, json_t *value);
const json_t *kind_edit_field_get(arena *mem, json_t *def, str id, const char *key);      /* NULL: absent */
/* A new type drops what only the old one knows (options, bounds); the id stays, answers of drafts are kept. */
err kind_edit_field_type(arena *mem, json_t *def, str id, str type);
err kind_edit_field_move(arena *mem, json_t *def, str id, int by);  /* -1: one up, among its sisters */
err kind_edit_field_remove(arena *mem, json_t *def, str id);        /* E_INVALID: a condition reads it */

err kind_edit_option_add(arena *mem, json_t *def, str field, str label, str *out_id);
err kind_edit_option_text(arena *mem, json_t *def, str field, str option, enum lang lang, str label);
err kind_edit_option_move(arena *mem, json_t *def, str field, str option, int by);
/* No longer offered; records that hold it still show it. */
err kind_edit_option_retire(arena *mem, json_t *def, str field, str option, bool retired);

/* A page is a level-1 heading and all that follows it. */
err kind_edit_page_add(arena *mem, json_t *def, str title, str *out_id);
err kind_edit_page_move(arena *mem, json_t *def, str heading, int by);

/* Letters. One of the base becomes the procedure's own once it is changed. Keys: title, object, body, in French: what was its English goes. */
err kind_edit_letter_add(arena *mem, json_t *def, str title, str transition, str *out_name);
err kind_edit_letter_text(arena *mem, json_t *def, str name, const char *key, str words);
err kind_edit_letter_outcome(arena *mem, json_t *def, str name, str outcome);
/* The step sends this letter and no other; absent: none. */
err kind_edit_letter_attach(arena *mem, json_t *def, str transition, str name);
/* The base's letter comes back where it was. */
err kind_edit_letter_remove(arena *mem, json_t *def, str name);
bool kind_edit_letter_is_own(const json_t *def, str name);
const json_t *kind_edit_letter(arena *mem, const json_t *def, str name);        /* its own, else the base's; NULL: none */
str kind_edit_letter_of_base(arena *mem, const json_t *def, str transition);    /* what the base sends there; absent: nothing */

/* Rules (docs/kinds.md). The text of `rules` is kept as it was typed; empty: none. Requirements and routes: at the index of one that is
   there it changes, at their number it is added. must, when: NULL: E_INVALID, at "must", "when". */
err kind_edit_rules(arena *mem, json_t *def, str text);
struct edit_requirement { json_t *must; str message, message_en; };
err kind_edit_requirement(arena *mem, json_t *def, size_t index, struct edit_requirement given);
err kind_edit_route(arena *mem, json_t *def, size_t index, json_t *when, str team);
/* list: "eligibility" or "routing". by 0: removed. */
err kind_edit_rule_move(arena *mem, json_t *def, const char *list, size_t index, int by);
/* The value of a question that is computed, as typed; while it is the same, it stays what it was written as. Empty: it is asked. */
err kind_edit_computed(arena *mem, json_t *def, str id, str typed);
/* "when" (what must hold for a step to be taken; NULL: nothing) or "after" (how long one that happens by itself waits: "15 days" or
   {rule: …}). A step of the base becomes the procedure's own as far as it says something else. E_NOT_FOUND: no such step. */
err kind_edit_step(arena *mem, json_t *def, str name, const char *key, json_t *value);
/* What part a rule has; place: of rule_uses.h. role absent: inferred again. */
err kind_edit_role(arena *mem, json_t *def, str place, str role);
