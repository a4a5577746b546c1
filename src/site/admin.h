/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* admin.h — the town's own administration: accounts, teams, bodies, settings; procedures and the simple editing of a draft revision. */
#pragma once
#include "core/kinds.h"
#include "pages/sheet.h"
#include "view/layout.h"
#include "view/parts.h"
#include "web/route.h"

struct page_admin { struct layout l; struct links rooms; bool is_starting; };

struct account_line { str name, mail, capacity, role, service; struct url at; bool is_active, is_agent; };
struct page_accounts { struct layout l; struct { struct account_line *v; size_t n; } rows; struct links faults; str mail, forename, surname, capacity, service; struct choices roles, teams; };
struct page_account_edit { struct layout l; struct url action, reset; struct links faults; str mail, forename, surname, capacity, service, phone; bool is_active; struct choices roles, teams; };
struct reading_line { int64_t at_us; str agent, what, file, reference, title; struct url at; };
struct page_readings { struct layout l; struct { struct reading_line *v; size_t n; } rows; struct part_pager pager; str reference, mail; bool is_filtered; };
struct team_line { str name, body, mail, members; struct url at; };
struct page_teams { struct layout l; struct { struct team_line *v; size_t n; } rows; struct links faults; str name, mail; struct choices bodies; };
struct page_team { struct layout l; struct url action; struct links faults; str name, mail; struct choices bodies, members; };
struct body_line { str name, kind, insee; struct url at; };
struct page_bodies { struct layout l; struct { struct body_line *v; size_t n; } rows; struct links faults; str name, insee, credit /* whose data the territory's is */; struct choices kinds; };
struct page_body { struct layout l; struct url action; struct links faults; str name, siren, insee; str service, address, mail, phone, hours, article, appeal, dpo, webhook, webhook_secret /* said once, when the address changes */, purpose, pd_basis, recipients, retention;
    struct choices means; struct part_span after; };
struct page_settings { struct layout l; struct url logo; struct links faults; str name, address, tiles, legal, privacy, action, accent, director, host; };

struct kind_line_shown { str title, slug, status, tone, body, way; int64_t number; struct url at; bool has_draft; };
struct page_kinds { struct layout l; struct { struct kind_line_shown *v; size_t n; } rows; struct links faults; str title; struct choices offers; };
struct option_shown { str id, label; bool retired; };
struct field_shown { str id, type, label, name; int64_t page; bool required, is_heading, is_private, in_row, is_first, is_last; str when; struct url at; };
/* optional: what the procedure leaves empty comes from its body, or is not needed. */
struct setting_shown { str value; bool optional; };
struct page_editor { struct layout l; str name, title, status, tone, slug, description; struct links faults, lacks; struct { struct field_shown *v; size_t n; } fields;
    int64_t revision; struct url action, view, preview, letters, rules, drop; struct choices types, bodies, teams, means, offers, themes; bool is_here, has_draft, is_published, is_closed, means_optional; struct part_span after;
    struct setting_shown service, address, mail, phone, hours, after_stored, article, appeal, basis, purpose, pd_basis, recipients, retention, audience, duration, prepare, cost, ways, operator, online, source, keywords, sheets; };
struct synonym_shown { str id, words; };
struct miss_shown { str words; int64_t n; struct url add; };
struct page_found { struct layout l; struct links faults; struct { struct synonym_shown *v; size_t n; } rows; struct { struct miss_shown *v; size_t n; } misses; str words; };
/* The plain form of a condition: a question, then how it is compared, then an answer. */
struct page_field { struct layout l; str name, id, label, label_en, help, when_words, min, max, max_length, computed, unit; struct url action, back, condition, rules; struct links faults, checks;
    struct choices types; bool may_compute, money, if_needed, required, filter, is_private, has_options, is_heading, has_bounds, has_length; struct { struct option_shown *v; size_t n; } options; int64_t revision; };
struct page_condition { struct layout l; str label, words; struct links faults; struct html box; bool is_heading, is_text, has_sources, has_condition; struct url action, back; int64_t revision; };
struct kind_letter_line { str title, outcome, tone, steps; bool is_own; struct url at; };
struct page_kind_letters { struct layout l; str title; struct links faults; struct { struct kind_letter_line *v; size_t n; } rows; str new_title; struct choices steps; int64_t revision; struct url action, back; };
struct kind_letter_part { str title, article; };
struct kind_letter_parts { struct kind_letter_part *v; size_t n; };
struct kind_letter_check { str line, text; bool is_fault; };
struct page_kind_letter { struct layout l; str heading, title, object, body; struct links faults; struct choices outcomes, steps; bool is_own;
    struct kind_letter_parts before, after; struct { struct kind_letter_check *v; size_t n; } checks; struct links own, asks, fields /* variables: label, and the name as hint */;
    struct sheet preview; bool has_preview; int64_t revision; struct url action, back; };
struct page_confirm { struct layout l; str said, button, field, what; struct url action, back; int64_t revision; };
struct page_preview { struct layout l; str title; struct html fields; int64_t step, steps; struct url back, next, before; };

/* ---- what the rooms of the administration share ---- */
struct req;
void admin_desk(struct layout *l);
void admin_fault(struct req *q, struct links *faults, const char *key, const char *id);
void admin_bodies(struct req *q, int64_t chosen, struct choices *out);
struct upload;
/* All of a file that came, which is not kept. E_INVALID "image.too_large": more than `most`. */
err admin_upload_bytes(struct req *q, struct upload *u, int64_t most, str *out);
err admin_logo_read(struct req *q, json_t **out);                           /* the file `logo` of the form, made anew; E_INVALID: not a picture */
/* A body (was, now) and the tenant, each may be NULL: in one transaction, noted in the audit. */
err admin_tenant_write(struct req *q, const struct body *was, const struct body *b, const struct tenant *t);
str admin_role_said(enum lang lang, int role);                              /* absent: none of that number */
struct url town_logo(arena *mem, const struct tenant *t);                   /* absent: the town has none */
/* "name" or "group.name"; value is taken over, NULL: removed. */
void setting_put(arena *mem, json_t *settings, const char *path, json_t *value);
void means_choices(struct req *q, str chosen, struct choices *out);         /* what silence means */
void span_draw(struct req *q, struct part_span *p, const char *key, str stored, bool optional);
/* "NAME" and "NAME.unit" as sent → "2 months"; absent when left empty. E_INVALID, at: the name. */
err span_given(struct req *q, const char *name, str *out);
/* The condition of a question as a sentence; absent: it has none. */
str rule_words(struct req *q, const struct field *f);
err editor_kind_asked(struct req *q, struct kind_row *row);                  /* of :name, for who may edit it */
int64_t editor_body(const struct req *q, str name);                          /* the first body where this person runs a procedure of that name; 0: none */
void editor_fault(struct req *q, struct links *faults, err e, const json_t *def, const char *id);
void editor_types(struct req *q, const struct field_type *chosen, struct choices *out);
/* The draft changed and kept: edit does it. out_def, when the change is refused: what was tried. */
err editor_write(struct req *q, const struct kind_row *row, err (*edit)(struct req *q, json_t *def, str what), str what, json_t **out_def);
extern const struct route editor_field_routes[];
extern const struct route editor_condition_routes[];
extern const struct route editor_letters_routes[];
extern const struct route editor_rules_routes[];
struct library_line { str name, title, way, description, legal_basis, to_check; bool is_there; struct url at; };
struct page_library { struct layout l; struct { struct library_line *v; size_t n; } rows; };

struct page_first { struct layout l; struct links faults; struct url logo; str name, action, accent, address, mail, phone, hours, dpo, sender, to, credit, tried, tried_tone, tried_said; struct choices procedures; };
struct first_kind { str title, to_check; struct url at, edit; struct links lacks; };
struct page_first_done { struct layout l; struct { struct first_kind *v; size_t n; } live, waiting; struct links next; };
bool first_start_open(const struct tenant *t);                              /* made by `tenant add`, and its first page not finished yet */
extern const struct route first_routes[];
struct check_shown { str title, said, todo, state, tone; struct link page; };
struct page_state { struct layout l; struct { struct check_shown *v; size_t n; } rows; int64_t to_do; };
extern const struct route state_routes[];
struct mail_shown { str id, to, subject, reference, why, said, state, tone; struct url at; int64_t at_us; bool can_again, can_clear; };
struct page_mails { struct layout l; struct { struct mail_shown *v; size_t n; } unsent, back; };
extern const struct route mails_routes[];
struct staff_shown { str name, mail, capacity, teams, role, what, tone; int64_t line; };
struct page_staff { struct layout l; struct links faults; struct strs lines_at_fault, new_teams; struct { struct staff_shown *v; size_t n; } rows; str csv, said; bool can_write; };

extern const struct route staff_routes[];
extern const struct route admin_routes[];
extern const struct route admin_town_routes[];
extern const struct route editor_routes[];
extern const struct route readings_routes[];
extern const struct route library_routes[];
extern const struct route found_routes[];
