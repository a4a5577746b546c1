/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/ds_descriptor.h"
#include "formats/ds_shape.h"
#include "rules/engine.h"
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

/* Champ-1 … Champ-9 */
static const char form[] =
    "[{'id':'Q2hhbXAtMQ==','name':'majeur','type':'yesno'},{'id':'Q2hhbXAtMg==','name':'case cochée','type':'checkbox'},"
    "{'id':'Q2hhbXAtMw==','name':'âge','type':'integer'},"
    "{'id':'Q2hhbXAtNA==','name':'moyen','type':'choice','options':[{'id':'o1','label':'Carte'},{'id':'o2','label':{'fr':'Chèque'}}]},"
    "{'id':'Q2hhbXAtNQ==','name':'jours','type':'choices','options':[{'id':'o1','label':'Lundi'},{'id':'o2','label':'Mardi'}]},"
    "{'id':'Q2hhbXAtNg==','name':'adresse','type':'address'},"
    "{'id':'Q2hhbXAtOA==','name':'dép','type':'departement'},{'id':'Q2hhbXAtOQ==','name':'rég','type':'region'},"
    "{'id':'Q2hhbXAtMTA=','name':'commune','type':'commune'},{'id':'Q2hhbXAtMTE=','name':'agglo','type':'epci'},"
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
    says("['excludes',['champ','Q2hhbXAtNQ=='],'Lundi']", "\"jours . o1 = non\"");
    says("['=',['champ','Q2hhbXAtNw=='],true]", "\"enfant = oui\"");
    says("['in-departement',['champ','Q2hhbXAtNg=='],'88']", "\"adresse . département = '88'\"");
    says("['not-in-departement',['champ','Q2hhbXAtMTA='],'2A']", "\"commune . département != '2A'\"");
    says("['not-in-region',['champ','Q2hhbXAtMTE='],'44']", "\"agglo . région != '44'\"");
    says("['in-region',['champ','Q2hhbXAtOA=='],'44']", "\"dép . région = '44'\"");
    says("['!=',['champ','Q2hhbXAtOA=='],'88']", "\"dép . département != '88'\"");
    says("['=',['champ','Q2hhbXAtOQ=='],'44']", "\"rég . région = '44'\"");
    says("['and',['=',['champ','Q2hhbXAtMQ=='],true],['empty?',null,null]]", "{\"toutes ces conditions\":[\"majeur = oui\"]}");
    says("['and',['=',['champ','Q2hhbXAtMQ=='],true],['or',['<',['champ','Q2hhbXAtMw=='],3],['includes',['champ','Q2hhbXAtNQ=='],'Mardi']]]",
         "{\"toutes ces conditions\":[\"majeur = oui\",{\"une de ces conditions\":[\"âge < 3\",\"jours . o2 = oui\"]}]}");
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
        "['includes',['champ','Q2hhbXAtNA=='],'Carte']", "['=',['champ','Q2hhbXAtNQ=='],'Lundi']", "['in-departement',['champ','Q2hhbXAtOQ=='],'88']",
        "['in-departement',['champ','Q2hhbXAtNg=='],88]", "['in-region',['champ','Q2hhbXAtMQ=='],'44']", "['in-archipel',['champ','Q2hhbXAtMTA='],'Marquises']",
        "['=',['champ','Q2hhbXAtNg=='],'88']", "['<',['champ','Q2hhbXAtOA=='],'88']", "['=',['column','Q2hhbXAtNA==','x'],'a']",
        "{'term':'Logic::InArchipelOperator','left':{'term':'Logic::ChampValue','stable_id':10},'right':{'term':'Logic::Constant','value':'Marquises'}}"};
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

/* The sources, and how many values each takes: yes/no, box, number, choice, choices (bits), address, département, region, commune, EPCI. */
static const struct { int champ; const char *name; int values; } sources[] = {
    {1, "majeur", 2}, {2, "case cochée", 2}, {3, "âge", 3}, {4, "moyen", 2}, {5, "jours", 4}, {6, "adresse", 3}, {8, "dép", 3}, {9, "rég", 2}, {10, "commune", 3}, {11, "agglo", 3}};
#define N_SOURCES 10
static const char *const departement_codes[] = {"88", "67", "2A"}, *const region_codes[] = {"44", "44", "94"}, *const two_regions[] = {"44", "94"};

/* Answers by the number of the champ: -1 blank or hidden, else which of its values. */
static int answers[12];

static bool place_says(str op, const char *code, str wanted)
{
    return str_is(wanted, code) == !(str_is(op, "!=") || str_starts(op, S("not-")));
}

/* As their code computes: And and Or are all? and any?; a source that says nothing makes its operator false, whichever it is; the empty
   operator is true. */
static bool theirs(const json_t *c)
{
    str op = json_text(json_array_get(c, 0));

    if (str_is(op, "empty?"))
        return true;
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
    if (which == 9)
        return place_says(op, two_regions[left], json_text(right));
    if (which >= 6)
        return place_says(op, str_ends(op, S("region")) ? region_codes[left] : departement_codes[left], json_text(right));
    int r = json_is_integer(right) ? (int)json_integer_value(right) : json_is_boolean(right) ? json_is_true(right) : str_is(json_text(right), "Chèque");
    return str_is(op, "=") ? left == r : str_is(op, "!=") ? left != r : str_is(op, "<") ? left < r : str_is(op, "<=") ? left <= r
         : str_is(op, ">") ? left > r : left >= r;
}

static void put(json_t *situation, const char *name, const char *part, str value)
{
    json_object_set_new(situation, part ? str_fmt(mem, "%s . %s", name, part).p : name, json_from_str(value));
}

/* The names a form gives to rules, for the answers as they are: nothing of what is blank or hidden. */
static json_t *situation_now(void)
{
    json_t *s = json_own(mem, json_object());

    for (size_t i = 0; i < N_SOURCES; i++) {
        const char *name = sources[i].name;
        int champ = sources[i].champ, v = answers[champ];
        if (v < 0)
            continue;
        if (champ <= 2)
            put(s, name, NULL, v ? S("oui") : S("non"));
        else if (champ == 3)
            put(s, name, NULL, str_fmt(mem, "%d", v));
        else if (champ == 4)
            put(s, name, NULL, v ? S("'o2'") : S("'o1'"));
        else if (champ == 5)
            put(s, name, "o1", v & 1 ? S("oui") : S("non")), put(s, name, "o2", v & 2 ? S("oui") : S("non"));
        else
            put(s, name, "région", str_fmt(mem, "'%s'", champ == 9 ? two_regions[v] : region_codes[v]));
        if (champ >= 6 && champ != 9)
            put(s, name, "département", str_fmt(mem, "'%s'", departement_codes[v]));
    }
    return s;
}

/* One rulebase: the form's names and the rule "condition". */
static struct evaluator *form_with(json_t *rule, struct rulebase **base)
{
    static const char *const parts[][2] = {{"o1", "o2"}, {"département", "région"}};
    json_t *rules = json_own(mem, json_object());
    struct rule_fault f = {0};

    for (size_t i = 0; i < N_SOURCES; i++) {
        json_object_set_new(rules, sources[i].name, sources[i].champ < 5 ? json_pack("{s:s}", "question", "?") : json_null());
        for (int k = 0; k < 2 && sources[i].champ >= 5; k++)
            json_object_set_new(rules, str_fmt(mem, "%s . %s", sources[i].name, parts[sources[i].champ > 5][k]).p, json_pack("{s:s}", "question", "?"));
    }
    json_object_set_new(rules, "condition", json_pack("{s:O}", "valeur", rule));
    err e = rulebase_new(base, rules, NULL, &f);
    if (e.code != OK)
        print_message("%.*s: %.*s\n", STR_ARG(f.rule), STR_ARG(f.message));
    assert_int_equal(e.code, OK);
    return evaluator_new(*base, NULL);
}

/* What is not known is false at the top. */
static bool engine_says(struct evaluator *ev)
{
    struct rule_fault f = {0};
    struct rule_answer a;

    assert_int_equal(evaluator_situation(ev, situation_now(), &f).code, OK);
    assert_int_equal(evaluator_value(ev, S("condition"), &a, &f).code, OK);
    assert_true(a.kind == ANSWER_UNDEFINED || a.kind == ANSWER_BOOL);
    return a.kind == ANSWER_BOOL && a.b;
}

/* The operators and constants that their editor offers for a source. */
static json_t *atom_for(size_t source, unsigned op, unsigned constant)
{
    static const char *const plain[] = {"=", "!=", "<", "<=", ">", ">="}, *const among[] = {"includes", "excludes"},
        *const where[] = {"in-departement", "not-in-departement", "in-region", "not-in-region"};
    static const char *const labels[2][2] = {{"Carte", "Chèque"}, {"Lundi", "Mardi"}};
    int champ = sources[source].champ;
    const char *says = champ == 5 ? among[op % 2] : champ == 9 || champ == 8 ? (const char *[]){"=", "!=", "in-region", "not-in-region"}[op % (champ == 9 ? 2 : 4)]
                     : champ >= 6 ? where[op % 4] : plain[op % (champ == 3 ? 6 : 2)];
    const char *code = champ == 9 || strstr(says, "region") ? (const char *[]){"44", "94", "11"}[constant % 3] : (const char *[]){"88", "2A", "75"}[constant % 3];
    json_t *right = champ <= 2 ? json_boolean(constant % 2) : champ == 3 ? json_integer((json_int_t)(constant % 3))
                  : json_string(champ <= 5 ? labels[champ - 4][constant % 2] : code);

    return json_pack("[s,[s,s],o]", says, "champ", ds_id_of(mem, champ).p, right);
}

static void agree(const json_t *c, struct evaluator *ev)
{
    bool us = engine_says(ev), them = theirs(c);
    if (us != them)
        print_message("%s: %d, theirs %d\n%s\n", json_canonical(mem, c).p, us, them, json_canonical(mem, situation_now()).p);
    assert_int_equal(us, them);
}

static void each_operator_in_each_state(void **state)
{
    memset(answers, -1, sizeof answers);
    for (size_t source = 0; source < N_SOURCES; source++)
        for (unsigned op = 0; op < 6; op++)
            for (unsigned constant = 0; constant < 3; constant++) {
                json_t *c = json_own(mem, atom_for(source, op, constant)), *rule;
                struct rulebase *base;
                assert_int_equal(ds_condition_to_rule(mem, c, fields, &rule).code, OK);
                struct evaluator *ev = form_with(rule, &base);
                for (int v = -1; v < sources[source].values; v++) {
                    answers[sources[source].champ] = v;
                    agree(c, ev);
                }
                answers[sources[source].champ] = -1;
                evaluator_free(ev);
                rulebase_free(base);
            }
}

static json_t *grow(int depth)
{
    if (depth > 0 && dice(3) > 0) {
        json_t *c = json_pack("[s]", dice(2) ? "and" : "or");
        for (unsigned i = 0, n = 1 + dice(3); i < n; i++)
            json_array_append_new(c, grow(depth - 1));
        return c;
    }
    return atom_for(dice(N_SOURCES), dice(12), dice(6));
}

static void trees_have_the_same_truth(void **state)
{
    for (int k = 0; k < 120; k++) {
        json_t *c = json_own(mem, grow(3)), *rule, *back, *again;
        struct rulebase *base;
        assert_int_equal(ds_condition_to_rule(mem, c, fields, &rule).code, OK);
        struct evaluator *ev = form_with(rule, &base);
        for (int round = 0; round < 150; round++) {
            for (size_t i = 0; i < N_SOURCES; i++)
                answers[sources[i].champ] = (int)dice((unsigned)sources[i].values + 1) - 1;
            agree(c, ev);
        }
        evaluator_free(ev);
        rulebase_free(base);
        /* and it goes back as it came */
        assert_int_equal(rule_to_ds_condition(mem, rule, fields, &back).code, OK);
        assert_string_equal(json_canonical(mem, back).p, json_canonical(mem, c).p);
        assert_int_equal(ds_condition_to_rule(mem, back, fields, &again).code, OK);
        assert_true(json_equal(again, rule));
    }
}

static void what_is_always_true_asks_nothing(void **state)
{
    static const char *const always[] = {"['empty?',null,null]", "['or',['=',['champ','Q2hhbXAtMQ=='],true],['empty?',null,null]]", "['and',['empty?',null,null]]",
        "{'term':'Logic::And','operands':[{'term':'Logic::EmptyOperator','left':{'term':'Logic::Empty'},'right':{'term':'Logic::Empty'}}]}"};
    json_t *rule;
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        assert_int_equal(ds_condition_to_rule(mem, json_q(always[i]), fields, &rule).code, OK);
        assert_null(rule);
    }
    /* none of what menus deny: said with the contraries, since theirs has no negation */
    json_t *c;
    assert_int_equal(rule_to_ds_condition(mem, json_q("{'variations':[{'si':{'une de ces conditions':['majeur','âge < 18']},'alors':'non'},{'sinon':'oui'}]}"), fields, &c).code, OK);
    assert_string_equal(json_canonical(mem, c).p, "[\"and\",[\"=\",[\"champ\",\"Q2hhbXAtMQ==\"],false],[\">=\",[\"champ\",\"Q2hhbXAtMw==\"],18]]");
    assert_int_equal(rule_to_ds_condition(mem, json_q("{'est défini':'âge'}"), fields, &c).code, E_INVALID);
    /* an option read the older way */
    assert_int_equal(rule_to_ds_condition(mem, json_own(mem, json_string("jours != 'o1'")), fields, &c).code, OK);
    assert_string_equal(json_canonical(mem, c).p, "[\"excludes\",[\"champ\",\"Q2hhbXAtNQ==\"],\"Lundi\"]");
}

static void a_form_keeps_its_conditions(void **state)
{
    json_t *d = json_q("{'title':'T','revision':{'champDescriptors':["
        "{'__typename':'YesNoChampDescriptor','id':'Q2hhbXAtMQ==','label':'A','condition':null,'conditionExpression':null},"
        "{'__typename':'DropDownListChampDescriptor','id':'Q2hhbXAtMg==','label':'B','options':['x','y'],"
        "'condition':['=',['champ','Q2hhbXAtMQ=='],true],'conditionExpression':'whatever'},"
        "{'__typename':'TextChampDescriptor','id':'Q2hhbXAtMw==','label':'C','condition':['in-archipel',['champ','Q2hhbXAtMQ=='],'44'],"
        "'conditionExpression':'(in-archipel …)'},"
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
        cmocka_unit_test_setup_teardown(each_operator_in_each_state, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(trees_have_the_same_truth, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_always_true_asks_nothing, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_form_keeps_its_conditions, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
