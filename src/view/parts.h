/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parts.h — the pieces pages are made of: {{use notice tone="done" text=p.message}} in a template, part_notice(o, &…) in C. The
   functions are declared by gen/html/view/parts/NAME.html.h. Everything is optional unless said. /styles shows each in its states. */
#pragma once
#include "view/html.h"

struct link { str label; struct url at; str hint; bool is_current; int64_t count; bool has_count; };
struct links { struct link *v; size_t n; };

/* wrap: a panel with a title and what the template puts in it. tone: "info" "done" "warn" "danger". */
struct part_panel { str tone, title; };
struct part_notice { str tone, title, text; struct html body; };
/* What is to be correct, each line linking to its field. Comes first in the page, which is then titled "À corriger : …". */
struct part_faults { struct links lines; };
struct part_empty { str text, vignette; struct url at; str action; };        /* action: the label of the link `at` */
struct part_vignette { str name; };                                         /* required; one of web/vignettes.svg */
struct part_tag { str tone, text; };                        /* tone of a state: waiting moving citizen done refused */
struct part_tabs { str label; struct links items; };        /* label: for screen readers, required */
struct part_pager { struct url newer, older; };
struct part_steps { int64_t current, total; str title; };   /* "Étape 2 sur 5 : Votre foyer" */

/* ---- fields of the forms we write ourselves (those of towns are drawn by the field types) ---- */
struct part_input { str name, label; /* required */ str type, value, hint, error, autocomplete, inputmode, css, unit; int64_t max_length; bool optional; struct url suggest; };
struct part_textarea { str name, label, value, hint, error; int64_t max_length, rows; bool optional; };
struct choice { str value, label, hint; bool is_chosen; };
struct choices { struct choice *v; size_t n; };
struct part_select { str name, label; struct choices items; str hint, error, prompt; bool optional; };
/* How long: a number, and its unit in NAME.unit. value: the number. */
struct part_span { str name, label, value; struct choices units; str hint, error; bool optional; };
struct part_radios { str name, label; struct choices items; str hint, error; bool optional, inline_items; };
struct part_checks { str name, label; struct choices items; str hint, error; bool optional; };
struct part_check { str name, label, hint, error; bool is_chosen; };
struct part_file { str name, label, hint, error, accept; bool optional, many; };
struct part_submit { str label, name, value, quiet; /* label of a second, quiet button */ str quiet_name, quiet_value; };

/* ---- answers, history, messages ---- */
struct answer_file_link { str name, size; struct url at, thumb; };
struct answer_row { str label, text; struct html body; struct { struct answer_file_link *v; size_t n; } files; struct url change, why; bool is_heading; };
struct part_answers { str title; struct url change; struct { struct answer_row *v; size_t n; } rows; };
struct moment { int64_t at_us; str title, who, text; str tone; /* "current" "done" "refused" */ };
struct part_timeline { struct { struct moment *v; size_t n; } items; };
struct message_line { str who; int64_t at_us; struct html body; bool is_mine, is_note; struct { struct answer_file_link *v; size_t n; } files; };
struct part_thread { struct { struct message_line *v; size_t n; } items; };
struct figure { str value, label; };
struct part_figures { struct { struct figure *v; size_t n; } items; };
struct place_point { str label, hint; double lat, lon; struct url at, thumb; str state, tone; bool nowhere /* in the list only */; };
/* A map and, always, its list beside it: the script reads the points from the list. tiles: "https://…/{z}/{x}/{y}.png" of the settings. */
struct part_map { str label; double lat, lon; int64_t zoom; struct url outline; str tiles, credit; struct { struct place_point *v; size_t n; } points; };
