/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/rule_files.h"

#include "formats/yaml.h"
#include "main/exchange.h"
#include "rules/imports.h"

bool rule_file_is(str name)
{
    return str_ends(name, S(".yaml")) || str_ends(name, S(".yml")) || str_ends(name, S(".json")) || str_ends(name, S(".publicodes"));
}

err rule_file_read(struct run *r, str file, json_t **out)
{
    str text;
    TRY(file_text(r->mem, file, &text));
    return str_ends(file, S(".json")) ? json_parse_max(r->mem, text, RULES_BYTES_MOST, out) : yaml_parse(r->mem, text, out);
}

int rule_file_fail(struct run *r, str file, err e)
{
    e.at = str_z(r->mem, str_fmt(r->mem, "%.*s%s%s", STR_ARG(file), e.at ? ": " : "", e.at ? e.at : ""));
    return run_fail(r, e);
}

static int tell_fault(struct run *r, str file, const struct rule_fault *f)
{
    run_tell(r, "%.*s%s%.*s: %.*s\n", STR_ARG(file), f->rule.n ? ": " : "", STR_ARG(f->rule), STR_ARG(f->message));
    return FAULT_FOUND;
}

/* transport.model.json, transport.yaml: the package « transport ». */
static str package_name(str file)
{
    for (ptrdiff_t slash; (slash = str_find_char(file, '/')) >= 0;) file = str_cut(file, (size_t)slash + 1, file.n);
    ptrdiff_t dot = str_find_char(file, '.');
    return dot < 0 ? file : str_cut(file, 0, (size_t)dot);
}

static bool is_imported(struct run *r, const struct rule_package *all, size_t n, str name)
{
    for (size_t i = 0; i < n; i++) {
        str *names;
        size_t k = rules_imported(r->mem, all[i].rules, &names);
        while (k-- > 0)
            if (str_eq(names[k], name)) return true;
    }
    return false;
}

/* Of several files one base; those that others import are packages. */
int rule_base_read(struct run *r, struct strs files, bool filter_choices, struct rulebase **out)
{
    json_t *all = json_own(r->mem, json_object()), *one, *v;
    const char *name;
    struct rule_fault fault;
    struct rulebase_options options = {.filter_choices = filter_choices};
    struct rule_package *read = NEW_N(r->mem, struct rule_package, files.n + 1);
    for (size_t i = 0; i < files.n; i++) {
        err e = rule_file_read(r, files.v[i], &read[i].rules);
        if (e.code != OK) return rule_file_fail(r, files.v[i], e);
        read[i].name = package_name(files.v[i]);
    }
    for (size_t i = 0; i < files.n; i++) {
        if (is_imported(r, read, files.n, read[i].name)) continue;
        if (rules_import(r->mem, read[i].rules, read, files.n, &one, &fault).code != OK) return tell_fault(r, files.v[i], &fault);
        json_object_foreach(one, name, v) {
            if (json_object_get(all, name)) return rule_file_fail(r, files.v[i], FAIL_AT(E_EXISTS, W("rules.twice"), name));
            json_object_set(all, name, v);
        }
    }
    err e = rulebase_new(out, all, &options, &fault);
    if (e.code == OK) return DONE;
    return tell_fault(r, str_join(r->mem, files, S(", ")), &fault);
}
