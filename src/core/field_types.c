/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The table of field types: one row a type. A new type is a new row, a line of docs/kinds.md, and a row of answers_test.c. */
#include "core/field_types.h"

#include <string.h>

#define TEXT_ROW .parse = parse_text, .schema = schema_text, .rule = rule_text_value, .reads_as = RULE_TEXT, \
                 .index = index_text, .prefill = prefill_text, .holds_value = true
#define PLAIN_ROW TEXT_ROW, .fits = fits_text
#define NUMBERED_ROW TEXT_ROW, .fits = fits_number_text
#define NUMBER_ROW .parse = parse_number, .show = show_number, .rule = rule_number, .reads_as = RULE_NUMBER, .index = index_number, \
                   .prefill = prefill_number, .holds_value = true
#define CHOICE_ROW .parse = parse_choice, .check = check_choice, .input = input_choice, .show = show_choice, .schema = schema_choice, \
                   .rule = rule_choice, .reads_as = RULE_TEXT, .index = index_choice, .prefill = prefill_choice, .parts = choice_parts, \
                   .has_options = true, .holds_value = true, .fits = fits_choice
#define PLACE_ROW .parse = parse_place, .check = check_place, .input = input_place, .show = show_place, .schema = schema_place, \
                  .rule = rule_place, .reads_as = RULE_TEXT, .index = index_choice, .prefill = prefill_place, .parts = choice_parts, \
                  .has_options = true, .holds_value = true, .fits = fits_place
#define FILE_ROW .parse = parse_file, .check = check_file, .input = input_file, .show = show_file, .schema = schema_file, .fits = fits_file, \
                 .holds_value = true

const struct field_type field_types[] = {
    {.name = "text", .title = W("editor.type.text"), .ds_name = "Text", .in_fifteen = true, PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "textarea", .title = W("editor.type.textarea"), .ds_name = "Textarea", .in_fifteen = true, PLAIN_ROW, .show = show_text, .check = check_textarea, .input = input_textarea},
    {.name = "file", .title = W("editor.type.file"), .ds_name = "PieceJustificative", .in_fifteen = true, FILE_ROW},
    {.name = "heading", .title = W("editor.type.heading"), .ds_name = "HeaderSection", .in_fifteen = true},
    {.name = "choice", .title = W("editor.type.choice"), .ds_name = "DropDownList", .in_fifteen = true, CHOICE_ROW},
    {.name = "note", .title = W("editor.type.note"), .ds_name = "Explication", .in_fifteen = true},
    {.name = "yesno", .title = W("editor.type.yesno"), .ds_name = "YesNo", .in_fifteen = true, .parse = parse_yesno, .check = check_yesno, .input = input_yesno, .fits = fits_yesno, .show = show_yesno,
     .schema = schema_yesno, .rule = rule_bool, .reads_as = RULE_BOOL, .index = index_bool, .prefill = prefill_yesno, .holds_value = true},
    {.name = "checkbox", .title = W("editor.type.checkbox"), .ds_name = "Checkbox", .in_fifteen = true, .parse = parse_checkbox, .check = check_checkbox, .input = input_checkbox, .fits = fits_checkbox,
     .show = show_yesno, .schema = schema_checkbox, .rule = rule_bool, .reads_as = RULE_BOOL, .index = index_bool, .prefill = prefill_yesno,
     .holds_value = true},
    {.name = "integer", .title = W("editor.type.integer"), .ds_name = "IntegerNumber", .in_fifteen = true, NUMBER_ROW, .check = check_integer, .input = input_integer, .fits = fits_integer,
     .schema = schema_integer},
    {.name = "date", .title = W("editor.type.date"), .ds_name = "Date", .in_fifteen = true, .parse = parse_date, .check = check_date, .input = input_date, .fits = fits_date, .show = show_date,
     .schema = schema_date, .rule = rule_date, .reads_as = RULE_DATE, .index = index_text, .prefill = prefill_date, .parts = date_parts,
     .holds_value = true},
    {.name = "phone", .title = W("editor.type.phone"), .ds_name = "Phone", .in_fifteen = true, NUMBERED_ROW, .check = check_phone, .input = input_phone, .show = show_phone,
     .autocomplete = "tel"},
    {.name = "choices", .title = W("editor.type.choices"), .ds_name = "MultipleDropDownList", .in_fifteen = true, .parse = parse_choices, .check = check_choices, .input = input_choices, .fits = fits_choices,
     .show = show_choices, .schema = schema_choices, .rule = rule_choices, .reads_as = RULE_LIST, .index = index_choice,
     .has_options = true, .holds_value = true},
    {.name = "email", .title = W("editor.type.email"), .ds_name = "Email", .in_fifteen = true, NUMBERED_ROW, .show = show_text, .check = check_email, .input = input_email, .autocomplete = "email"},
    {.name = "number", .title = W("editor.type.number"), .ds_name = "Number", .in_fifteen = true, NUMBER_ROW, .check = check_decimal, .input = input_number, .fits = fits_decimal, .schema = schema_decimal},
    {.name = "repeat", .title = W("editor.type.repeat"), .ds_name = "Repetition", .in_fifteen = true, .fits = fits_rows, .holds_value = true},

    {.name = "decimal", .title = W("editor.type.decimal"), .ds_name = "DecimalNumber", NUMBER_ROW, .check = check_decimal, .input = input_number, .fits = fits_decimal, .schema = schema_decimal},
    {.name = "civility", .title = W("editor.type.civility"), .ds_name = "Civilite", .parse = parse_civility, .check = check_civility, .input = input_civility, .fits = fits_civility, .show = show_civility,
     .schema = schema_civility, .rule = rule_text_value, .reads_as = RULE_TEXT, .index = index_text, .holds_value = true,
     .autocomplete = "honorific-prefix"},
    {.name = "address", .title = W("editor.type.address"), .ds_name = "Address", .parse = parse_address, .check = check_address, .input = input_address, .fits = fits_address, .show = show_address,
     .schema = schema_address, .index = index_address, .parts = address_parts, .holds_value = true, .autocomplete = "address-line1"},
    {.name = "place", .title = W("editor.type.place"), .ds_name = "BeffroiPlace", .parse = parse_spot, .check = check_spot, .input = input_spot, .fits = fits_spot, .show = show_spot, .schema = schema_spot,
     .parts = spot_parts, .holds_value = true, .autocomplete = "address-line1"},
    {.name = "datetime", .title = W("editor.type.datetime"), .ds_name = "Datetime", .parse = parse_datetime, .check = check_datetime, .input = input_datetime, .fits = fits_datetime, .show = show_datetime,
     .schema = schema_datetime, .rule = rule_date, .reads_as = RULE_DATE, .index = index_text, .prefill = prefill_date, .parts = datetime_parts,
     .holds_value = true},
    {.name = "linked_choice", .title = W("editor.type.linked_choice"), .ds_name = "LinkedDropDownList", CHOICE_ROW},
    {.name = "commune", .title = W("editor.type.commune"), .ds_name = "Commune", PLACE_ROW},
    {.name = "epci", .title = W("editor.type.epci"), .ds_name = "Epci", PLACE_ROW},
    {.name = "departement", .title = W("editor.type.departement"), .ds_name = "Departement", PLACE_ROW},
    {.name = "region", .title = W("editor.type.region"), .ds_name = "Region", PLACE_ROW},
    {.name = "country", .title = W("editor.type.country"), .ds_name = "Pays", PLACE_ROW, .autocomplete = "country-name"},
    {.name = "formatted", .title = W("editor.type.formatted"), .ds_name = "Formatted", PLAIN_ROW, .show = show_text, .check = check_formatted, .input = input_text},
    {.name = "siret", .title = W("editor.type.siret"), .ds_name = "Siret", NUMBERED_ROW, .check = check_siret, .input = input_short, .show = show_siret},
    {.name = "rna", .title = W("editor.type.rna"), .ds_name = "RNA", NUMBERED_ROW, .show = show_text, .check = check_rna, .input = input_short},
    {.name = "rnf", .title = W("editor.type.rnf"), .ds_name = "RNF", NUMBERED_ROW, .show = show_text, .check = check_rnf, .input = input_short},
    {.name = "iban", .title = W("editor.type.iban"), .ds_name = "Iban", NUMBERED_ROW, .check = check_iban, .input = input_short, .show = show_iban},
    {.name = "dossier_link", .title = W("editor.type.dossier_link"), .ds_name = "DossierLink", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_short},
    {.name = "map", .title = W("editor.type.map"), .ds_name = "Carte", PLAIN_ROW, .show = show_text, .check = check_textarea, .input = input_text},
    {.name = "school", .title = W("editor.type.school"), .ds_name = "AnnuaireEducation", PLACE_ROW},
    {.name = "referential", .title = W("editor.type.referential"), .ds_name = "Referentiel", PLACE_ROW},
    {.name = "identity", .title = W("editor.type.identity"), .ds_name = "TitreIdentite", FILE_ROW},
    {.name = "engagement", .title = W("editor.type.engagement"), .ds_name = "EngagementJuridique", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "cnaf", .title = W("editor.type.cnaf"), .ds_name = "Cnaf", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "dgfip", .title = W("editor.type.dgfip"), .ds_name = "Dgfip", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "pole_emploi", .title = W("editor.type.pole_emploi"), .ds_name = "PoleEmploi", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "mesri", .title = W("editor.type.mesri"), .ds_name = "Mesri", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "cojo", .title = W("editor.type.cojo"), .ds_name = "COJO", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {.name = "prefilled", .title = W("editor.type.prefilled"), .ds_name = "PreRempli", PLAIN_ROW, .show = show_text, .check = check_text, .input = input_text},
    {0}};

const struct field_type *field_type_named(str name)
{
    for (const struct field_type *t = field_types; t->name; t++)
        if (str_is(name, t->name)) return t;
    return NULL;
}

const struct field_type *field_type_ds(str ds_name)
{
    str name = str_ends(ds_name, S("ChampDescriptor")) ? str_cut(ds_name, 0, ds_name.n - strlen("ChampDescriptor")) : ds_name;
    for (const struct field_type *t = field_types; t->name; t++)
        if (str_is(name, t->ds_name)) return t;
    return NULL;
}

json_t *schema_of(const char *type)
{
    json_t *s = json_object();
    json_object_set_new(s, "type", json_string(type));
    return s;
}

void schema_examples(json_t *schema, json_t *first)
{
    if (!first) return;
    json_t *all = json_array();
    json_array_append_new(all, first);
    json_object_set_new(schema, "examples", all);
}

str answer_fault_words(arena *mem, enum lang lang, const struct answer_fault *f)
{
    return words_fill(mem, lang, f->msg, "arg", f->arg, NULL);
}
