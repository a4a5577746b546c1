/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* ds_descriptor.h — procedures in the public descriptor format of Démarches simplifiées (GraphQL API v2, type DemarcheDescriptor;
   also served at /preremplir/:path/schema) to definitions of kinds (docs/kinds.md) and back. JSON in, JSON out: no database.

   Read: the procedure itself, or wrapped ({"demarche": …}, {"data": {"demarche": …}}, a list of one); its form under `revision`,
   `activeRevision`, `publishedRevision` or `draftRevision`, the last of `revisions`, or beside the title (old API); fields named by `__typename` or by `type`.
   The way back is built from the kind. What the kind has no word for is kept with the object it belongs to, in `foreign.ds`, and returns
   to its place: an unread key, the order of keys, and a value whose sense the kind holds but not its spelling (null for an empty text);
   such a spelling is used only as long as reading it gives what the kind says. */
#pragma once
#include "formats/json.h"

#define DS_MAX_DEPTH 40         /* of a descriptor: a kind nests deeper, and must stay within JSON_MAX_DEPTH */
#define DS_MAX_FIELDS 5000
#define DS_MAX_OPTIONS 100000   /* in one field */

/* What is worth a word, and stops nothing: a condition kept but not done, a list with nothing in it (some are published so).
   why: a key of the catalogue. */
struct ds_note { const char *at; const char *why; };
struct ds_import {
    json_t *kind;               /* the definition; canonical dumps of two imports of one descriptor are the same bytes */
    struct strs remaining;      /* settings no descriptor tells, wanted before publishing: "service.postal_address" */
    struct strs unknown;        /* type names nobody knows: their fields became plain text, with all they had kept */
    struct { struct ds_note *v; size_t n; } notes;
    size_t n_fields;            /* in repetitions too */
};

/* The kind's name is "d" and the number; without a number, "d-" and a hash of the descriptor's `id`, else of its title.
   previous: the definition this procedure had, or NULL. Its field and option ids live on (options matched by label), as does what only
   Beffroi says (settings, names, purposes, what is public). So the same file again gives the previous definition, equal.
   E_INVALID, at: "revision.champDescriptors[12].options: …" */
err ds_to_kind(arena *mem, const json_t *descriptor, const json_t *previous, struct ds_import *out);
/* E_INVALID when the definition has no list of fields. */
err kind_to_ds(arena *mem, const json_t *kind, json_t **descriptor);

/* Conditions: the tree of `condition` (prefix lists ["and", ["=", ["champ", id], true], …], or objects {"term": "Logic::And", …}) to a rule as
   JSON (rules.h), reading `fields` (a kind's list) by name and options by id. Same truth: a blank or hidden source makes each of its comparisons false.
   *rule NULL: always true. E_INVALID: something a rule cannot say, or a field that is not there. */
err ds_condition_to_rule(arena *mem, const json_t *condition, const json_t *fields, json_t **rule);
/* Back, to the prefix form. E_INVALID: a name or an option that is not there. */
err rule_to_ds_condition(arena *mem, const json_t *rule, const json_t *fields, json_t **condition);
/* The Lisp-like text of a prefix form, as the API gives it in `conditionExpression`. */
str ds_expression(arena *mem, const json_t *condition);
