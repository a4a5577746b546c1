/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/ds_descriptor.h"
#include "formats/ds_types.h"
#include "rules/rules.h"
#include "shared_data.h"

static arena *mem;

static json_t *json_of(str text)
{
    json_t *v = NULL;
    err e = json_parse(mem, text, &v);
    if (e.code != OK)
        print_message("%s at %s in %.*s\n", e.msg, e.at ? e.at : "-", STR_ARG(str_cut(text, 0, 300)));
    assert_int_equal(e.code, OK);
    return v;
}

/* Apostrophes for quotes, so that JSON can be read in C. */
static json_t *json_q(const char *text)
{
    char *copy = arena_alloc(mem, strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    return json_of(str_of(copy));
}

static struct ds_import imported(const json_t *descriptor, const json_t *previous)
{
    struct ds_import in;
    err e = ds_to_kind(mem, descriptor, previous, &in);
    if (e.code != OK)
        print_message("%s at %s\n", e.msg, e.at ? e.at : "-");
    assert_int_equal(e.code, OK);
    return in;
}

static json_t *exported(const json_t *kind)
{
    json_t *d = NULL;
    assert_int_equal(kind_to_ds(mem, kind, &d).code, OK);
    return d;
}

static void same_json(const json_t *a, const json_t *b)
{
    str x = json_pretty(mem, a), y = json_pretty(mem, b);
    if (!str_eq(x, y)) {
        size_t i = 0;
        while (i < x.n && i < y.n && x.p[i] == y.p[i])
            i++;
        size_t from = i > 200 ? i - 200 : 0;
        print_message("first difference after:\n%.*s\n--- one: %.*s\n--- other: %.*s\n", STR_ARG(str_cut(x, from, i)),
                      STR_ARG(str_cut(x, i, i + 200)), STR_ARG(str_cut(y, i, i + 200)));
    }
    assert_true(str_eq(x, y));
}

/* There and back, keys in order; again without a change; and again from the stored text of the kind. */
static struct ds_import round_trip(const json_t *descriptor)
{
    struct ds_import in = imported(descriptor, NULL);
    same_json(exported(in.kind), descriptor);
    str text = json_canonical(mem, in.kind);
    json_t *stored;
    assert_int_equal(json_parse_max(mem, text, (size_t)64 << 20, &stored).code, OK);
    assert_true(str_eq(json_canonical(mem, imported(descriptor, NULL).kind), text));
    assert_true(str_eq(json_canonical(mem, imported(descriptor, stored).kind), text));
    assert_true(json_equal(exported(stored), descriptor));
    return in;
}

/* How many values differ, and where the last one is. */
static int differences(const json_t *a, const json_t *b, str at, str *where)
{
    int n = 0;

    if (json_equal(a, b))
        return 0;
    if (json_is_object(a) && json_is_object(b)) {
        json_t *all = json_own(mem, json_copy((union { const json_t *in; json_t *out; }){a}.out));
        json_object_update(all, (union { const json_t *in; json_t *out; }){b}.out);
        for (void *it = json_object_iter(all); it; it = json_object_iter_next(all, it)) {
            const char *key = json_object_iter_key(it);
            n += differences(json_object_get(a, key), json_object_get(b, key), str_fmt(mem, "%.*s.%s", STR_ARG(at), key), where);
        }
        return n;
    }
    if (json_is_array(a) && json_is_array(b) && json_array_size(a) == json_array_size(b)) {
        for (size_t i = 0; i < json_array_size(a); i++)
            n += differences(json_array_get(a, i), json_array_get(b, i), str_fmt(mem, "%.*s[%zu]", STR_ARG(at), i), where);
        return n;
    }
    *where = at;
    return 1;
}

static json_t *protected_species(void)
{
    str text;
    return shared_data(mem, "procedures/derogation-especes-protegees.json", &text) ? json_of(text) : NULL;
}

static void the_real_procedure_comes_and_goes(void **state)
{
    json_t *d = protected_species();
    if (!d)
        return;
    struct ds_import in = round_trip(d);
    assert_int_equal(in.n_fields, 103);
    assert_int_equal(in.unknown.n, 0);
    assert_int_equal(in.notes.n, 0);
    assert_string_equal(json_str(in.kind, "kind").p, "d88444");
    assert_string_equal(json_str(json_path(in.kind, "fields[2]"), "name").p, "Nom du projet premettant de l'identifier clairement");
    assert_string_equal(json_str(json_path(in.kind, "fields[4].options[2]"), "id").p, "o3");
    assert_true(str_starts(json_str(json_path(in.kind, "settings"), "legal_basis"), S("https://www.legifrance.gouv.fr/")));
    assert_true(in.remaining.n > 0);
}

static void an_edit_in_the_kind_is_the_whole_difference(void **state)
{
    json_t *d = protected_species();
    str where = STR_NONE;
    if (!d)
        return;
    json_t *kind = json_own(mem, json_deep_copy(imported(d, NULL).kind)), *fields = json_object_get(kind, "fields");

    /* one label */
    json_object_set_new(json_path(kind, "fields[5].label"), "fr", json_string("Un autre libellé"));
    assert_int_equal(differences(d, exported(kind), S(""), &where), 1);
    assert_string_equal(where.p, ".revision.champDescriptors[5].label");
    json_object_set(json_path(kind, "fields[5]"), "label", json_path(imported(d, NULL).kind, "fields[5].label"));
    assert_int_equal(differences(d, exported(kind), S(""), &where), 0);

    /* one option */
    json_array_append_new(json_path(kind, "fields[4].options"), json_pack("{s:s,s:s}", "id", "o999", "label", "Une de plus"));
    json_t *wanted = json_own(mem, json_deep_copy(d));
    json_array_append_new(json_path(wanted, "revision.champDescriptors[4].options"), json_string("Une de plus"));
    same_json(exported(kind), wanted);
    json_array_remove(json_path(kind, "fields[4].options"), json_array_size(json_path(kind, "fields[4].options")) - 1);

    /* one field moved */
    json_t *moved = json_incref(json_array_get(fields, 10)), *list = json_path(wanted, "revision.champDescriptors");
    json_array_remove(fields, 10);
    json_array_insert_new(fields, 3, moved);
    json_array_remove(json_path(wanted, "revision.champDescriptors[4].options"),
                      json_array_size(json_path(wanted, "revision.champDescriptors[4].options")) - 1);
    moved = json_incref(json_array_get(list, 10));
    json_array_remove(list, 10);
    json_array_insert_new(list, 3, moved);
    same_json(exported(kind), wanted);
}

static void settings_of_the_town_do_not_show_in_the_descriptor(void **state)
{
    json_t *d = protected_species();
    if (!d)
        return;
    json_t *kind = json_own(mem, json_deep_copy(imported(d, NULL).kind));
    json_object_set_new(json_object_get(kind, "settings"), "service",
                        json_pack("{s:s,s:s}", "name", "Environnement", "postal_address", "1 rue du Lycée"));
    json_object_set_new(json_object_get(kind, "settings"), "silence", json_pack("{s:s}", "means", "rejection"));
    json_object_set_new(json_path(kind, "fields[2]"), "purpose", json_string("Suivre le projet"));
    json_object_set_new(json_path(kind, "fields[2]"), "public", json_true());
    json_object_set_new(json_path(kind, "fields[2]"), "name", json_string("nom du projet"));
    same_json(exported(kind), d);
    /* and stay when the same file comes again */
    struct ds_import again = imported(d, kind);
    assert_true(json_equal(again.kind, kind));
    assert_int_equal(again.remaining.n, 8);
}

#define FIELD(members_) "{'title':'T','number':7,'revision':{'champDescriptors':[{'__typename':" members_ "}]}}"

static void spellings_are_kept(void **state)
{
    static const char *const all[] = {
        /* nulls, empty texts, missing keys, keys in another order */
        FIELD("'TextChampDescriptor','id':'a','label':'L','description':null,'required':false"),
        FIELD("'TextChampDescriptor','id':'a','label':'','description':'  ','required':true"),
        FIELD("'TextChampDescriptor','label':'L'"),
        FIELD("'TextChampDescriptor','required':null,'label':'L','id':'a'"),
        FIELD("'TextChampDescriptor','id':12,'label':'L'"),
        FIELD("'TextChampDescriptor','id':'a/b+c','label':'L'"),
        FIELD("'HeaderSectionChampDescriptor','id':'a','label':'L','description':'','required':true,'level':null"),
        FIELD("'HeaderSectionChampDescriptor','id':'a','label':'L','description':'','required':false,'level':7"),
        FIELD("'HeaderSectionChampDescriptor','id':'a','label':'L','description':'','required':false"),
        FIELD("'TextChampDescriptor','id':'a','label':'L','level':2,'options':['x'],'otherOption':true,'champDescriptors':null"),
        FIELD("'PieceJustificativeChampDescriptor','id':'a','label':'L','description':'','required':false,'fileTemplate':{'filename':'x','url':'u'}"),
        FIELD("'DropDownListChampDescriptor','id':'a','label':'L','description':'','required':false,'options':[],'otherOption':true"),
        FIELD("'DropDownListChampDescriptor','id':'a','label':'L','options':null"),
        FIELD("'DropDownListChampDescriptor','id':'a','label':'L','options':['','x',' x ','x','y'],'otherOption':null"),
        FIELD("'LinkedDropDownListChampDescriptor','id':'a','label':'L','options':['--A--','a1','a2','--B--','--C--','C','--D--','d','--D--','e']"),
        FIELD("'LinkedDropDownListChampDescriptor','id':'a','label':'L','options':['orphan',' --A-- ','-- B --','','b']"),
        FIELD("'NewThingChampDescriptor','id':'a','label':'L','options':['x'],'champDescriptors':[{'a':1}],'colour':[1.0,{'x':null}]"),
        FIELD("'PaysChampDescriptor','id':'a','label':'L','options':[{'name':'France','code':'FR'}]"),
        FIELD("'DateChampDescriptor','id':'a','label':'L','birthdate':true"),
        FIELD("'RepetitionChampDescriptor','id':'a','label':'L','champDescriptors':null"),
        FIELD("'RepetitionChampDescriptor','id':'a','label':'L','champDescriptors':[{'__typename':'TextChampDescriptor','id':'b','label':'M','x':[]}],'rows':3"),
        /* the old API */
        "{'title':'T','revision':{'champDescriptors':[{'id':'a','type':'drop_down_list','label':'L','description':'','required':true,"
        "'options':['x'],'champDescriptors':null},{'id':'b','type':'engagement','label':'M','description':null,'required':true,"
        "'options':null,'champDescriptors':null},{'id':'c','type':'titre_identite','label':'N'},{'id':'d','type':'strange','label':'N'},"
        "{'id':'e','type':'repetition','label':'R','champDescriptors':[{'id':'f','type':'text','label':'S'}]}],'annotationDescriptors':[]}}",
        /* wrappers and places of the revision */
        "{'demarche':{'title':'T','description':null,'activeRevision':{'champDescriptors':[],'annotationDescriptors':null}}}",
        "{'data':{'demarche':{'title':'T','publishedRevision':{'champDescriptors':[]},'dossiers':{'nodes':[1,2]}},'other':1},'errors':[]}",
        "{'extensions':{},'data':{'demarcheDescriptor':{'draftRevision':{'annotationDescriptors':[{'__typename':'TextChampDescriptor','id':'z',"
        "'label':'L'}],'champDescriptors':[{'__typename':'TextChampDescriptor','id':'y','label':'L'}],'id':'R'},'title':'T','draft':null}}}",
        "[{'title':'T','revision':{'champDescriptors':[]}}]",
        "{'title':'T','champDescriptors':[{'__typename':'TextChampDescriptor','id':'y','label':'L'}],'annotationDescriptors':[],'number':'12'}",
        "{'title':'T','revision':null,'draftRevision':{'champDescriptors':[]},'publishedRevision':null}",
        "{'title':'T','revisions':[{'id':'1','champDescriptors':[{'old':true}]},{'id':'2','champDescriptors':[],'annotationDescriptors':[]}]}",
        "{'title':' T ','number':null,'cadreJuridiqueURL':' ','service':null,'zones':['z'],'tags':[],'revision':{'champDescriptors':[],'ineligibilite':null}}",
        "{'title':'T','description':'<p>a</p>','cadreJuridiqueURL':'u','service':{'nom':'S','siret':'1','organisme':'O','adresse':null,'email':'e@e.fr'},"
        "'revision':{'champDescriptors':[]}}",
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        round_trip(json_q(all[i]));
}

static void every_known_type_is_known(void **state)
{
    /* the 36 types of the corpus, data/procedures/corpus-stats */
    static const char *const names =
        "Text PieceJustificative HeaderSection DropDownList Textarea Explication YesNo Checkbox IntegerNumber Date Phone MultipleDropDownList Email "
        "Number Repetition Address DecimalNumber Civilite Commune Pays LinkedDropDownList Siret Departement Formatted DossierLink Iban Carte Datetime "
        "AnnuaireEducation Region RNA Epci RNF Referentiel COJO PreRempli";
    str rest = str_of(names);
    int n = 0;

    for (; rest.n; n++) {
        str name = str_split(rest, ' ', &rest);
        json_t *d = json_q(str_z(mem, str_fmt(mem, FIELD("'%.*sChampDescriptor','id':'a','label':'L'"), STR_ARG(name))));
        struct ds_import in = round_trip(d);
        assert_int_equal(in.unknown.n, 0);
        assert_non_null(ds_type_named(str_fmt(mem, "%.*sChampDescriptor", STR_ARG(name))));
    }
    assert_int_equal(n, 36);
    struct ds_import in = imported(json_q(FIELD("'NewThingChampDescriptor','id':'a','label':'L'")), NULL);
    assert_int_equal(in.unknown.n, 1);
    assert_string_equal(in.unknown.v[0].p, "NewThingChampDescriptor");
    assert_string_equal(json_str(json_path(in.kind, "fields[0]"), "type").p, "text");
}

static void refuses_and_says_where(void **state)
{
    static const struct { const char *text, *at; } cases[] = {
        {"{}", "revision"}, {"[]", NULL}, {"3", ""}, {"null", ""}, {"[{},{}]", NULL},
        {"{'title':'T','revision':{}}", "revision.champDescriptors"},
        {"{'title':'T','revision':{'champDescriptors':null}}", "revision.champDescriptors"},
        {"{'data':{'demarche':{'title':'T','activeRevision':{'champDescriptors':{}}}}}", "data.demarche.activeRevision.champDescriptors"},
        {"{'title':'','revision':{'champDescriptors':[]}}", "title"}, {"{'title':3,'revision':{'champDescriptors':[]}}", "title"},
        {"{'title':'T','number':1.5,'revision':{'champDescriptors':[]}}", "number"},
        {"{'title':'T','description':[],'revision':{'champDescriptors':[]}}", "description"},
        {"{'title':'T','service':3,'revision':{'champDescriptors':[]}}", "service"},
        {"{'title':'T','revision':{'champDescriptors':[3]}}", "revision.champDescriptors[0]"},
        {"{'title':'T','revision':{'champDescriptors':[{'label':'L'}]}}", "revision.champDescriptors[0].__typename"},
        {"{'title':'T','revision':{'champDescriptors':[],'annotationDescriptors':{}}}", "revision.annotationDescriptors"},
        {FIELD("'TextChampDescriptor','id':'a'"), "revision.champDescriptors[0].label"},
        {FIELD("'TextChampDescriptor','id':'a','label':null"), "revision.champDescriptors[0].label"},
        {FIELD("'TextChampDescriptor','id':[],'label':'L'"), "revision.champDescriptors[0].id"},
        {FIELD("'TextChampDescriptor','id':'a','label':'L','required':'yes'"), "revision.champDescriptors[0].required"},
        {FIELD("'TextChampDescriptor','id':'a','label':'L','description':{}"), "revision.champDescriptors[0].description"},
        {FIELD("'DropDownListChampDescriptor','id':'a','label':'L','options':{}"), "revision.champDescriptors[0].options"},
        {FIELD("'DropDownListChampDescriptor','id':'a','label':'L','options':['x',3]"), "revision.champDescriptors[0].options[1]"},
        {FIELD("'HeaderSectionChampDescriptor','id':'a','label':'L','level':'1'"), "revision.champDescriptors[0].level"},
        {FIELD("'RepetitionChampDescriptor','id':'a','label':'L','champDescriptors':[{'__typename':'TextChampDescriptor','id':'b'}]"),
         "revision.champDescriptors[0].champDescriptors[0].label"},
        {FIELD("'RepetitionChampDescriptor','id':'a','label':'L','champDescriptors':[{'__typename':'RepetitionChampDescriptor','id':'b','label':'M'}]"),
         "revision.champDescriptors[0].champDescriptors[0]"},
    };
    struct ds_import in;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err e = ds_to_kind(mem, json_q(cases[i].text), NULL, &in);
        if (e.code != E_INVALID || (cases[i].at && (!e.at || strcmp(e.at, cases[i].at) != 0)))
            print_message("%s: %d %s at %s\n", cases[i].text, e.code, e.msg ? e.msg : "-", e.at ? e.at : "-");
        assert_int_equal(e.code, E_INVALID);
        assert_null(in.kind);
        if (cases[i].at)
            assert_string_equal(e.at, cases[i].at);
    }
    json_t *d;
    assert_int_equal(kind_to_ds(mem, json_q("{'kind':'x'}"), &d).code, E_INVALID);
}

static void ids_live_on(void **state)
{
    json_t *one = json_q("{'title':'T','number':7,'revision':{'champDescriptors':["
        "{'__typename':'DropDownListChampDescriptor','id':'c','label':'Choix','options':['a','b','c'],'otherOption':false},"
        "{'__typename':'TextChampDescriptor','id':'t','label':'Choix'},{'__typename':'TextChampDescriptor','id':'t','label':'Choix'}]}}");
    json_t *two = json_q("{'title':'T2','number':7,'revision':{'champDescriptors':["
        "{'__typename':'TextChampDescriptor','id':'t','label':'Choix'},{'__typename':'TextChampDescriptor','id':'n','label':'Choix'},"
        "{'__typename':'DropDownListChampDescriptor','id':'c','label':'Le choix','options':['d','c','a'],'otherOption':false}]}}");
    struct ds_import first = imported(one, NULL);

    assert_string_equal(json_str(json_path(first.kind, "fields[0]"), "name").p, "Choix");
    assert_string_equal(json_str(json_path(first.kind, "fields[1]"), "name").p, "Choix 2");
    assert_string_equal(json_str(json_path(first.kind, "fields[2]"), "id").p, "t-2");
    same_json(exported(first.kind), one);

    struct ds_import second = imported(two, first.kind);
    same_json(exported(second.kind), two);
    assert_string_equal(json_canonical(mem, json_path(second.kind, "fields[2].options")).p,
        "[{\"id\":\"o4\",\"label\":\"d\"},{\"id\":\"o3\",\"label\":\"c\"},{\"id\":\"o1\",\"label\":\"a\"},"
        "{\"id\":\"o2\",\"label\":\"b\",\"retired\":true}]");
    assert_string_equal(json_str(json_path(second.kind, "fields[2]"), "name").p, "Choix");
    assert_string_equal(json_str(json_path(second.kind, "fields[0]"), "name").p, "Choix 2");
    assert_string_equal(json_str(json_path(second.kind, "fields[1]"), "name").p, "Choix 3");
    /* the first file again: b is offered again under its id */
    struct ds_import third = imported(one, second.kind);
    same_json(exported(third.kind), one);
    assert_string_equal(json_str(json_path(third.kind, "fields[0].options[1]"), "id").p, "o2");
    assert_false(json_equal(first.kind, second.kind));
}

/* Without a number, the name comes from the descriptor's own id, else from its title, and lives on when the title changes. */
static void a_procedure_without_a_number_has_a_name(void **state)
{
    static const char *const same[] = {"{'title':'Prime vélo','champDescriptors':[]}", "{'title':' prime velo ','number':null,'champDescriptors':[]}"};
    static const char *const others[] = {"{'title':'Prime','champDescriptors':[]}", "{'title':'Prime vélo','id':'x','champDescriptors':[]}",
                                         "{'title':'Prime vélo','id':'y','champDescriptors':[]}", "{'title':'Prime vélo','number':7,'champDescriptors':[]}"};
    struct ds_import first = imported(json_q(same[0]), NULL);
    str name = json_str(first.kind, "kind");
    assert_true(str_starts(name, S("d-")) && name.n == 18);
    assert_string_equal(json_str(imported(json_q(same[1]), NULL).kind, "kind").p, name.p);
    struct strs seen = {0};
    PUSH(mem, &seen, name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        str other = json_str(imported(json_q(others[i]), NULL).kind, "kind");
        for (size_t j = 0; j < seen.n; j++) assert_false(str_eq(seen.v[j], other));
        PUSH(mem, &seen, other);
    }
    assert_string_equal(json_str(imported(json_q(others[0]), first.kind).kind, "kind").p, name.p);
}

static void many_fields_may_have_one_label(void **state)
{
    json_t *list = json_array(), *d = json_own(mem, json_pack("{s:s,s:{s:o}}", "title", "T", "revision", "champDescriptors", list));

    for (int i = 0; i < 5000; i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "__typename", "TextChampDescriptor", "id", "a", "label", "Texte 2"));
    struct ds_import in = imported(d, NULL);
    assert_string_equal(json_str(json_path(in.kind, "fields[0]"), "name").p, "Texte 2");
    assert_string_equal(json_str(json_path(in.kind, "fields[4999]"), "name").p, "Texte 2 5000");
    assert_string_equal(json_str(json_path(in.kind, "fields[4999]"), "id").p, "a-5000");
    json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "__typename", "TextChampDescriptor", "id", "a", "label", "Texte"));
    assert_int_equal(ds_to_kind(mem, d, NULL, &in).code, E_INVALID);
}

static void linked_choices_have_groups(void **state)
{
    struct ds_import in = imported(json_q(FIELD("'LinkedDropDownListChampDescriptor','id':'a','label':'L','options':['--A--','x','y','--B--','--C--','z']")), NULL);
    assert_string_equal(json_canonical(mem, json_path(in.kind, "fields[0].options")).p,
        "[{\"group\":\"A\",\"id\":\"o1\",\"label\":\"x\"},{\"group\":\"A\",\"id\":\"o2\",\"label\":\"y\"},"
        "{\"group\":\"B\",\"id\":\"o3\",\"label\":\"B\"},{\"group\":\"C\",\"id\":\"o4\",\"label\":\"z\"}]");
    json_array_append_new(json_path(in.kind, "fields[0].options"), json_pack("{s:s,s:s,s:s}", "id", "o5", "label", "t", "group", "C"));
    assert_string_equal(json_canonical(mem, json_path(exported(in.kind), "revision.champDescriptors[0].options")).p,
        "[\"--A--\",\"x\",\"y\",\"--B--\",\"--C--\",\"z\",\"t\"]");
}

static void edits_win_over_spellings(void **state)
{
    struct ds_import in = imported(json_q(FIELD("'DropDownListChampDescriptor','id':'a','label':'','description':null,'options':['','x','y'],'otherOption':null")), NULL);
    json_t *f = json_path(in.kind, "fields[0]");

    json_object_set_new(f, "label", json_pack("{s:s}", "fr", "Nouveau"));
    json_object_set_new(f, "help", json_pack("{s:s}", "fr", "Aide"));
    json_object_set_new(f, "required", json_true());
    json_object_set_new(f, "other", json_true());
    json_array_append_new(json_object_get(f, "options"), json_pack("{s:s,s:{s:s}}", "id", "z", "label", "fr", "z"));
    assert_string_equal(json_canonical(mem, json_path(exported(in.kind), "revision.champDescriptors[0]")).p,
        "{\"__typename\":\"DropDownListChampDescriptor\",\"description\":\"Aide\",\"id\":\"a\",\"label\":\"Nouveau\","
        "\"options\":[\"\",\"x\",\"y\",\"z\"],\"otherOption\":true,\"required\":true}");
    json_object_set_new(f, "type", json_string("text"));
    assert_string_equal(json_str(json_path(exported(in.kind), "revision.champDescriptors[0]"), "__typename").p, "TextChampDescriptor");
}

static void a_kind_made_here_can_leave(void **state)
{
    json_t *kind = json_q("{'kind':'velo','title':'Prime vélo','fields':[{'id':'f1','name':'âge','type':'integer','label':'Âge','required':true},"
        "{'id':'f2','name':'vélo','type':'choice','label':{'fr':'Vélo'},'options':{'e':'Électrique','c':{'fr':'Cargo','en':'Cargo'}},'when':'âge >= 18'},"
        "{'id':'f3','name':'avis','type':'textarea','label':'Avis','private':true},"
        "{'id':'f4','name':'pièces','type':'repeat','label':'Pièces','fields':[{'id':'f5','name':'pièce','type':'file','label':'Pièce'}]}]}");
    assert_string_equal(json_canonical(mem, exported(kind)).p,
        "{\"cadreJuridiqueURL\":null,\"description\":\"\",\"revision\":{\"annotationDescriptors\":[{\"__typename\":\"TextareaChampDescriptor\","
        "\"description\":\"\",\"id\":\"f3\",\"label\":\"Avis\",\"required\":false}],\"champDescriptors\":[{\"__typename\":\"IntegerNumberChampDescriptor\","
        "\"description\":\"\",\"id\":\"f1\",\"label\":\"Âge\",\"required\":true},{\"__typename\":\"DropDownListChampDescriptor\","
        "\"condition\":[\">=\",[\"champ\",\"f1\"],18],\"description\":\"\",\"id\":\"f2\",\"label\":\"Vélo\",\"options\":[\"Électrique\",\"Cargo\"],"
        "\"otherOption\":false,\"required\":false},{\"__typename\":\"RepetitionChampDescriptor\",\"champDescriptors\":[{\"__typename\":"
        "\"PieceJustificativeChampDescriptor\",\"description\":\"\",\"fileTemplate\":null,\"id\":\"f5\",\"label\":\"Pièce\",\"required\":false}],"
        "\"description\":\"\",\"id\":\"f4\",\"label\":\"Pièces\",\"required\":false}]},\"title\":\"Prime vélo\"}");
}

static int open_arena(void **state)
{
    mem = arena_new(0);
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
        cmocka_unit_test_setup_teardown(the_real_procedure_comes_and_goes, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(an_edit_in_the_kind_is_the_whole_difference, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(settings_of_the_town_do_not_show_in_the_descriptor, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(spellings_are_kept, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(every_known_type_is_known, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_and_says_where, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(ids_live_on, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_procedure_without_a_number_has_a_name, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(many_fields_may_have_one_label, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(linked_choices_have_groups, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(edits_win_over_spellings, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(a_kind_made_here_can_leave, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
