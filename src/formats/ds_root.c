/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "formats/ds_root.h"
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/words.h"
#include "formats/ds_members.h"
#include "formats/ds_shape.h"

/* foreign.ds of a kind: {"keys", "values"} as for a field, and
     "outer": the whole with null in the procedure's place, and "path" to it; left out when the procedure is the whole
     "revision": {"key", "place", "keys", "values"} */

/* ——— finding ——— */

static const char *const wrappers[] = {"data", "demarche", "demarcheDescriptor", "procedure", "dossier"};
static const char *const revisions[] = {"revision", "activeRevision", "publishedRevision", "draftRevision"};
#define COUNT(a_) (sizeof(a_) / sizeof *(a_))

static bool is_procedure(const json_t *v)
{
    if (json_is_array(json_object_get(v, "champDescriptors")) && json_object_get(v, "title"))
        return true;
    for (size_t i = 0; i < COUNT(revisions); i++)
        if (json_is_object(json_object_get(v, revisions[i])))
            return true;
    return json_object_get(v, "title") && json_is_array(json_object_get(v, "revisions"));
}

static void go(arena *mem, struct ds_root *out, str step, str at)
{
    PUSH(mem, &out->path, step);
    out->at = str_fmt(mem, "%.*s%.*s.", STR_ARG(out->at), STR_ARG(at));
}

static err find_procedure(arena *mem, struct ds_root *out)
{
    const json_t *v = out->whole;

    for (int steps = 0; steps < 5 && !is_procedure(v); steps++) {
        const json_t *inner = NULL;
        if (json_is_array(v)) {
            if (json_array_size(v) != 1)
                return FAIL(E_INVALID, W("formats.ds.several"));
            inner = json_array_get(v, 0);
            go(mem, out, S("#0"), S("[0]"));
        }
        for (size_t i = 0; i < COUNT(wrappers) && !inner; i++)
            if (json_is_object(json_object_get(v, wrappers[i]))) {
                inner = json_object_get(v, wrappers[i]);
                go(mem, out, str_of(wrappers[i]), str_of(wrappers[i]));
            }
        if (!inner)
            break;
        v = inner;
    }
    if (!json_is_object(v))
        return ds_fault(mem, W("formats.ds.object_expected"), str_cut(out->at, 0, out->at.n ? out->at.n - 1 : 0), "");
    out->procedure = v;
    return NO_ERR;
}

err ds_root_find(arena *mem, const json_t *whole, struct ds_root *out)
{
    *out = (struct ds_root){.whole = whole, .revision_place = -1};
    TRY(find_procedure(mem, out));

    const json_t *list = json_object_get(out->procedure, "revisions");
    for (size_t i = 0; i < COUNT(revisions) && !out->revision; i++)
        if (json_is_object(json_object_get(out->procedure, revisions[i]))) {
            out->revision = json_object_get(out->procedure, revisions[i]);
            out->revision_key = str_of(revisions[i]);
            out->revision_at = str_fmt(mem, "%.*s%s.", STR_ARG(out->at), revisions[i]);
        }
    if (!out->revision && json_is_array(json_object_get(out->procedure, "champDescriptors"))) {
        out->revision = out->procedure;
        out->revision_key = S("");
        out->revision_at = out->at;
    }
    if (!out->revision && json_array_size(list) > 0) {
        out->revision_place = (ptrdiff_t)json_array_size(list) - 1;
        out->revision = json_array_get(list, json_array_size(list) - 1);
        out->revision_key = S("revisions");
        out->revision_at = str_fmt(mem, "%.*srevisions[%td].", STR_ARG(out->at), out->revision_place);
    }
    if (!out->revision)
        return ds_fault(mem, W("formats.ds.no_revision"), out->at, "revision");
    return NO_ERR;
}

/* ——— reading ——— */

/* The whole with null where the procedure stands. A new reference. */
static json_t *hollow(const json_t *v, struct strs path)
{
    union { const json_t *in; json_t *out; } same = {v};

    if (path.n == 0)
        return json_null();
    json_t *copy = json_copy(same.out);
    struct strs rest = {path.v + 1, path.n - 1};
    if (!copy)
        abort();
    if (json_is_array(copy))
        json_array_set_new(copy, 0, hollow(json_array_get(v, 0), rest));
    else
        ds_put(copy, path.v[0].p, hollow(json_object_get(v, path.v[0].p), rest));
    return copy;
}

static json_t *list_of(struct strs s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s.n; i++)
        json_array_append_new(list, json_from_str(s.v[i]));
    return list;
}

static err text_member(arena *mem, const struct ds_root *root, const char *key, str *out)
{
    const json_t *raw = json_object_get(root->procedure, key);

    if (raw && !json_is_string(raw) && !json_is_null(raw))
        return ds_fault(mem, W("formats.ds.text_expected"), root->at, key);
    *out = json_text(raw);
    return NO_ERR;
}

static json_t *setting_group(json_t *kind, const char *group)
{
    json_t *settings = json_object_get(kind, "settings"), *copy = settings ? json_copy(settings) : json_object(), *inner, *out;

    inner = json_object_get(copy, group);
    out = json_is_object(inner) ? json_copy(inner) : json_object();
    if (!copy || !out)
        abort();
    ds_put(copy, group, out);
    ds_put(kind, "settings", copy);
    return out;
}

/* What a descriptor says of a service that a setting holds. */
static const struct { const char *key, *setting; } service_members[] = {
    {"nom", "name"}, {"adresse", "postal_address"}, {"email", "mail"}, {"telephone", "phone"}, {"horaires", "hours"}};

static void read_service(const struct ds_root *root, json_t *kind)
{
    const json_t *service = json_object_get(root->procedure, "service");

    for (size_t i = 0; i < COUNT(service_members); i++) {
        str s = json_str(service, service_members[i].key);
        if (s.n)
            ds_put(setting_group(kind, "service"), service_members[i].setting, json_from_str(s));
    }
}

static void read_legal_basis(const struct ds_root *root, json_t *kind)
{
    str url = json_str(root->procedure, "cadreJuridiqueURL");

    if (str_trim(url).n == 0)
        return;
    json_t *settings = json_object_get(kind, "settings"), *copy = settings ? json_copy(settings) : json_object();
    ds_put(copy, "legal_basis", json_from_str(url));
    ds_put(kind, "settings", copy);
}


/* Everything of an object but what is rebuilt; `but` names the members that are. */
static json_t *kept_but(const json_t *obj, const char *const *but, size_t n_but)
{
    json_t *values = json_copy((union { const json_t *in; json_t *out; }){obj}.out);

    if (!values)
        abort();
    for (size_t i = 0; i < n_but; i++)
        json_object_del(values, but[i]);
    return values;
}

/* annotationDescriptors: null stays null as long as there are none. */
static json_t *revision_shape(const struct ds_root *root)
{
    static const char *const but[] = {"champDescriptors", "annotationDescriptors"};
    json_t *shape = json_object(), *annotations = json_object_get(root->revision, "annotationDescriptors");
    json_t *values = root->revision == root->procedure ? json_object() : kept_but(root->revision, but, COUNT(but));

    ds_put(shape, "key", json_from_str(root->revision_key));
    if (root->revision_place >= 0)
        ds_put(shape, "place", json_integer(root->revision_place));
    ds_put(shape, "keys", ds_keys_of(root->revision));
    if (json_is_null(annotations))
        ds_put(values, "annotationDescriptors", json_null());
    ds_put(shape, "values", values);
    return shape;
}

/* Title and description come back from the kind when their spelling is the plain one. */
static void shape_of(const struct ds_root *root, json_t *kind)
{
    static const char *const but[] = {"number", "champDescriptors", "annotationDescriptors"};
    json_t *ds = json_object(), *values = kept_but(root->procedure, but, root->revision == root->procedure ? COUNT(but) : 1);
    const char *revision = root->revision_key.p;

    json_t *number = json_object_get(root->procedure, "number");
    if (number && !json_equal(number, json_object_get(kind, "number")))
        json_object_set(values, "number", number);
    if (str_eq(json_str(values, "title"), ds_text(json_object_get(kind, "title"))))
        json_object_del(values, "title");
    if (json_is_string(json_object_get(values, "description")) &&
        str_eq(json_str(values, "description"), ds_text(json_object_get(kind, "description"))))
        json_object_del(values, "description");
    if (str_trim(json_str(values, "cadreJuridiqueURL")).n)
        json_object_del(values, "cadreJuridiqueURL");
    if (root->revision_place >= 0) {
        json_t *list = json_copy(json_object_get(values, "revisions"));
        json_array_set_new(list, (size_t)root->revision_place, json_null());
        ds_put(values, "revisions", list);
    } else if (*revision) {
        json_object_del(values, revision);
    }
    ds_put(ds, "keys", ds_keys_of(root->procedure));
    ds_put(ds, "values", values);
    ds_put(ds, "revision", revision_shape(root));
    if (root->path.n) {
        ds_put(ds, "path", list_of(root->path));
        ds_put(ds, "outer", hollow(root->whole, root->path));
    }
    ds_foreign_set(kind, ds);
}

static err read_title(arena *mem, const struct ds_root *root, json_t *kind)
{
    str title = STR_NONE, description = STR_NONE;

    TRY(text_member(mem, root, "title", &title));
    TRY(text_member(mem, root, "description", &description));
    if (str_trim(title).n == 0)
        return ds_fault(mem, W("formats.ds.missing"), root->at, "title");
    ds_text_set(kind, "title", title);
    json_object_del(kind, "description_html");
    if (str_trim(description).n) {
        ds_text_set(kind, "description", description);
        if (ds_looks_html(description))
            ds_put(kind, "description_html", json_true());
    } else {
        json_object_del(kind, "description");
    }
    return NO_ERR;
}

/* For life: the number; without one, what stands for the descriptor's own id, else for its title. */
static str name_of(arena *mem, const struct ds_root *root, int64_t number)
{
    if (number > 0)
        return str_fmt(mem, "d%lld", (long long)number);
    str own = json_text(json_object_get(root->procedure, "id"));
    struct hash32 h = hash_blake2b(own.n ? own : str_fold(mem, str_trim(json_text(json_object_get(root->procedure, "title")))));
    return str_fmt(mem, "d-%.*s", STR_ARG(hex_of(mem, h.b, 8)));
}

err ds_root_read(arena *mem, const struct ds_root *root, const json_t *previous, json_t *kind)
{
    const json_t *number = json_object_get(root->procedure, "number");
    int64_t n = json_is_integer(number) ? (int64_t)json_integer_value(number) : 0;
    str text, service;

    if (previous)
        json_object_update(kind, (union { const json_t *in; json_t *out; }){previous}.out);
    if (json_is_string(number) && str_i64(json_text(number), &n).code != OK)
        return ds_fault(mem, W("formats.ds.number_expected"), root->at, "number");
    if (number && !json_is_integer(number) && !json_is_string(number) && !json_is_null(number))
        return ds_fault(mem, W("formats.ds.number_expected"), root->at, "number");
    if (!json_str(kind, "kind").n)
        ds_put(kind, "kind", json_from_str(name_of(mem, root, n)));
    if (!json_str(kind, "base").n)
        ds_put(kind, "base", json_string("procedure"));
    if (n > 0)
        ds_put(kind, "number", json_integer(n));
    TRY(read_title(mem, root, kind));
    TRY(text_member(mem, root, "cadreJuridiqueURL", &text));
    const json_t *s = json_object_get(root->procedure, "service");
    if (s && !json_is_object(s) && !json_is_null(s) && !json_is_string(s))
        return ds_fault(mem, W("formats.ds.object_expected"), root->at, "service");
    service = json_text(s);
    if (service.n)
        ds_put(setting_group(kind, "service"), "name", json_from_str(service));
    read_service(root, kind);
    read_legal_basis(root, kind);
    shape_of(root, kind);
    return NO_ERR;
}

/* CRPA L112-11 and R112-5 (receipt), GDPR article 13 (notice): what a procedure must say before it is published. */
void ds_root_remaining(arena *mem, const json_t *kind, struct strs *out)
{
    static const char *const wanted[] = {"service.name", "service.postal_address", "service.mail", "service.phone", "silence.means",
                                         "legal_basis", "personal_data.purpose", "personal_data.legal_basis", "personal_data.recipients",
                                         "personal_data.retention", "personal_data.contact", "audience"};
    const json_t *settings = json_object_get(kind, "settings");

    for (size_t i = 0; i < COUNT(wanted); i++) {
        const json_t *v = json_path(settings, wanted[i]);
        if (!v || (json_is_string(v) && str_trim(json_text(v)).n == 0))
            PUSH(mem, out, str_of(wanted[i]));
    }
}

/* ——— writing ——— */

static json_t *object_of(const json_t *keys, const json_t *values)
{
    json_t *o = json_object();

    for (size_t i = 0; i < json_array_size(keys); i++) {
        const char *key = json_string_value(json_array_get(keys, i));
        json_t *v = json_object_get(values, key);
        json_object_set_new(o, key, v ? json_incref(v) : json_null());       /* rebuilt ones are put over */
    }
    return o;
}

/* Members that were texts take what the kind says now; the others stay as they were. */
static json_t *service_now(const json_t *raw, const json_t *kind)
{
    const json_t *settings = json_path(kind, "settings.service");

    if (json_is_string(raw))
        return json_from_str(json_str(settings, "name").n ? json_str(settings, "name") : json_text(raw));
    json_t *now = json_deep_copy(raw);
    for (size_t i = 0; i < COUNT(service_members); i++) {
        str s = json_str(settings, service_members[i].setting);
        if (s.n && json_str(now, service_members[i].key).n)
            ds_put(now, service_members[i].key, json_from_str(s));
    }
    return now;
}

static void text_now(json_t *procedure, const json_t *kind, const json_t *values, const char *key)
{
    const json_t *raw = json_object_get(values, key);
    str s = ds_text(json_object_get(kind, key));

    if (!json_object_get(procedure, key) || (raw && str_trim(s).n == 0))
        return;
    ds_put(procedure, key, json_from_str(s.p ? s : S("")));
}

static void lists_into(json_t *revision, const json_t *shape, json_t *fields, json_t *annotations)
{
    const json_t *values = json_object_get(shape, "values");
    bool had = ds_keys_have(json_object_get(shape, "keys"), "annotationDescriptors");
    bool null_before = json_is_null(json_object_get(values, "annotationDescriptors"));

    ds_put(revision, "champDescriptors", fields);
    if (json_array_size(annotations) > 0 || (had && !null_before) || !shape)
        ds_put(revision, "annotationDescriptors", annotations);
    else
        json_decref(annotations);
}

static json_t *wrapped(const json_t *outer, const json_t *path, size_t step, json_t *procedure)
{
    if (step == json_array_size(path))
        return procedure;
    json_t *copy = json_copy((union { const json_t *in; json_t *out; }){outer}.out);
    const char *key = json_string_value(json_array_get(path, step));
    if (json_is_array(copy))
        json_array_set_new(copy, 0, wrapped(json_array_get(outer, 0), path, step + 1, procedure));
    else
        ds_put(copy, key, wrapped(json_object_get(outer, key), path, step + 1, procedure));
    return copy;
}

/* What was stored may have been edited by hand: what does not hold together is not used. */
static bool shape_is_whole(const json_t *ds)
{
    const json_t *shape = json_object_get(ds, "revision"), *place = json_object_get(shape, "place"), *v = json_object_get(ds, "outer");
    const json_t *path = json_object_get(ds, "path"), *values = json_object_get(ds, "values");

    if (!json_is_object(values) || !ds_is_texts(json_object_get(ds, "keys")) || !ds_is_texts(json_object_get(shape, "keys")))
        return false;
    if (!json_is_string(json_object_get(shape, "key")))
        return false;
    if (place && ((size_t)json_i64(shape, "place", -1) >= json_array_size(json_object_get(values, json_str(shape, "key").p))))
        return false;
    if (path && !ds_is_texts(path))
        return false;
    for (size_t i = 0; i < json_array_size(path); i++) {
        const char *key = json_string_value(json_array_get(path, i));
        if (json_is_array(v) ? json_array_size(v) != 1 : !json_object_get(v, key))
            return false;
        v = json_is_array(v) ? json_array_get(v, 0) : json_object_get(v, key);
    }
    return true;
}

static json_t *plain_root(const json_t *kind, json_t *fields, json_t *annotations)
{
    json_t *p = json_object(), *revision = json_object();
    str url = json_str(json_object_get(kind, "settings"), "legal_basis"), name = json_str(json_path(kind, "settings.service"), "name");

    if (json_is_integer(json_object_get(kind, "number")))
        json_object_set(p, "number", json_object_get(kind, "number"));
    ds_put(p, "title", json_from_str(ds_text(json_object_get(kind, "title"))));
    str description = ds_text(json_object_get(kind, "description"));
    ds_put(p, "description", json_from_str(description.p ? description : S("")));
    ds_put(p, "cadreJuridiqueURL", str_starts(url, S("http")) ? json_from_str(url) : json_null());
    if (name.n)
        ds_put(p, "service", json_pack("{s:o}", "nom", json_from_str(name)));
    lists_into(revision, NULL, fields, annotations);
    ds_put(p, "revision", revision);
    return p;
}

static void put_revision(json_t *p, const json_t *shape, str key, json_t *revision)
{
    if (json_is_integer(json_object_get(shape, "place"))) {
        json_t *list = json_copy(json_object_get(p, key.p));            /* the kind keeps its own */
        if (!list || json_array_set_new(list, (size_t)json_i64(shape, "place", 0), revision) != 0)
            abort();
        revision = list;
    }
    ds_put(p, key.p, revision);
}

json_t *ds_root_write(arena *mem, const json_t *kind, json_t *fields, json_t *annotations)
{
    const json_t *ds = ds_foreign(kind), *shape = json_object_get(ds, "revision"), *values = json_object_get(ds, "values");
    const json_t *number = json_object_get(kind, "number"), *service = json_object_get(values, "service");
    str revision_key = json_str(shape, "key"), url = json_str(json_object_get(kind, "settings"), "legal_basis");

    if (!shape_is_whole(ds))
        return plain_root(kind, fields, annotations);
    json_t *p = object_of(json_object_get(ds, "keys"), values);
    if (json_is_integer(number) && json_object_get(p, "number") && !json_object_get(values, "number"))
        json_object_set(p, "number", (union { const json_t *in; json_t *out; }){number}.out);
    text_now(p, kind, values, "title");
    text_now(p, kind, values, "description");
    if (json_object_get(p, "cadreJuridiqueURL") && !json_object_get(values, "cadreJuridiqueURL"))
        ds_put(p, "cadreJuridiqueURL", json_from_str(url));
    if (json_is_object(service) || json_is_string(service))
        ds_put(p, "service", service_now(service, kind));

    if (revision_key.n == 0) {
        lists_into(p, shape, fields, annotations);
    } else {
        json_t *revision = object_of(json_object_get(shape, "keys"), json_object_get(shape, "values"));
        lists_into(revision, shape, fields, annotations);
        put_revision(p, shape, revision_key, revision);
    }
    return wrapped(json_object_get(ds, "outer"), json_object_get(ds, "path"), 0, p);
}
