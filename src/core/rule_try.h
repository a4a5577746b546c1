/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_try.h — the rules of a kind tried with values typed for this, by those who write them: nobody's answers, kept nowhere. */
#pragma once
#include "core/answers.h"

/* What a form would give a rule: a question, one option of several, a total over rows. */
struct try_input {
    str rule, key;              /* key: for life in its revision, "v3", "v3-o2" */
    enum rule_value_kind reads;
    str unit;                   /* absent: none */
    const struct field *field;  /* whose options may be chosen; NULL: none */
};
struct try_inputs { struct try_input *v; size_t n; };
/* Those that some result reads, in the order of the form. */
struct try_inputs try_inputs(arena *mem, const struct kind *k);
/* What was typed, as rules say it: "1 250,50" of euros is "1250.50 €", "2026-11-30" is "30/11/2026". A catalogue key when at fault. */
const char *try_read(arena *mem, const struct try_input *in, str typed, str *out);

struct try_result { str rule; bool is_own /* one of `rules`; else the form's: a value, a requirement, a route */; };
struct try_results { struct try_result *v; size_t n; };
struct try_results try_results(arena *mem, const struct kind *k);
