/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/ds_types.h"

/* The 36 types of the 42,723 procedures published in August 2026, by how often they are used, then those of the interface or of older
   files that none of these uses. Of several that become one type, the first is written back for a field made here. */
static const struct ds_type types[] = {
    {"Text", "text", "text", ""},
    {"PieceJustificative", "piece_justificative", "file", "fileTemplate"},
    {"HeaderSection", "header_section", "heading", "level"},
    {"DropDownList", "drop_down_list", "choice", "options otherOption"},
    {"Textarea", "textarea", "textarea", ""},
    {"Explication", "explication", "note", "collapsibleExplanationEnabled collapsibleExplanationText"},
    {"YesNo", "yes_no", "yesno", ""},
    {"Checkbox", "checkbox", "checkbox", ""},
    {"IntegerNumber", "integer_number", "integer", ""},
    {"Date", "date", "date", ""},
    {"Phone", "phone", "phone", ""},
    {"MultipleDropDownList", "multiple_drop_down_list", "choices", "options"},
    {"Email", "email", "email", ""},
    {"Number", "number", "number", ""},
    {"Repetition", "repetition", "repeat", "champDescriptors"},
    {"Address", "address", "address", ""},
    {"DecimalNumber", "decimal_number", "decimal", ""},
    {"Civilite", "civilite", "civility", ""},
    {"Commune", "communes", "commune", ""},
    {"Pays", "pays", "country", ""},
    {"LinkedDropDownList", "linked_drop_down_list", "linked_choice", "options"},
    {"Siret", "siret", "siret", ""},
    {"Departement", "departements", "departement", ""},
    {"Formatted", "formatted", "formatted", ""},
    {"DossierLink", "dossier_link", "dossier_link", ""},
    {"Iban", "iban", "iban", ""},
    {"Carte", "carte", "map", ""},
    {"Datetime", "datetime", "datetime", ""},
    {"AnnuaireEducation", "annuaire_education", "school", ""},
    {"Region", "regions", "region", ""},
    {"RNA", "rna", "rna", ""},
    {"Epci", "epci", "epci", ""},
    {"RNF", "rnf", "rnf", ""},
    {"Referentiel", "referentiel", "referential", ""},
    {"COJO", "cojo", "cojo", ""},
    {"PreRempli", "pre_rempli", "prefilled", ""},
    {"TitreIdentite", "titre_identite", "identity", ""},
    {"EngagementJuridique", "engagement_juridique", "engagement", ""},
    {"Cnaf", "cnaf", "cnaf", ""},
    {"Dgfip", "dgfip", "dgfip", ""},
    {"PoleEmploi", "pole_emploi", "pole_emploi", ""},
    {"Mesri", "mesri", "mesri", ""},
    {"QuotientFamilial", "quotient_familial", "text", ""},
    {"EtudiantBoursier", "etudiant_boursier", "text", ""},
    {"AAH", "aah", "text", ""},
    {"AEEH", "aeeh", "text", ""},
    {"ARS", "ars", "text", ""},
    {"ExpressionReguliere", "expression_reguliere", "text", ""},
    {"Engagement", "engagement", "checkbox", ""}};         /* a box to tick, before 2023 */

#define N_TYPES (sizeof types / sizeof *types)

const struct ds_type *ds_type_named(str typename)
{
    if (!str_ends(typename, S(DS_SUFFIX)))
        return NULL;
    typename.n -= sizeof DS_SUFFIX - 1;
    for (size_t i = 0; i < N_TYPES; i++)
        if (str_is(typename, types[i].name))
            return &types[i];
    return NULL;
}

const struct ds_type *ds_type_old(str type)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (str_is(type, types[i].old_name))
            return &types[i];
    return NULL;
}

const struct ds_type *ds_type_for(str kind_type)
{
    for (size_t i = 0; i < N_TYPES; i++)
        if (str_is(kind_type, types[i].kind_type))
            return &types[i];
    return NULL;
}
