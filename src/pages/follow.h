/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* follow.h — a dossier as its author follows it, and the pieces the desk shows too: history, messages. */
#pragma once
#include "core/journal.h"
#include "core/life.h"
#include "facets/thread.h"
#include "pages/filling.h"
#include "pages/letters.h"

struct act_choice { str name, title, before; struct url action; struct html asks; bool is_danger, is_open; };
struct act_choices { struct act_choice *v; size_t n; };

struct decision_shown { str outcome, author, capacity, service, reasons_law, reasons_fact, words, appeal; int64_t at_us; };

struct page_follow { struct layout l; str kind_title, title, reference, state, tone; int64_t filed_us, due_us; struct part_answers answers;
    struct part_timeline events; struct part_thread messages; struct act_choices acts; struct url action_message, correct, receipt, print, quit; bool has_decision;
    struct decision_shown decision; struct receipt r; str correction_words; struct links faults; struct letter_lines letters; bool is_final, is_silent_no /* rejected by silence: it may be contested */; str said; };

err event_lines_of(struct req *q, const struct kind *k, int64_t record, bool author_view, struct part_timeline *out, struct decision_shown *decision, bool *has_decision);
err message_lines_of(struct req *q, int64_t record, bool author_view, struct part_thread *out);
/* failed, asks: the act that did not go through, and what was answered to it. The forms of the transitions this person may start. base: "/agents/dossiers/REF". */
err act_choices_of(struct req *q, const struct kind *k, const struct record *r, str base, struct answers_env *env, str failed, const json_t *asks,
                   const struct answer_faults *faults, struct act_choices *out);
