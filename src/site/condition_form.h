/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* condition_form.h — a condition written with menus, or as text: the one component for whatever has a condition. It is a part of somebody's
   form; its inputs and buttons begin with `prefix`, its buttons are named "do". Without script each button gives the page again.
     condition_form_open(q, &c, when);                       from what is stored, or
     condition_form_typed(q, &c);                            from what was sent; then
     if (condition_form_act(q, &c, field(q, "do"))) …        one of its own buttons: draw the page again, nothing is stored
     else TRY(condition_form_rule(q, &c, &json));            what it says; NULL: no condition
     p.condition = condition_form_draw(q, &c);               after a fault too: what was typed is there */
#pragma once
#include "core/kind.h"
#include "view/parts.h"

struct req;
enum { CONDITION_DEPTH_MOST = 4, CONDITION_CHILDREN_MOST = 40 };

/* A group of conditions, or one row: the question's name, the operator's code, the value as typed. */
struct condition_node {
    bool is_group;
    enum rule_op op;            /* of a group: RULE_ALL, RULE_ANY, RULE_NONE */
    struct { struct condition_node **v; size_t n; } children;
    str source, act, value, unit;
};
struct condition_form {
    str prefix;                 /* "w" */
    const struct kind *kind;
    const struct field *of;     /* reads what stands before it; NULL: the whole form */
    struct condition_node *root;
    bool is_text;
    str text;
    const char *notice;         /* a key: said above it */
    err fault; str fault_at;    /* the input at fault: "w.1.v"; of a text with its line: fault_line */
    int64_t fault_line; str fault_detail;
    str focus;                  /* the input that gets the focus */
};

void condition_form_open(struct req *q, struct condition_form *c, const json_t *when);
void condition_form_typed(struct req *q, struct condition_form *c);
bool condition_form_act(struct req *q, struct condition_form *c, str act);
/* E_INVALID: remembered in c, at: the input. */
err condition_form_rule(struct req *q, struct condition_form *c, json_t **out);
/* What storing it said, of the whole definition: the line of a text, when it is told. */
void condition_form_fault(struct req *q, struct condition_form *c, err e);
str condition_form_said(struct req *q, const struct condition_form *c);         /* the fault, its line when there is one */
str condition_form_words(struct req *q, const struct condition_form *c);        /* the condition as a sentence; absent: none, or not whole */
struct html condition_form_draw(struct req *q, struct condition_form *c);

/* ---- inside: condition_menu.c */
enum takes { TAKES_NOTHING, TAKES_VALUE, TAKES_OPTION, TAKES_DEPARTEMENT, TAKES_REGION, TAKES_QUESTION };
struct condition_op { const char *code, *words; unsigned reads; enum rule_op op; enum takes takes; bool yes; };
extern const struct condition_op condition_ops[];               /* ends with NULL */
bool condition_op_fits(const struct condition_op *o, const struct field *f);
const struct condition_op *condition_op_of(const struct field *f, str code);
const struct field *condition_source(const struct condition_form *c, str name);
struct condition_readable { const struct field **v; size_t n; };
struct condition_readable condition_readable(arena *mem, const struct condition_form *c);
bool condition_name_read(arena *mem, const struct condition_form *c, str name, struct source *out);        /* a question, or a part of one */
/* false: more than menus say. */
bool condition_node_of(arena *mem, const struct condition_form *c, const struct rule *r, int depth, struct condition_node **out);
/* *out NULL: an empty row, an empty group. E_INVALID, at: the input. */
err condition_node_rule(arena *mem, const struct condition_form *c, const struct condition_node *n, str path, struct rule **out);

/* ---- parts: condition_row.html, condition_group.html, condition_text.html */
struct part_condition_row {
    str id, prefix, number, error; bool focus_s, focus_o, focus_v; struct choices sources, ops, other_ops, values; bool has_source, is_date, is_number, is_text, takes; str value, unit, values_label;
};
struct part_condition_group { str id, prefix, number, error; struct choices ops; bool focus_g, focus_row, is_root, is_full, is_deep; };
struct part_condition_text { str id, prefix, error, value; bool focus; struct links names; };
