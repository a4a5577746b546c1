/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* styles.h — the page /styles: every component in its states, with sample data. The site gives it a route. */
#pragma once
#include "view/layout.h"
#include "view/parts.h"

struct styles_row { str reference, who, procedure, state, tone; int64_t received_us; };
struct page_styles {
    struct layout l;
    struct part_faults faults;
    struct part_input name, mail, amount, town;
    struct part_textarea story;
    struct part_select list;
    struct part_span delay;
    struct part_radios yesno, where;
    struct part_checks days;
    struct part_check agree;
    struct part_file photos;
    struct part_answers answers;
    struct part_timeline timeline;
    struct part_thread thread;
    struct part_figures figures;
    struct part_tabs tabs;
    struct part_map map;
    struct { struct styles_row *v; size_t n; } rows;
    struct html chart, curve, markdown;
    struct strs vignettes;
    int64_t now_us, sample_bytes;
};

void styles_sample(arena *mem, enum lang lang, struct page_styles *p);
