/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules_doc.h — the documentation of a rule base as static pages: an index by name spaces and a page for each rule (what it is for, how it
   is calculated, what it reads, what reads it, its examples). Opened from a disk, without script. */
#pragma once
#include "view/html.h"

/* The frame of such a page, and of one that stands alone. */
struct part_rules_page { str title, base_title; struct url style, index; struct html crumbs, body; bool is_english; };

struct rulebase;
/* name: "index.html", "regles/tarif.html", "beffroi.css". Anything but OK ends the work and is handed back. */
typedef err (*doc_write)(void *arg, str name, str bytes);
err rules_doc(arena *mem, enum lang lang, const struct rulebase *b, str title, doc_write write, void *arg);
/* One page with its style sheet beside it: index.html, beffroi.css. */
err rules_page_alone(arena *mem, enum lang lang, str title, struct html body, doc_write write, void *arg);
