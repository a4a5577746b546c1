/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/ds_descriptor.h"
#include "formats/ds_shape.h"
#include "rules/rules.h"

static arena *mem;
static json_t *fields;

static json_t *json_q(const char *text)
{
    char *copy = arena_alloc(mem, strlen(text) + 1);
    json_t *v = NULL;
    memcpy(copy, text, strlen(text));
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    assert_int_equal(json_parse(mem, str_of(copy), &v).code, OK);
    return v;
}

/* Champ-1 … Champ-5 */
static const char form[] =
    "[{'id':'Q2hhbXAtMQ==','name':'majeur','type':'yesno'},{'id':'Q2hhbXAtMg==','name':'case cochée','type':'checkbox'},"
    "{'id':'Q2hhbXAtMw==','name':'âge','type':'integer'},"
    "{'id':'Q2hhbXAtNA==','name':'moyen','type':'choice','options':[{'id':'o1','label':'Carte'},{'id':'o2','label':{'fr':'Chèque'}}]},"
    "{'id':'Q2hhbXAtNQ==','name':'jours','type':'choices','options':[{'id':'o1','label':'Lundi'},{'id':'o2','label':'Mardi'}]},"
    "{'id':'Q2hhbXAtNg==','name':'adresse','type':'address'},"
    "{'id':'b','name':'bloc','type':'repeat','fields':[{'id':'renamed','name':'enfant','type':'yesno','foreign':{'ds':{'values':{'id':'Q2hhbXAtNw=='}}}}]}]";

static void ids_are_theirs(void **state)
{
    assert_string_equal(ds_id_of(mem, 1).p, "Q2hhbXAtMQ==");
    assert_int_equal(ds_stable_id(S("Q2hhbXAtNA==")), 4);
    assert_int_equal(ds_stable_id(S("UHJvY2VkdXJlLTg4NDQ0")), 0);
    assert_int_equal(ds_stable_id(S("é")), 0);
}

static void says(const char *condition, const char *rule)
{
    json_t *r = NULL;
    err e = ds_condition_to_rule(mem, json_q(condition), fields, &r);
    if (e.code != OK)
        print_message("%s: %s\n", condition, e.msg);
    assert_int_equal(e.code, OK);
    assert_string_equal(json_canonical(mem, r).p, rule);
}

static void both_spellings_become_rules(void **state)
{
    says("['=',['champ','Q2hhbXAtMQ=='],true]", "\"majeur = oui\"");
    says("['!=',['champ','Q2hhbXAtMg=='],false]", "\"case cochée != non\"");
    says("['>=',['champ','Q2hhbXAtMw=='],18.5]", "\"âge >= 18.5\"");
    says("['=',['champ','Q2hhbXAtNA=='],'Chèque']", "\"moyen = 'o2'\"");
    says("['excludes',['champ','Q2hhbXAtNQ=='],'Lundi']", "\"jours != 'o1'\"");
    says("['=',['champ','Q2hhbXAtNw=='],true]", "\"enfant = oui\"");
    says("['and',['=',['champ','Q2hhbXAtMQ=='],true],['or',['<',['champ','Q2hhbXAtMw=='],3],['includes',['champ','Q2hhbXAtNQ=='],'Mardi']]]",
         "{\"toutes ces conditions\":[\"majeur = oui\",{\"une de ces conditions\":[\"âge < 3\",\"jours = 'o2'\"]}]}");
    says("{'term':'Logic::And','operands':[{'term':'Logic::Eq','left':{'term':'Logic::ChampValue','stable_id':1},"
         "'right':{'term':'Logic::Constant','value':true}},{'term':'Logic::NotEq','left':{'term':'Logic::ChampValue','stable_id':4},"
         "'right':{'term':'Logic::Constant','value':'Carte'}}]}",
         "{\"toutes ces conditions\":[\"majeur = oui\",\"moyen != 'o1'\"]}");
}

static void what_a_rule_cannot_say_is_refused(void **state)
{
    static const char *const all[] = {
        "null", "true", "[]", "{}", "['and']", "['xor',true]", "['=',['champ','Q2hhbXAtMQ==']]", "['=',['champ','nobody'],true]",
        "['=',['champ','Q2hhbXAtMQ=='],'oui']", "['<',['champ','Q2hhbXAtMQ=='],true]", "['=',['champ','Q2hhbXAtNA=='],'Espèces']",
        "['includes',['champ','Q2hhbXAtNA=='],'Carte']", "['=',['champ','Q2hhbXAtNQ=='],'Lundi']", "['in-departement',['champ','Q2hhbXAtNg=='],'88']",
        "['empty?',null,null]", "['=',['column','Q2hhbXAtNA==','x'],'a']", "['and',['=',['champ','Q2hhbXAtMQ=='],true],['empty?',null,null]]"};
    json_t *r;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        err e = ds_condition_to_rule(mem, json_q(all[i]), fields, &r);
        if (e.code != E_INVALID)
            print_message("taken: %s\n", all[i]);
        assert_int_equal(e.code, E_INVALID);
    }
}

static void the_text_of_a_condition(void **state)
{
    assert_string_equal(ds_expression(mem, json_q("['and',['=',['champ','a'],'oui'],['>',['champ','b'],1.5],['empty?',null,true]]")).p,
                        "(and (= (champ \"a\") \"oui\") (> (champ \"b\") 1.5) (empty? nil true))");
}

/* ——— truth: theirs, written from their code, against ours ——— */

static uint64_t seed = 7;
static unsigned dice(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

/* Answers: -1 blank or hidden, else the value; jours as bits. */
static int answers[6];

/* BinaryOperator#compute: `l&.send(operation, r) || false`; And and Or are all? and any?. */
static bool theirs(const json_t *c)
{
    str op = json_text(json_array_get(c, 0));

    if (str_is(op, "and") || str_is(op, "or")) {
        bool all = str_is(op, "and");
        for (size_t i = 1; i < json_array_size(c); i++)
            if (theirs(json_array_get(c, i)) != all)
                return !all;
        return all;
    }
    int64_t which = ds_stable_id(json_text(json_path(c, "[1][1]")));
    const json_t *right = json_array_get(c, 2);
    int left = answers[which];
    if (left < 0)
        return false;
    if (which == 5)
        return ((left >> str_is(json_text(right), "Mardi")) & 1) == str_is(op, "includes");
    int r = json_is_integer(right) ? (int)json_integer_value(right) : json_is_boolean(right) ? json_is_true(right) : str_is(json_text(right), "Chèque");
    return str_is(op, "=") ? left == r : str_is(op, "!=") ? left != r : str_is(op, "<") ? left < r : str_is(op, "<=") ? left <= r
         : str_is(op, ">") ? left > r : left >= r;
}

static struct rule_value ours(void *arg, str name)
{
    static str chosen[2];
    struct rule_value v = {0};
    const char *const names[] = {"", "majeur", "case cochée", "âge", "moyen", "jours"};
    int which = 1;

    while (!str_is(name, names[which]))
        which++;
    int a = answers[which];
    if (a < 0)
        return v;
    if (which <= 2)
        return (struct rule_value){.kind = RULE_BOOL, .b = a};
    if (which == 3)
        return (struct rule_value){.kind = RULE_NUMBER, .number = a};
    if (which == 4)
        return (struct rule_value){.kind = RULE_TEXT, .text = a ? S("o2") : S("o1")};
    v = (struct rule_value){.kind = RULE_LIST, .list = {chosen, 0}};
    for (int i = 0; i < 2; i++)
        if (a >> i & 1)
            chosen[v.list.n++] = i ? S("o2") : S("o1");
    return v;
}

static json_t *grow(int depth)
{
    if (depth > 0 && dice(3) > 0) {
        json_t *c = json_pack("[s]", dice(2) ? "and" : "or");
        for (unsigned i = 0, n = 1 + dice(3); i < n; i++)
            json_array_append_new(c, grow(depth - 1));
        return c;
    }
    int which = 1 + (int)dice(5);
    const char *op = which == 5 ? (dice(2) ? "includes" : "excludes") : (const char *[]){"=", "!=", "<", "<=", ">", ">="}[dice(which == 3 ? 6 : 2)];
    json_t *right = which <= 2 ? json_boolean(dice(2)) : which == 3 ? json_integer(dice(3))
                  : json_string(which == 4 ? (dice(2) ? "Chèque" : "Carte") : dice(2) ? "Mardi" : "Lundi");
    return json_pack("[s,[s,s],o]", op, "champ", ds_id_of(mem, which).p, right);
}

static void has_the_same_truth(void **state)
{
    static const int highest[] = {0, 1, 1, 2, 1, 3};

    for (int k = 0; k < 200; k++) {
        json_t *c = json_own(mem, grow(3)), *rule, *back, *again;
        struct rule *r;
        assert_int_equal(ds_condition_to_rule(mem, c, fields, &rule).code, OK);
        assert_int_equal(rule_parse_json(mem, rule, &r).code, OK);
        for (int code = 0; code < 3 * 3 * 4 * 3 * 5; code++) {
            for (int i = 1, rest = code; i <= 5; i++) {
                int n = highest[i] + 2;
                answers[i] = rest % n - 1;
                rest /= n;
            }
            assert_int_equal(rule_eval(r, ours, NULL) == RULE_TRUE, theirs(c));
        }
        /* and it goes back as it came */
        assert_int_equal(rule_to_ds_condition(mem, rule, fields, &back).code, OK);
        assert_true(json_equal(back, c));
        assert_int_equal(ds_condition_to_rule(mem, back, fields, &again).code, OK);
        assert_true(json_equal(again, rule));
    }
}

static void a_form_keeps_its_conditions(void **state)
{
    json_t *d = json_q("{'title':'T','revision':{'champDescriptors':["
        "{'__typename':'YesNoChampDescriptor','id':'Q2hhbXAtMQ==','label':'A','condition':null,'conditionExpression':null},"
        "{'__typename':'DropDownListChampDescriptor','id':'Q2hhbXAtMg==','label':'B','options':['x','y'],"
        "'condition':['=',['champ','Q2hhbXAtMQ=='],true],'conditionExpression':'whatever'},"
        "{'__typename':'TextChampDescriptor','id':'Q2hhbXAtMw==','label':'C','condition':['in-region',['champ','Q2hhbXAtMQ=='],'44'],"
        "'conditionExpression':'(in-region …)'},"
        "{'__typename':'TextChampDescriptor','id':'Q2hhbXAtNA==','label':'D','condition':['=',['champ','Q2hhbXAtNQ=='],true]},"
        "{'__typename':'YesNoChampDescriptor','id':'Q2hhbXAtNQ==','label':'E','condition':['and',['=',['champ','Q2hhbXAtMg=='],'y']]}],"
        "'ineligibilite':{'message':'non','rule':['=',['champ','Q2hhbXAtMQ=='],false]}}}");
    struct ds_import in;
    json_t *back;

    assert_int_equal(ds_to_kind(mem, d, NULL, &in).code, OK);
    assert_int_equal(in.notes.n, 3);
    assert_string_equal(in.notes.v[0].at, "revision.champDescriptors[2].condition");
    assert_string_equal(in.notes.v[1].at, "revision.champDescriptors[3].condition");        /* it reads what stands below */
    assert_string_equal(in.notes.v[2].at, "revision.ineligibilite");
    assert_string_equal(json_str(json_path(in.kind, "fields[1]"), "when").p, "A = oui");
    assert_string_equal(json_canonical(mem, json_path(in.kind, "fields[4].when")).p, "{\"toutes ces conditions\":[\"B = 'o2'\"]}");
    assert_int_equal(kind_to_ds(mem, in.kind, &back).code, OK);
    assert_string_equal(json_pretty(mem, back).p, json_pretty(mem, d).p);
    /* an option renamed: the condition follows, its text too */
    json_object_set_new(json_path(in.kind, "fields[1].options[1]"), "label", json_string("z"));
    json_object_set_new(json_path(in.kind, "fields[1]"), "when", json_string("A = non"));
    assert_int_equal(kind_to_ds(mem, in.kind, &back).code, OK);
    assert_string_equal(json_canonical(mem, json_path(back, "revision.champDescriptors[4].condition")).p,
                        "[\"and\",[\"=\",[\"champ\",\"Q2hhbXAtMg==\"],\"z\"]]");
    assert_string_equal(json_str(json_path(back, "revision.champDescriptors[1]"), "conditionExpression").p,
                        "(= (champ \"Q2hhbXAtMQ==\") false)");
}

static int open_arena(void **state)
{
    mem = arena_new(0);
    fields = json_q(form);
    return 0;
}

static int close_arena(void **state)
{
    arena_free(mem);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_are_theirs, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(both_spellings_become_rules, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_a_rule_cannot_say_is_refused, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_text_of_a_condition, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(has_the_same_truth, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_form_keeps_its_conditions, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
