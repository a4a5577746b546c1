/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* editor_rules.h — the page of the rules of a draft: their text and its checks, who may file, which team gets it, what part each rule has,
   and values to try them with. One form: whatever its button, nothing typed in it is lost. */
#pragma once
#include "core/rule_check.h"
#include "site/admin.h"
#include "site/condition_form.h"
#include "view/html.h"

struct rules_finding_shown { str place, message, state; struct url at; int64_t line; bool is_error; };
struct rules_use_shown { str what, of, rule, part, id; bool is_declared, is_text; struct url at; struct choices parts; };
/* A condition of the builder (condition_form.h), in the box that its buttons redraw. */
struct rules_box { str prefix; struct html body; str words; bool is_text; };
struct part_rules_box { struct rules_box box; };
struct rules_requirement_shown { struct rules_box box; struct part_textarea message, message_en; bool is_new, is_open; };
struct rules_route_shown { struct rules_box box; struct part_select team; str up; bool is_new, is_open; };
struct rules_step_shown { str id, title, by; struct rules_box box; struct part_textarea delay; bool has_delay; };
struct rules_value_shown { struct part_input input; struct part_select select; bool is_select; };
struct rules_result_shown { str title, name, said; };
struct rules_results_shown { struct rules_result_shown *v; size_t n; };

struct page_kind_rules {
    struct layout l;
    str title, rules;
    struct links faults, names;
    struct { struct rules_finding_shown *v; size_t n; } findings;
    struct { struct rules_use_shown *v; size_t n; } uses;
    struct { struct rules_requirement_shown *v; size_t n; } requirements;
    struct { struct rules_route_shown *v; size_t n; } routes;
    struct { struct rules_step_shown *v; size_t n; } steps;
    struct part_select step_new;        /* those without a condition */
    struct { struct rules_value_shown *v; size_t n; } values;
    struct rules_results_shown results, own_results;
    struct part_select asked;
    struct html why;
    bool is_tried, has_teams;
    str try_fault;
    int64_t revision, rows;
    struct url action, back;
};

/* The values to try, and when they were sent (is_tried) what they give. k: with the rules as typed, when they can be read. */
err rules_try_fill(struct req *q, const struct kind *k, struct page_kind_rules *p);
/* A condition as it was sent, else as it is stored (held); with its fault, when what was sent is refused. */
struct condition_form rules_condition(struct req *q, const struct kind *k, str prefix, const json_t *held);
bool rules_condition_sent(struct req *q, str prefix);
struct rules_box rules_box_of(struct req *q, struct condition_form *c);
err rules_condition_typed(struct req *q, const struct kind *k, str prefix, json_t **out);       /* what was sent says; NULL: nothing */

/* Steps: their conditions and their delays. The steps of silence are the law's (CRPA L231-1), and are not changed here. */
void rules_steps_fill(struct req *q, const struct kind *k, struct page_kind_rules *p);
err rules_steps_edit(struct req *q, const struct kind *k, json_t *def);
struct url rules_step_place(struct req *q, str kind, str at);           /* "transitions.accept.when"; what is not here: the procedure's page */

/* The page where a finding is mended, or a rule stands. */
struct url rules_place(struct req *q, str kind, str field, str at);
