/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk.h — the agents' desk: inbox, dossier, counter. The same for every kind. */
#pragma once
#include "pages/follow.h"

struct inbox_line { str title, reference, kind, state, tone, assignee, channel, pick, pick_label; struct url at; int64_t created_us, updated_us, due_us; bool is_late, is_for; };
struct inbox_filter { str id, label; struct choices items; };
struct page_inbox { struct layout l; struct part_tabs states; struct links kinds; struct { struct inbox_line *v; size_t n; } rows; struct part_pager pager;
    str words, kind, state, sort; struct choices sorts, whose; struct { struct inbox_filter *v; size_t n; } filters; bool is_filtered, late;
    struct part_tabs views; struct choices columns; unsigned shown /* bits: COLUMN_… */; struct links tools; struct url picks /* where what is ticked goes; absent: none may be */;
    str view, standing_in, here /* "kind=d102&sort=due": what a view of this list would keep */; };
enum inbox_column { COLUMN_KIND = 1, COLUMN_STATE = 2, COLUMN_FILED = 4, COLUMN_UPDATED = 8, COLUMN_DUE = 16, COLUMN_ASSIGNEE = 32, COLUMN_CHANNEL = 64 };
/* The list that this address asks for: rights, filters, state, sort. For exports and mass actions. */
struct list_query;
struct kind;
err inbox_asked(struct req *q, struct list_query *out, const struct kind **out_kind /* the one that is filtered on; NULL: none */);
str channel_words(struct req *q, str channel);
str inbox_here(struct req *q);                                  /* the part of this address that a view keeps */

struct page_dossier { struct layout l; str title, kind_title, reference, state, tone, assignee, channel, author, contact_name, contact_mail, team; int64_t filed_us, due_us, silence_us;
    str due_label, silence_words; struct part_answers answers, annotations; struct html annotation_fields; struct url annotate; struct part_timeline events; struct part_thread messages;
    struct act_choices acts; struct { struct found_dossier { str title, reference, kind, state, tone; struct url at; int64_t filed_us; } *v; size_t n; } related; struct choices models; str absent; struct url assign;
    struct links faults; struct url message, note, back; int64_t version; bool has_decision, no_mail; struct decision_shown decision; str conflict, said, mail_back; struct letter_lines letters; };

struct page_assign { struct layout l; str title, reference; struct choices agents; struct url action, back; int64_t version; struct links faults; };
struct page_counter { struct layout l; struct links kinds; };
extern const struct route inbox_routes[];
extern const struct route desk_routes[];
extern const struct route desk_letter_routes[];
/* The record of :ref, for whoever may see it (VERB_SEE) or handle it. Who shows something of it notes it in the audit; acts stand in its journal. */
err desk_get(struct req *q, enum verb v, struct held *h);

struct page_view { struct layout l; struct url action, remove, back; struct links faults; str name, said; struct choices shares; bool is_new, is_start, changes; };
extern const struct route view_routes[];

struct mass_line { str title, reference, kind, state, why; struct url at; };
struct mass_choice { str title, hint; struct url at; };
struct mass_done_line { str title, status, tone; struct url at; int64_t at_us; };
struct page_masses { struct layout l; struct { struct mass_done_line *v; size_t n; } rows; };
struct page_mass { struct layout l; str title, act_title, why_warn; int64_t total, able, done, failed, waiting, percent; struct { struct mass_choice *v; size_t n; } choices;
    struct { struct mass_line *v; size_t n; } unable; struct links faults; struct html asks; struct url action, back, again, follow, csv; bool is_chosen, is_running, is_done, is_danger, follows; };
extern const struct route mass_routes[];

struct model_line { str title, words, where; struct url at; };
struct page_models { struct layout l; struct { struct model_line *v; size_t n; } rows; struct url add; bool may_add; };
struct page_model { struct layout l; struct url action, remove; struct links faults; str title, words; struct choices teams, kinds; struct { struct model_hint { str name, what; } *v; size_t n; } names; bool is_new; };
extern const struct route model_routes[];

struct absence_line { str who, stand_in; int64_t first_day, last_day; struct url end; bool is_now, may_end; };
struct page_absences { struct layout l; struct { struct absence_line *v; size_t n; } rows; struct links faults; struct choices agents, stand_ins; str first, last; bool is_admin; };
extern const struct route absence_routes[];

struct stat_row { str label; int64_t n, week, month, two_months, four_months, more; };
struct stat_rows { struct stat_row *v; size_t n; };
struct page_stats_list { struct layout l; struct links kinds; };
struct page_stats { struct layout l; str title, period, filed_title, ended_title; struct part_figures figures; struct choices periods, steps; str first, last; struct html filed, ended, delays; struct stat_rows queue, outcomes, channels;
    struct links faults; struct url csv, list, back; bool has_delays, has_some; int64_t queue_total; };
extern const struct route stats_routes[];
