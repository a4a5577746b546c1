/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>

#include "core/answers.h"
#include "core/form_paper.h"
#include "core/kind_edit.h"
#include "formats/json.h"
#include "formats/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct strs typed_nothing(void *arg, arena *mem, str name)
{
    (void)arg, (void)mem, (void)name;
    return (struct strs){0};
}

/* A definition that is refused says where; one that is taken can be drawn, described, and read back from nothing. Its example is
   accepted, unless it needs a file, or an option there is none of. */
static void use(arena *mem, const struct kind *k)
{
    struct answers_env env = {.zone = S("Europe/Paris"), .now_us = 1};
    struct form_pages pages = kind_pages(mem, k);
    const json_t *schema = kind_schema(k, mem, &env), *example = json_array_get(json_object_get(schema, "examples"), 0);
    struct answer_faults faults = {0};
    json_t *out, *again;
    size_t end = 0;
    for (size_t i = 0; i < pages.n; i++) {
        buf html = BUF((size_t)16 << 20);
        struct form_draw d = {.out = &html, .mem = mem, .env = &env, .kind = k, .doc = example, .base_url = S("/x")};
        if (pages.v[i].from < end || pages.v[i].to < pages.v[i].from) abort();
        end = pages.v[i].to;
        form_draw_page(&d, &pages.v[i]);
        if (answers_read(k, &pages.v[i], mem, example, typed_nothing, NULL, &env, true, &out, &faults).code != OK) abort();
        buf_free(&html);
    }
    answers_lines(mem, k, example, &env, false, true);
    struct tenant tenant = {.zone = S("Europe/Paris")};
    struct paper paper;
    struct form_paper form = {.tenant = &tenant, .kind = k, .env = &env};
    if (form_paper(mem, &form, &paper).code != OK || !paper_json(mem, &paper).n) abort();
    faults = (struct answer_faults){0};
    if (answers_check(k, mem, example, &env, false, &out, &faults).code != OK) abort();
    if (faults.n) return;
    if (answers_check(k, mem, out, &env, false, &again, &faults).code != OK || faults.n || !json_equal(out, again)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    json_t *v;
    struct kind *k;
    if (size < 20000 && yaml_parse(mem, (str){(const char *)data, size}, &v).code == OK) {
        err e = kind_parse_any(mem, v, &k);
        if (e.code != OK && (e.code != E_INVALID || !e.msg || !e.at)) abort();
        if (e.code == OK && k->fields_walk < 200) use(mem, k);
    }
    arena_free(mem);
    return 0;
}
