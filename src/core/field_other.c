/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files and addresses. */
#include <string.h>

#include "base/utf8.h"
#include "core/field_types.h"

int files_most(const struct field *f) { return f->many > 0 ? f->many : FILES_MOST; }

static const char document_types[] =
    "application/pdf,image/*,text/plain,text/csv,application/rtf,text/rtf,application/msword,"
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document,application/vnd.oasis.opendocument.text,"
    "application/vnd.ms-excel,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,application/vnd.oasis.opendocument.spreadsheet,"
    "application/vnd.ms-powerpoint,application/vnd.openxmlformats-officedocument.presentationml.presentation,"
    "application/vnd.oasis.opendocument.presentation,application/zip";

str accept_attribute(arena *mem, const struct field *f)
{
    (void)mem;
    if (str_is(f->accept, "image")) return S("image/*");
    if (str_is(f->accept, "document")) return str_of(document_types);
    return f->accept;
}

bool field_accepts(arena *mem, const struct field *f, str type)
{
    if (str_eq(type, FILE_PROGRAM)) return false;
    str rest = accept_attribute(mem, f);
    if (!rest.n) return true;
    while (rest.p) {
        str one = str_trim(str_split(rest, ',', &rest));
        bool family = str_ends(one, S("/*"));
        if (family ? str_starts(type, str_cut(one, 0, one.n - 1)) : str_eq(one, type)) return true;
    }
    return false;
}

/* A MIME type as people know it: its usual extension. */
static str format_known(str type)
{
    static const char *const known[][2] = {
        {"application/pdf", "PDF"}, {"image/jpeg", "JPEG"}, {"image/png", "PNG"}, {"image/webp", "WebP"}, {"image/heic", "HEIC"}, {"image/gif", "GIF"},
        {"text/plain", "TXT"}, {"text/csv", "CSV"}, {"application/rtf", "RTF"}, {"application/zip", "ZIP"}, {"application/msword", "DOC"},
        {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"}, {"application/vnd.oasis.opendocument.text", "ODT"},
        {"application/vnd.ms-excel", "XLS"}, {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"},
        {"application/vnd.oasis.opendocument.spreadsheet", "ODS"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(type, known[i][0])) return str_of(known[i][1]);
    return type;
}

str field_formats(arena *mem, enum lang lang, const struct field *f)
{
    if (str_is(f->accept, "image")) return words(lang, W("field.file.images"));
    if (str_is(f->accept, "document")) return words(lang, W("field.file.documents"));
    struct strs out = {0};
    for (str rest = f->accept; rest.n;) {
        str one = format_known(str_trim(str_split(rest, ',', &rest)));
        if (one.n) PUSH(mem, &out, one);
    }
    return str_join(mem, out, S(", "));
}

/* Ids of files just received; those already there are kept by the reader. */
TYPE_PARSE(parse_file)
{
    json_t *array = json_own(mem, json_array());
    for (size_t i = 0; i < typed.n; i++)
        if (str_trim(typed.v[i]).n && utf8_valid(typed.v[i])) json_array_append_new(array, json_from_str(str_trim(typed.v[i])));
    if (json_array_size(array)) *out = array;
    return NULL;
}

static const char *file_fault(const struct field *f, arena *mem, str id, const struct answers_env *env, str *arg)
{
    struct answer_file file = {0};
    if (!env->file) return NULL;
    *arg = id;
    if (!env->file(env->file_arg, id, &file)) return W("field.file.unknown");
    *arg = file.name.n ? file.name : id;
    if (!file.ready) return W("field.file.not_ready");
    return field_accepts(mem, f, file.type) ? NULL : str_is(f->accept, "image") ? W("field.file.not_image") : W("field.file.type");
}

TYPE_CHECK(check_file)
{
    if (!json_is_array(given)) return W("field.file.list");
    json_t *array = json_own(mem, json_array());
    for (size_t i = 0; i < json_array_size(given); i++) {
        str id = json_text(json_array_get(given, i));
        bool twice = false;
        if (!id.n || id.n > 64) return W("field.file.list");
        for (size_t j = 0; j < json_array_size(array); j++) twice |= str_eq(id, json_text(json_array_get(array, j)));
        if (twice) continue;
        const char *msg = file_fault(f, mem, id, env, arg);
        if (msg) return msg;
        json_array_append_new(array, json_from_str(id));
    }
    if (json_array_size(array) > (size_t)files_most(f)) {
        *arg = str_fmt(mem, "%d", files_most(f));
        return W("field.file.many");
    }
    *out = json_array_size(array) ? array : NULL;
    return NULL;
}

TYPE_SHOW(show_file)
{
    struct strs names = {0};
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct answer_file file = {0};
        str id = json_text(json_array_get(value, i));
        bool known = env->file && env->file(env->file_arg, id, &file);
        PUSH(mem, &names, known && file.name.n ? file.name : id);
    }
    return str_join(mem, names, S(", "));
}

TYPE_SCHEMA(schema_file)
{
    json_t *s = schema_of("array"), *item = schema_of("string"), *example = json_array();
    str accept = accept_attribute(mem, f);
    json_object_set_new(item, "format", json_string("beffroi-file"));
    json_object_set_new(item, "contentMediaType", json_from_str(accept.n ? accept : S("*/*")));
    json_object_set_new(s, "items", item);
    json_object_set_new(s, "minItems", json_integer(1));
    json_object_set_new(s, "maxItems", json_integer(files_most(f)));
    json_object_set_new(s, "uniqueItems", json_true());
    json_array_append_new(example, json_string("01HXEXAMPLE00"));
    schema_examples(s, example);
    return s;
}

/* ---- address */

const char *const address_parts[] = {".street", ".postcode", ".commune", ".country", NULL};
static const char *const address_keys[] = {"street", "postcode", "commune", "country"};
#define ADDRESS_KEYS 4
#define ADDRESS_PART_MOST 200

TYPE_PARSE(parse_address)
{
    json_t *address = json_own(mem, json_object());
    for (size_t i = 0; i < ADDRESS_KEYS; i++) {
        str s = i + 1 < typed.n ? text_line(mem, typed.v[i + 1]) : STR_NONE;
        if (!utf8_valid(s)) return W("field.text.bytes");
        if (s.n) json_put_str(address, address_keys[i], s);
    }
    if (json_object_size(address)) *out = address;
    return NULL;
}

static bool in_france(str country, arena *mem)
{
    return !country.n || str_is(str_fold(mem, country), "france") || str_is(country, "FR");
}

static const char *address_fault(arena *mem, const json_t *address)
{
    str postcode = json_str(address, "postcode");
    if (!json_str(address, "street").n) return W("field.address.street");
    if (!json_str(address, "commune").n) return W("field.address.commune");
    if (!in_france(json_str(address, "country"), mem)) return NULL;
    if (!postcode.n) return W("field.address.postcode_missing");
    for (size_t i = 0; i < postcode.n; i++)
        if (postcode.p[i] < '0' || postcode.p[i] > '9') return W("field.address.postcode");
    return postcode.n == 5 ? NULL : W("field.address.postcode");
}

TYPE_CHECK(check_address)
{
    if (!json_is_object(given)) return W("field.address.type");
    json_t *address = json_own(mem, json_object());
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)given, key, v)
    {
        bool known = false;
        for (size_t i = 0; i < ADDRESS_KEYS; i++) known |= strcmp(key, address_keys[i]) == 0;
        if (!known || !json_is_string(v)) return W("field.address.type");
        str s = text_line(mem, json_text(v));
        if (!utf8_clean(s) || utf8_length(s) > ADDRESS_PART_MOST) return W("field.address.type");
        if (strcmp(key, "postcode") == 0 && s.n == 6 && s.p[2] == ' ') s = str_fmt(mem, "%.2s%.3s", s.p, s.p + 3);
        if (s.n) json_put_str(address, key, s);
    }
    if (!json_object_size(address)) return NULL;
    const char *msg = address_fault(mem, address);
    if (!msg) *out = address;
    return msg;
}

TYPE_SHOW(show_address)
{
    str street = json_str(value, "street"), postcode = json_str(value, "postcode"), commune = json_str(value, "commune"), country = json_str(value, "country");
    return str_fmt(mem, "%.*s%s%.*s%s%.*s%s%.*s", STR_ARG(street), street.n ? ", " : "", STR_ARG(postcode), postcode.n ? " " : "", STR_ARG(commune),
                   country.n ? ", " : "", STR_ARG(country));
}

TYPE_INDEX(index_address) { return utf8_cut(str_fold(mem, json_str(value, "commune")), 120); }

TYPE_SCHEMA(schema_address)
{
    return json_pack("{s:s, s:{s:{s:s,s:i,s:i}, s:{s:s,s:i}, s:{s:s,s:i,s:i}, s:{s:s,s:i}}, s:[s,s,s], s:b, s:[{s:s,s:s,s:s}]}", "type", "object",
        "properties", "street", "type", "string", "minLength", 1, "maxLength", ADDRESS_PART_MOST, "postcode", "type", "string", "maxLength", 20,
        "commune", "type", "string", "minLength", 1, "maxLength", ADDRESS_PART_MOST, "country", "type", "string", "maxLength", ADDRESS_PART_MOST,
        "required", "street", "postcode", "commune", "additionalProperties", 0, "examples", "street", "12 rue de la Mairie", "postcode", "88190",
        "commune", "Golbey");
}
