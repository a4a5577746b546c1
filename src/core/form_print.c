/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The blank form on paper, from the same definition. */
#include <string.h>

#include "core/answers_read.h"
#include "core/field_types.h"

#define PAPER_OPTIONS_MOST 60
#define PAPER_ROWS 2

static void lit(struct form_draw *d, const char *z) { buf_lit(d->out, z); }

static void print_box(struct form_draw *d, str label)
{
    lit(d, "<p class=\"paper-box\">☐ ");
    buf_said(d->out, label, d->env->lang);
    lit(d, "</p>");
}

static void print_blank(struct form_draw *d, const struct field *f)
{
    const struct field_type *t = f->type;
    struct options all = {0};
    size_t total = 0;
    if (t->has_options) options_of(f, d->mem, d->env, PAPER_OPTIONS_MOST, &all, &total);
    if (t->check == check_yesno) {
        print_box(d, env_words(d->env, W("field.yes")));
        print_box(d, env_words(d->env, W("field.no")));
    } else if (t->check == check_civility) {
        print_box(d, env_words(d->env, W("field.mme")));
        print_box(d, env_words(d->env, W("field.m")));
    } else if (total && total <= PAPER_OPTIONS_MOST) {
        for (size_t i = 0; i < all.n; i++) print_box(d, text_in(&all.v[i].label, d->env->lang));
        if (f->other) print_box(d, env_words(d->env, W("field.other_blank")));
    } else if (t->check == check_file) {
        print_box(d, env_words(d->env, W("field.print.join")));
    } else if (t->check == check_date) {
        lit(d, "<p class=\"paper-date\">__ / __ / ____</p>");
    } else if (t->check == check_textarea || t->check == check_address) {
        lit(d, "<div class=\"paper-area\"></div>");
    } else {
        lit(d, "<div class=\"paper-line\"></div>");
    }
}

static void print_rich(struct form_draw *d, const struct field *f)
{
    str help = text_in(&f->help, d->env->lang);
    if (!help.n) return;
    lit(d, "<div class=\"hint\">");
    draw_rich(d, help, f->help_is_html);
    lit(d, "</div>");
}

static void print_condition(struct form_draw *d, const struct field *f)
{
    if (!f->when) return;
    lit(d, "<p class=\"hint\">");
    buf_html(d->out, words_fill(d->mem, d->env->lang, W("field.print.only_if"), "condition", condition_words(d->mem, d->env, f->when, &f->when_from), NULL));
    lit(d, "</p>");
}

static void print_field(struct form_draw *d, const struct field *f)
{
    bool heading = strcmp(f->type->name, "heading") == 0, repeat = strcmp(f->type->name, "repeat") == 0;
    lit(d, heading ? "<h3>" : "<div class=\"paper-field\"><p><strong>");
    buf_said(d->out, text_in(&f->label, d->env->lang), d->env->lang);
    if (f->required) lit(d, " *");
    lit(d, heading ? "</h3>" : "</strong></p>");
    print_condition(d, f);
    print_rich(d, f);
    if (repeat) {
        for (int row = 0; row < PAPER_ROWS; row++)
            for (size_t i = 0; i < f->children.n; i++) print_field(d, &f->children.v[i]);
    } else if (f->type->check == check_checkbox) {
        print_box(d, env_words(d->env, W("field.yes")));
    } else if (f->type->holds_value) {
        print_blank(d, f);
    }
    if (!heading) lit(d, "</div>\n");
}

void form_print(struct form_draw *d, const struct fields *fields, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (!fields->v[i].is_private) print_field(d, &fields->v[i]);
}
