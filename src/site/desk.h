/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk.h — the agents' desk: inbox, dossier, counter. The same for every kind. */
#pragma once
#include "pages/follow.h"

struct inbox_line { str title, reference, kind, state, tone, assignee; struct url at; int64_t created_us, due_us; bool is_late; };
struct inbox_filter { str id, label; struct choices items; };
struct page_inbox { struct layout l; struct part_tabs states; struct links kinds; struct { struct inbox_line *v; size_t n; } rows; struct part_pager pager;
    str words, kind, state, sort; struct choices sorts, whose; struct { struct inbox_filter *v; size_t n; } filters; bool is_filtered, late; int64_t total; };

struct page_dossier { struct layout l; str title, kind_title, reference, state, tone, assignee, channel, author, contact_name, contact_mail, team; int64_t filed_us, due_us, silence_us;
    str due_label, silence_words; struct part_answers answers, annotations; struct html annotation_fields; struct url annotate; struct part_timeline events; struct part_thread messages;
    struct act_choices acts; struct links faults; struct url message, note, back; int64_t version; bool has_decision, no_mail; struct decision_shown decision; str conflict, said, mail_back; struct letter_lines letters; };

struct page_counter { struct layout l; struct links kinds; };
extern const struct route inbox_routes[];
extern const struct route desk_routes[];
extern const struct route desk_letter_routes[];
/* The record of :ref, for whoever may see it (VERB_SEE) or handle it. Who shows something of it notes it in the audit; acts stand in its journal. */
err desk_get(struct req *q, enum verb v, struct held *h);
