/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* field_types.h — what the rows of the table of field types share. Inside the core only. Parse and check give a catalogue key when at
   fault, with its argument in *arg; JSON they make is tied to the arena. */
#pragma once
#include "base/said.h"
#include "core/answers.h"
#include "formats/json.h"

#define TYPE_PARSE(name_) const char *name_(const struct field *f, arena *mem, struct strs typed, const struct answers_env *env, json_t **out)
#define TYPE_CHECK(name_) \
    const char *name_(const struct field *f, arena *mem, const json_t *given, const struct answers_env *env, json_t **out, str *arg)
#define TYPE_INPUT(name_) void name_(struct form_draw *d, const struct field *f, str path, const json_t *value)
#define TYPE_SHOW(name_) str name_(const struct field *f, arena *mem, const json_t *value, const struct answers_env *env)
#define TYPE_SCHEMA(name_) json_t *name_(const struct field *f, arena *mem, const struct answers_env *env)
#define TYPE_RULE(name_) struct rule_value name_(const struct field *f, arena *mem, const json_t *value)
#define TYPE_INDEX(name_) str name_(const struct field *f, arena *mem, const json_t *value)
#define TYPE_FITS(name_) const json_t *name_(const struct field *f, arena *mem, const json_t *value)
#define TYPE_PREFILL(name_) bool name_(const struct field *f, arena *mem, str typed, json_t **out)

/* text: text, textarea, formatted, email, phone, numbers of registers */
TYPE_PARSE(parse_text); TYPE_CHECK(check_text); TYPE_CHECK(check_textarea); TYPE_CHECK(check_formatted); TYPE_CHECK(check_email);
TYPE_CHECK(check_phone); TYPE_CHECK(check_siret); TYPE_CHECK(check_rna); TYPE_CHECK(check_rnf); TYPE_CHECK(check_iban);
TYPE_SHOW(show_text); TYPE_SHOW(show_phone); TYPE_SHOW(show_iban); TYPE_SHOW(show_siret);
TYPE_SCHEMA(schema_text); TYPE_RULE(rule_text_value); TYPE_INDEX(index_text); TYPE_PREFILL(prefill_text);
str text_line(arena *mem, str s);                      /* trimmed, blanks and line ends become one space */
str phone_normalise(arena *mem, str typed);            /* E.164, absent when it is no telephone number */
str phone_national(arena *mem, str e164);              /* "06 12 34 56 78", "+49…" as it is */
const char *email_fault(str s);

/* number */
TYPE_PARSE(parse_number); TYPE_CHECK(check_decimal); TYPE_CHECK(check_integer); TYPE_SHOW(show_number); TYPE_SCHEMA(schema_decimal);
TYPE_SCHEMA(schema_integer); TYPE_RULE(rule_number); TYPE_INDEX(index_number); TYPE_PREFILL(prefill_number);
bool number_typed(arena *mem, str typed, double *out); /* "1 234,50 €" */

/* date */
TYPE_PARSE(parse_date); TYPE_CHECK(check_date); TYPE_SHOW(show_date); TYPE_SCHEMA(schema_date); TYPE_RULE(rule_date);
TYPE_PARSE(parse_datetime); TYPE_CHECK(check_datetime); TYPE_SHOW(show_datetime); TYPE_SCHEMA(schema_datetime); TYPE_PREFILL(prefill_date);
extern const char *const date_parts[], *const datetime_parts[];

/* choice */
TYPE_PARSE(parse_yesno); TYPE_CHECK(check_yesno); TYPE_SHOW(show_yesno); TYPE_SCHEMA(schema_yesno); TYPE_RULE(rule_bool); TYPE_INDEX(index_bool);
TYPE_PREFILL(prefill_yesno); TYPE_PARSE(parse_checkbox); TYPE_CHECK(check_checkbox); TYPE_SCHEMA(schema_checkbox);
TYPE_PARSE(parse_choice); TYPE_CHECK(check_choice); TYPE_SHOW(show_choice); TYPE_SCHEMA(schema_choice); TYPE_RULE(rule_choice);
TYPE_INDEX(index_choice); TYPE_PREFILL(prefill_choice);
TYPE_PARSE(parse_choices); TYPE_CHECK(check_choices); TYPE_SHOW(show_choices); TYPE_SCHEMA(schema_choices); TYPE_RULE(rule_choices);
TYPE_PARSE(parse_civility); TYPE_CHECK(check_civility); TYPE_SHOW(show_civility); TYPE_SCHEMA(schema_civility);
/* Options or free text: commune, country… */
TYPE_PARSE(parse_place); TYPE_CHECK(check_place); TYPE_SHOW(show_place); TYPE_SCHEMA(schema_place); TYPE_RULE(rule_place); TYPE_PREFILL(prefill_place);
#define RADIOS_MOST 5          /* options shown one under the other; more: a list */
extern const char *const choice_parts[];
/* The option of that id, among the field's own or in its list. */
bool option_find(const struct field *f, arena *mem, const struct answers_env *env, str id, struct option *out);
/* The options to draw, at most `most`, without the retired; *out_total counts them all. */
void options_of(const struct field *f, arena *mem, const struct answers_env *env, size_t most, struct options *out, size_t *out_total);

/* file, address */
TYPE_PARSE(parse_file); TYPE_CHECK(check_file); TYPE_SHOW(show_file); TYPE_SCHEMA(schema_file);
TYPE_PARSE(parse_address); TYPE_CHECK(check_address); TYPE_SHOW(show_address); TYPE_SCHEMA(schema_address); TYPE_INDEX(index_address);
extern const char *const address_parts[];

/* place: where on Earth, by point or by address */
TYPE_PARSE(parse_spot); TYPE_CHECK(check_spot); TYPE_INPUT(input_spot); TYPE_SHOW(show_spot); TYPE_SCHEMA(schema_spot);
extern const char *const spot_parts[];
#define FILES_MOST 20
int files_most(const struct field *f);
str accept_attribute(arena *mem, const struct field *f);       /* for <input accept> */

/* drawing (field_draw.c) */
TYPE_INPUT(input_text); TYPE_INPUT(input_textarea); TYPE_INPUT(input_email); TYPE_INPUT(input_phone); TYPE_INPUT(input_number);
TYPE_INPUT(input_integer); TYPE_INPUT(input_short); TYPE_INPUT(input_yesno); TYPE_INPUT(input_checkbox); TYPE_INPUT(input_choice);
TYPE_INPUT(input_choices); TYPE_INPUT(input_civility); TYPE_INPUT(input_place); TYPE_INPUT(input_date); TYPE_INPUT(input_datetime); TYPE_INPUT(input_file);
TYPE_INPUT(input_address);
/* Is this question a group (fieldset and legend) or one control (label)? How many options decides for a choice. */
bool field_is_group(const struct form_draw *d, const struct field *f);
bool field_is_looked_up(const struct form_draw *d, const struct field *f);
bool field_has_hint(const struct form_draw *d, const struct field *f);
struct answer_fault *draw_fault(const struct form_draw *d, str path);
void draw_tie(struct form_draw *d, const struct field *f, str path);        /* aria-describedby, aria-invalid, required */
void draw_rich(struct form_draw *d, str s, bool is_html);                   /* what a town wrote: cleaned, marked when in another language */
void draw_attr(struct form_draw *d, const char *name, str value);           /* ` name="value"`; nothing when absent */

/* what a stored value still says (answers_held.c) */
TYPE_FITS(fits_text); TYPE_FITS(fits_number_text); TYPE_FITS(fits_decimal); TYPE_FITS(fits_integer); TYPE_FITS(fits_yesno); TYPE_FITS(fits_checkbox);
TYPE_FITS(fits_civility); TYPE_FITS(fits_date); TYPE_FITS(fits_datetime); TYPE_FITS(fits_choice); TYPE_FITS(fits_choices); TYPE_FITS(fits_place);
TYPE_FITS(fits_file); TYPE_FITS(fits_rows); TYPE_FITS(fits_address); TYPE_FITS(fits_spot);

/* schema helpers: new references */
json_t *schema_of(const char *type);
void schema_examples(json_t *schema, json_t *first);    /* steals; NULL: none */
str env_words(const struct answers_env *env, const char *key);
