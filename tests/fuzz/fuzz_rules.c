/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "../support/rule_model.c"
#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Values by the bytes of the name, so that a rule and its canonical text see the same. */
static struct rule_value lookup(void *arg, str name)
{
    static str options[] = {{"a", 1}, {"b", 1}};
    unsigned h = 0;

    for (size_t i = 0; i < name.n; i++)
        h = h * 31 + (unsigned char)name.p[i];
    switch (h % 6) {
    case 0: return (struct rule_value){.kind = RULE_BOOL, .b = h & 64};
    case 1: return (struct rule_value){.kind = RULE_NUMBER, .number = h % 20};
    case 2: return (struct rule_value){.kind = RULE_TEXT, .text = options[0]};
    case 3: return (struct rule_value){.kind = RULE_DATE, .days = 20000 + h % 1000};
    case 4: return (struct rule_value){.kind = RULE_LIST, .list = {options, 2}};
    default: return (struct rule_value){0};
    }
}

/* What is taken: its canonical text reads back, is a fixed point, reads valid names, and decides the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    struct rule *r, *again;

    if (rule_parse(mem, (str){(const char *)data, size}, &r).code == OK) {
        str once = rule_text(mem, r);
        if (rule_parse(mem, once, &again).code != OK || !str_eq(rule_text(mem, again), once))
            abort();
        if (rule_eval(r, lookup, NULL) != rule_eval(again, lookup, NULL))
            abort();
        if (rule_eval(rule_plain(mem, r), lookup, NULL) != rule_eval(r, lookup, NULL))       /* negations brought down: the same */
            abort();
        struct strs names = rule_names(mem, r);
        for (size_t i = 0; i < names.n; i++)
            if (!rule_name_valid(names.v[i]))
                abort();
    }
    str name = rule_name_from(mem, (str){(const char *)data, size});
    if (name.p && !rule_name_valid(name))
        abort();
    arena_free(mem);
    return 0;
}
