/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* admin.h — the town's own administration: accounts, teams, bodies, settings; procedures and the simple editing of a draft revision. */
#pragma once
#include "core/kinds.h"
#include "view/layout.h"
#include "view/parts.h"
#include "web/route.h"

struct page_admin { struct layout l; struct links rooms; };

struct account_line { str name, mail, capacity, roles; struct url at; bool is_active, is_agent; };
struct page_accounts { struct layout l; struct { struct account_line *v; size_t n; } rows; struct links faults; str mail, forename, surname, capacity, service; struct choices roles, teams; };
struct page_account_edit { struct layout l; struct url action, reset; struct links faults; str mail, forename, surname, capacity, service, phone; bool is_active; struct choices roles, teams; };
struct team_line { str name, body, mail, members; };
struct page_teams { struct layout l; struct { struct team_line *v; size_t n; } rows; struct links faults; str name, mail; struct choices bodies; };
struct body_line { str name, kind, insee; struct url at; };
struct page_bodies { struct layout l; struct { struct body_line *v; size_t n; } rows; };
struct page_body { struct layout l; struct url action; struct links faults; str name, siren, insee; str service, address, mail, phone, hours, after, article, appeal, dpo, webhook, webhook_secret /* said once, when the address changes */; struct choices means; };
struct page_settings { struct layout l; struct links faults; str name, address, tiles, legal, privacy, action, accent, director, host; };

struct kind_line_shown { str title, slug, status, tone, body; int64_t number; struct url at; bool has_draft; };
struct page_kinds { struct layout l; struct { struct kind_line_shown *v; size_t n; } rows; struct links faults; str title; };
struct option_shown { str id, label; bool retired; };
struct field_shown { str id, type, label, help; int64_t level; bool required, is_heading, holds_value, is_private, in_row, has_options, is_first, is_last; str when; struct url at; };
struct page_editor { struct layout l; str name, title, status, tone, slug, service, description; struct links faults, lacks; struct { struct field_shown *v; size_t n; } fields;
    int64_t revision; struct url action, view; struct choices types, bodies, teams, means; bool has_draft, is_published, is_closed; str setting_service, setting_address, setting_mail,
    setting_phone, setting_after, setting_article, setting_appeal, setting_basis, setting_purpose, setting_retention, setting_audience, setting_duration, setting_prepare; };
struct page_field { struct layout l; str name, id, label, label_en, help, when_text, min, max, max_length, many; struct url action, back; struct links faults; struct choices types;
    bool required, filter, is_private, is_public, has_options, is_heading; struct { struct option_shown *v; size_t n; } options; int64_t revision; };

struct library_line { str name, title, description, legal_basis, to_check; bool is_there; struct url at; };
struct page_library { struct layout l; struct { struct library_line *v; size_t n; } rows; };

extern const struct route admin_routes[];
extern const struct route editor_routes[];
extern const struct route library_routes[];
