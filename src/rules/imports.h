/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* imports.h — `importer!`, which takes rules from another package, as the tools of publi.codes compile it; packages are given as text already
   read, never fetched:
     importer!:
       depuis: {nom: transport}          (or the name alone)
       dans: mobilité                    (the namespace they come in; otherwise the name of the package)
       les règles:
         - bus
         - vélo: {titre: À vélo}         (with keys that stand over the package's own)
   What they read, and what stands above them, comes with them. Several imports: a list. */
#pragma once
#include "rules/engine.h"

struct rule_package { str name; json_t *rules; };

/* *out: the rules, imports in their place, in `mem`. E_INVALID: *fault says why (no such package or rule, a name taken twice). */
err rules_import(arena *mem, json_t *rules, const struct rule_package *packages, size_t n, json_t **out, struct rule_fault *fault);
/* The names of the packages that rules import. */
size_t rules_imported(arena *mem, json_t *rules, str **out);
