/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_testing.h — a form and its answers for a test, without a store: a kind from YAML, a day, files that are there or not, what somebody typed.
   base/test.h comes first. */
#pragma once
#include "core/answers.h"
#include "core/kind.h"
#include "formats/json.h"
#include "formats/yaml.h"

#define HEAD "kind: k\nbase: procedure\ntitle: Essai\nfields:\n"

static inline struct kind *kind_from(arena *mem, str yaml)
{
    json_t *v;
    struct kind *k = NULL;
    assert_ok(yaml_parse(mem, yaml, &v));
    assert_ok(kind_parse_any(mem, v, &k));
    return k;
}

static inline bool file_there(void *arg, str id, struct answer_file *out)
{
    (void)arg;
    *out = (struct answer_file){.name = S("photo.jpg"), .type = str_starts(id, S("pdf")) ? S("application/pdf") : S("image/jpeg"), .size_bytes = 1200,
                                .ready = !str_starts(id, S("part"))};
    return !str_starts(id, S("none"));
}

static inline struct answers_env env_of(void)
{
    return (struct answers_env){.zone = S("Europe/Paris"), .now_us = INT64_C(1795000000) * SECOND_US /* 18 November 2026 */, .file = file_there};
}

static inline json_t *json_of(arena *mem, const char *text)
{
    json_t *v;
    assert_ok(json_parse(mem, str_of(text), &v));
    return v;
}

/* Names and what was typed, by turns. */
struct post { const char *const *pairs; };

static inline struct strs typed(void *arg, arena *mem, str name)
{
    const struct post *p = arg;
    struct strs out = {0};
    for (size_t i = 0; p->pairs[i]; i += 2)
        if (str_is(name, p->pairs[i])) PUSH(mem, &out, str_of(p->pairs[i + 1]));
    return out;
}
#define POST(...) (&(struct post){(const char *const[]){__VA_ARGS__, NULL}})
