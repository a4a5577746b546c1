/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Conditions of Démarches simplifiées through a whole form: each operator, its source with a value, blank, or hidden. */
#include "base/test.h"

#include <string.h>

#include "core/answers.h"
#include "formats/ds_descriptor.h"
#include "formats/json.h"

/* A question "go" shows the source s; then comes the question that reads it. */
static json_t *procedure(arena *mem, const char *source, const char *condition)
{
    json_t *d;
    str text = str_fmt(mem, "{'number':7,'title':'T','revision':{'champDescriptors':["
        "{'__typename':'YesNoChampDescriptor','id':'Q2hhbXAtMQ==','label':'go'},"
        "{'id':'Q2hhbXAtMg==','label':'s','condition':['=',['champ','Q2hhbXAtMQ=='],true],%s},"
        "{'__typename':'TextChampDescriptor','id':'Q2hhbXAtMw==','label':'t','condition':['%s',['champ','Q2hhbXAtMg=='],%s]}]}}", source, condition, strchr(condition, 0) + 1);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\'') ((char *)(uintptr_t)text.p)[i] = '"';
    assert_ok(json_parse(mem, text, &d));
    return d;
}

struct row { const char *source, *condition /* operator, then the constant */, *holds, *fails; };

static const struct row rows[] = {
    {"'__typename':'YesNoChampDescriptor'", "=\0true", "true", "false"}, {"'__typename':'YesNoChampDescriptor'", "=\0false", "false", "true"},
    {"'__typename':'YesNoChampDescriptor'", "!=\0false", "true", "false"}, {"'__typename':'YesNoChampDescriptor'", "!=\0true", "false", "true"},
    {"'__typename':'IntegerNumberChampDescriptor'", "=\0" "3", "3", "4"}, {"'__typename':'IntegerNumberChampDescriptor'", "!=\0" "3", "4", "3"},
    {"'__typename':'IntegerNumberChampDescriptor'", "<\0" "3", "2", "3"}, {"'__typename':'IntegerNumberChampDescriptor'", "<=\0" "3", "3", "4"},
    {"'__typename':'IntegerNumberChampDescriptor'", ">\0" "3", "4", "3"}, {"'__typename':'DecimalNumberChampDescriptor'", ">=\0" "3.5", "3.5", "3.4"},
    {"'__typename':'DropDownListChampDescriptor','options':['a','b']", "=\0'a'", "'o1'", "'o2'"}, {"'__typename':'DropDownListChampDescriptor','options':['a','b']", "!=\0'a'", "'o2'", "'o1'"},
    {"'__typename':'MultipleDropDownListChampDescriptor','options':['a','b']", "includes\0'a'", "['o1','o2']", "['o2']"},
    {"'__typename':'MultipleDropDownListChampDescriptor','options':['a','b']", "excludes\0'a'", "['o2']", "['o1','o2']"},
    {"'__typename':'AddressChampDescriptor'", "in-departement\0'88'", "{'street':'1 rue','postcode':'88000','commune':'Épinal'}", "{'street':'1 rue','postcode':'54000','commune':'Nancy'}"},
    {"'__typename':'AddressChampDescriptor'", "not-in-region\0'44'", "{'street':'1 rue','postcode':'75001','commune':'Paris'}", "{'street':'1 rue','postcode':'54000','commune':'Nancy'}"},
    {"'__typename':'CommuneChampDescriptor'", "not-in-departement\0'88'", "'Nancy (54000)'", "'Épinal (88000)'"}, {"'__typename':'EpciChampDescriptor'", "in-region\0'44'", "'88 – Épinal'", "'75 – Paris'"},
    {"'__typename':'DepartementChampDescriptor'", "=\0'88'", "'Vosges'", "'54 – Meurthe-et-Moselle'"}, {"'__typename':'DepartementChampDescriptor'", "!=\0'88'", "'54'", "'88'"},
    {"'__typename':'RegionChampDescriptor'", "=\0'44'", "'Grand Est'", "'Bretagne'"}, {"'__typename':'RegionChampDescriptor'", "!=\0'44'", "'Bretagne'", "'44'"}};

static bool asked(arena *mem, const struct kind *k, const char *go, const char *s)
{
    json_t *doc;
    str text = str_fmt(mem, "{\"%.*s\":%s%s%.*s%s%s}", STR_ARG(k->fields.v[0].id), go, s ? ",\"" : "", s ? (int)k->fields.v[1].id.n : 0, k->fields.v[1].id.p, s ? "\":" : "", s ? s : "");
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\'') ((char *)(uintptr_t)text.p)[i] = '"';
    assert_ok(json_parse(mem, text, &doc));
    return answers_shown(mem, k, &k->fields.v[2], doc, NULL, &(struct answers_env){0});
}

static void a_blank_or_hidden_source_makes_every_comparison_false(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arena *mem = arena_new(0);
        struct ds_import in;
        struct kind *k;
        assert_ok(ds_to_kind(mem, procedure(mem, rows[i].source, rows[i].condition), NULL, &in));
        if (in.notes.n) fail_msg("%s %s: %s", rows[i].source, rows[i].condition, in.notes.v[0].why);
        json_object_set_new(in.kind, "base", json_string("procedure"));
        assert_ok(kind_parse_any(mem, in.kind, &k));
        bool holds = asked(mem, k, "true", rows[i].holds), fails = asked(mem, k, "true", rows[i].fails);
        if (!holds || fails) fail_msg("%s %s: %d %d", rows[i].source, rows[i].condition, holds, fails);
        if (asked(mem, k, "true", NULL)) fail_msg("%s %s: blank holds", rows[i].source, rows[i].condition);
        if (asked(mem, k, "false", rows[i].holds)) fail_msg("%s %s: hidden holds", rows[i].source, rows[i].condition);
        arena_free(mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_blank_or_hidden_source_makes_every_comparison_false)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
