/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_words.h — what the invented people of the demonstration are called, live at and write. French, as a town's people write. */
#pragma once
#include "base/str.h"

extern const char *const demo_forenames[], *const demo_surnames[], *const demo_streets[], *const demo_plates[], *const demo_sentences[];
/* What is written in fields whose name holds this word. The n-th of each list go together: a subject and its message. */
struct demo_said { const char *field; const char *const *said; };
extern const struct demo_said demo_said[];          /* ends with NULL field */
struct demo_range { const char *field; int low, high, step; };
extern const struct demo_range demo_ranges[];       /* figures people give; ends with NULL field */
