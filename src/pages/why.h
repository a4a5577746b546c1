/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* why.h — "Pourquoi ce résultat ?": what rules gave of a dossier, for who filed it and at the desk. Of a draft, from its answers as they stand;
   of a record, what was kept when it was filed (core/results.h). */
#pragma once
#include "core/results.h"
#include "pages/holder.h"
#include "view/layout.h"
#include "view/parts.h"
#include "view/why.h"

struct why_line { str title, sentence; struct url at; };
struct page_why {
    struct layout l;
    str kind_title, back_label, title, missing;
    struct url back, all, json;
    struct { struct why_line *v; size_t n; } lines;             /* all of them; or one, whole: */
    struct html tree;
    int64_t at_us, revision;
    bool is_draft, is_decision, is_open;                        /* is_open: it has no value yet */
};

/* What the people of a town call its rules and their values. k has rules. */
struct why_names why_names_of_kind(struct req *q, const struct kind *k);
/* Which one: the query `de`, a path or a rule's name; absent: the list. */
err why_page(struct req *q, const struct held *h, bool at_desk, struct page_why *p);
err why_json(struct req *q, const struct held *h);             /* the trace itself, of `de` */
/* Where a computed answer is explained; absent: it is not computed. */
struct url why_url(struct req *q, const struct held *h, bool at_desk, const struct answer_line *l);

extern const struct route why_routes[];
