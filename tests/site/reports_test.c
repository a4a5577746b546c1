/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Reports over HTTP: what a visitor sees before and after an agent accepts, on both engines, with a twin town; photos without their
   metadata, by the converter itself. */
#include <stdlib.h>
#include <sys/stat.h>
#include <vips/vips.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/list.h"
#include "core/notify.h"
#include "core/search.h"
#include "core/testing.h"
#include "core/value_list.h"
#include "facets/facets.h"
#include "facets/place.h"
#include "formats/json.h"
#include "pages/app.h"
#include "process/converter.h"
#include "process/process.h"
#include "services.h"
#include "site/door.h"
#include "site/site.h"
#include "web/testing.h"

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libx265"; }       /* the encoder of the test's own photos */

struct site { struct town *t; struct app app; struct server *server; struct browser *web; };

static struct site *site_open(struct test_store *store)
{
    struct town *t = town_open(store);
    struct site *s = NEW(t->mem, struct site);
    s->t = t;
    facets_use(facets_all);
    s->app = (struct app){.mem = t->mem, .store = t->store->store, .kinds = t->kinds, .node = S("test")};
    ASSERT_OK(settings_read(t->mem, STR_NONE, &s->app.settings));
    str dir = str_fmt(t->mem, "%.*s/blobs-test", STR_ARG(t->store->dir));
    mkdir(dir.p, 0700);
    ASSERT_OK(blobs_open(&s->app.blobs, dir, 0));
    ASSERT_OK(tenant_host_add(t->store->store, TENANT, S("ville.test")));
    ASSERT_OK(tenant_host_add(t->store->store, TWIN, S("jumelle.test")));
    ASSERT_OK(tenants_open(&s->app.tenants, t->store->store));
    ASSERT_OK(converter_open(&s->app.converter, (struct converter_settings){0}));
    site_start(&(struct app){.pepper = {{7}}});
    struct server_options opt = {.listen = S("127.0.0.1:0"), .routes = all_routes, .hooks = door_hooks, .app = &s->app, .blobs = s->app.blobs, .assets = &assets_built,
                                 .csrf_key = S("0123456789abcdef0123456789abcdef"), .workers = 4};
    s->server = test_server(&opt);
    s->web = browser_new(s->server, t->mem);
    browser_host(s->web, "ville.test");
    return s;
}

static void site_close(struct site *s)
{
    browser_free(s->web);
    server_stop(s->server, 2000);
    converter_close(s->app.converter);
    tenants_close(s->app.tenants);
    blobs_close(s->app.blobs);
    facets_use(NULL);
    town_close(s->t);
}

static const char *path_of(struct site *s, const struct record *r, const char *what)
{
    return str_fmt(s->t->mem, "/signaler/%.*s%s", STR_ARG(r->reference), what).p;
}

static bool says(str body, const char *words) { return str_find(body, str_of(words)) >= 0; }

static const char *const MARKED[] = {"Zibeline", "+33639980404", "06 39 98 04 04", "zoe@ex.test", "Zoé", "Ocelot", "36 rue du Secret", NULL};

/* Every place where a visitor could meet it. */
static void nothing_private(struct site *s, const struct record *r, const char *const *words)
{
    const char *paths[] = {"/", "/signaler", "/signaler?sujet=road", "/signaler?etat=open", "/signaler?etat=received", "/signaler/flux.atom", "/signaler/carte.geojson",
                           path_of(s, r, ""), "/recherche?q=zibeline", "/recherche?q=ocelot", NULL};
    struct hits hits;
    for (size_t i = 0; paths[i]; i++) {
        struct answer a = http_get(s->web, paths[i]);
        for (size_t w = 0; words[w]; w++)
            if (says(a.body, words[w])) fail_msg("%s shows %s", paths[i], words[w]);
    }
    for (size_t w = 0; words[w]; w++) {
        ASSERT_OK(search_run(s->t->a.d, s->t->mem, &WHO_NOBODY, true, str_of(words[w]), STR_NONE, 10, &hits));
        if (hits.n && hits.v[0].record == r->id) fail_msg("search finds %s", words[w]);
    }
}

#define DOC(said_) "{\"place\":{\"lat\":48.1735,\"lon\":6.4496,\"address\":\"36 rue du Secret\"},\"f1\":\"road\",\"f2\":\"" said_ "\",\"f4\":true,\"f5\":\"+33639980404\"}"

static void a_private_word_never_leaves(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct record r = town_file(t, &t->a, t->a.report, DOC("Zibeline écrasée"), "Zoé", "zoe@ex.test");
    town_file(t, &t->twin, t->twin.report, DOC("Ocelot perdu"), "Zoé", "zoe@ex.test");
    nothing_private(s, &r, MARKED);
    struct answer page = http_get(s->web, path_of(s, &r, ""));
    assert_int_equal(page.status, 200);
    assert_true(says(page.body, "Chaussée") && says(page.body, "48.1735"));
    assert_true(says(http_get(s->web, "/signaler/carte.geojson").body, "[6.4496,48.1735]"));
    /* The text masked: still nothing of it, though the rest is public now. */
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", "{\"masks\":[\"f2\",\"place\"]}"));
    nothing_private(s, &r, MARKED);
    assert_false(says(http_get(s->web, path_of(s, &r, "")).body, "48.1735"));
    /* Accepted whole. */
    struct record open = town_file(t, &t->a, t->a.report, DOC("Zibeline vue"), "Zoé", "zoe@ex.test");
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &open, "accept", NULL));
    page = http_get(s->web, path_of(s, &open, ""));
    assert_true(says(page.body, "Zibeline vue") && says(page.body, "36 rue du Secret"));
    nothing_private(s, &open, (const char *const[]){"+33639980404", "06 39 98 04 04", "zoe@ex.test", "Zoé", "Ocelot", NULL});
    site_close(s);
}

static void refused_unseen_is_not_published(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct record r = town_file(t, &t->a, t->a.report, DOC("Zibeline"), NULL, NULL);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "refuse", "{\"reason\":\"Rien trouvé\"}"));
    assert_int_equal(r.published_us, 0);
    assert_int_equal(http_get(s->web, path_of(s, &r, "")).status, 404);
    nothing_private(s, &r, MARKED);
    browser_host(s->web, "jumelle.test");
    assert_int_equal(http_get(s->web, path_of(s, &r, "")).status, 404);
    site_close(s);
}

static void a_place_is_kept_with_its_record(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct place p;
    struct spots near;
    int64_t revision;
    struct record r = town_file(t, &t->a, t->a.report, DOC("Trou"), NULL, NULL);
    ASSERT_OK(place_get(t->a.d, t->mem, r.id, &p));
    assert_true(p.lat > 48.173 && p.lat < 48.174);
    ASSERT_STR(p.address, "36 rue du Secret");
    ASSERT_OK(place_near(t->a.d, t->mem, &t->a.agent, false, S("report"), 48.1736, 6.4497, 250, 5, &near));
    assert_int_equal(near.n, 1);
    /* An address of the town's list is enough, and then no secret. */
    struct list_entry entry = {S("1"), S("4 quai des Bons-Enfants"), S("{\"lat\":\"48.17\",\"lon\":\"6.45\"}")};
    ASSERT_OK(list_put(t->a.d, t->mem, LIST_ADDRESSES, S("Adresses"), &(struct list_entries){&entry, 1}, &revision));
    struct list_world world = {t->a.d, &t->a.tenant};
    struct answers_env env = {.zone = S("Europe/Paris"), .now_us = t->now_us};
    struct answer_faults faults = {0};
    json_t *doc;
    list_env(&env, &world);
    ASSERT_OK(answers_check(t->a.report, t->mem, town_json(t, "{\"place\":{\"address\":\"4, QUAI des bons-enfants\"},\"f1\":\"waste\"}"), &env, true, &doc, &faults));
    assert_int_equal(faults.n, 0);
    ASSERT_OK(answers_check(t->a.report, t->mem, town_json(t, "{\"place\":{\"address\":\"4 quai des bons-enfants\"},\"f1\":\"waste\"}"), &env, true, &doc, &faults));
    ASSERT_STR(json_canonical(t->mem, json_object_get(doc, "place")), "{\"address\":\"4 quai des bons-enfants\",\"lat\":48.17,\"located\":true,\"lon\":6.45}");
    static const struct { const char *place, *fault; } bad[] = {
        {"{\"lat\":91,\"lon\":0}", "field.place.degrees"}, {"{\"lat\":48}", "field.place.half"}, {"{\"lat\":\"48\",\"lon\":6}", "field.place.type"}, {"[]", "field.place.type"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        faults = (struct answer_faults){0};
        ASSERT_OK(answers_check(t->a.report, t->mem, town_json(t, str_fmt(t->mem, "{\"place\":%s,\"f1\":\"waste\"}", bad[i].place).p), &env, false, &doc, &faults));
        assert_int_equal(faults.n, 1);
        assert_string_equal(faults.v[0].msg, bad[i].fault);
    }
    faults = (struct answer_faults){0};
    ASSERT_OK(answers_check(t->a.report, t->mem, town_json(t, "{\"f1\":\"waste\"}"), &env, false, &doc, &faults));
    assert_int_equal(faults.n, 1);
    ASSERT_STR(faults.v[0].path, "place");
    site_close(s);
}

/* ---- through the pages, as a visitor does, with photos that say where they were taken */

static str photo(struct town *t, const char *suffix)
{
    VipsImage *black, *image;
    void *bytes;
    size_t n;
    assert_int_equal(vips_black(&black, 800, 600, "bands", 3, NULL), 0);
    assert_int_equal(vips_copy(black, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    vips_image_set_string(image, "exif-ifd0-Make", "SECRETMAKE (SECRETMAKE, ASCII, 11 components, 11 bytes)");
    vips_image_set_string(image, "exif-ifd3-GPSLatitudeRef", "N (N, ASCII, 2 components, 2 bytes)");
    vips_image_set_string(image, "exif-ifd3-GPSLatitude", "48/1 10/1 2820/100 (48, 10, 28.20, Rational, 3 components, 24 bytes)");
    vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, "<x:xmpmeta>SECRETXMP</x:xmpmeta>", 32);
    assert_int_equal(vips_image_write_to_buffer(image, suffix, &bytes, &n, NULL), 0);
    str out = str_copy(t->mem, (str){bytes, n});
    g_free(bytes);
    g_object_unref(image);
    g_object_unref(black);
    return out;
}

static bool tells(str bytes)
{
    VipsImage *image = vips_image_new_from_buffer(bytes.p, bytes.n, "", NULL);
    assert_non_null(image);
    bool said = vips_image_get_typeof(image, "exif-ifd3-GPSLatitude") != 0 || vips_image_get_typeof(image, VIPS_META_XMP_NAME) != 0;
    g_object_unref(image);
    return said;
}

static const char *at(struct site *s, str reference, const char *what) { return str_fmt(s->t->mem, "/dossiers/%.*s/%s", STR_ARG(reference), what).p; }

static str file_by_pages(struct site *s, str bytes)
{
    arena *mem = s->t->mem;
    struct answer a = http_post_form(s->web, "/signaler/commencer", NULL);
    assert_int_equal(a.status, 303);
    str rest, reference = str_split(str_cut(a.location, 10, a.location.n), '/', &rest);
    assert_int_equal(http_post_form(s->web, at(s, reference, "debut"), "email", "", NULL).status, 303);
    a = http_get(s->web, at(s, reference, "remplir/1"));
    assert_true(says(a.body, "data-map") && says(a.body, "name=\"place.address\""));
    a = http_post_multipart(s->web, at(s, reference, "remplir/1"), "place.address", "", "place.lat", "", "place.lon", "", "do", "next", NULL);
    assert_int_equal(a.status, 422);                    /* where is it? */
    a = http_post_multipart(s->web, at(s, reference, "remplir/1"), "place.address", "derrière le lavoir", "place.lat", "48,1735", "place.lon", "6,4496", "do", "next", NULL);
    assert_int_equal(a.status, 303);
    buf b = BUF(8 << 20);
    buf_lit(&b, "--xx\r\nContent-Disposition: form-data; name=\"f1\"\r\n\r\nwaste\r\n--xx\r\nContent-Disposition: form-data; name=\"f2\"\r\n\r\nMatelas\r\n"
                "--xx\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nnext\r\n--xx\r\nContent-Disposition: form-data; name=\"f3\"; filename=\"durand.jpg\"\r\n"
                "Content-Type: application/octet-stream\r\n\r\n");
    buf_put(&b, bytes);
    buf_lit(&b, "\r\n--xx--\r\n");
    a = http_send(s->web, "POST", at(s, reference, "remplir/2"), "multipart/form-data; boundary=xx", str_copy(mem, buf_str(&b)));
    buf_free(&b);
    assert_int_equal(a.status, 303);
    a = http_get(s->web, at(s, reference, "verifier"));
    str version = answer_between(&a, "name=\"version\" value=\"", "\"");
    a = http_post_form(s->web, at(s, reference, "deposer"), "version", str_z(mem, version), NULL);
    assert_int_equal(a.status, 303);
    a = http_get(s->web, at(s, reference, "recepisse"));
    assert_int_equal(a.status, 200);
    assert_false(says(a.body, "silence"));
    return str_copy(mem, reference);
}

static void a_photo_leaves_without_its_place(void **state)
{
    static const char *const suffixes[] = {".jpg", ".png", ".webp", ".heic"};
    struct site *s = site_open(*state);
    struct town *t = s->t;
    str refs[4];
    for (size_t i = 0; i < 4; i++) {
        struct record r;
        str bytes = photo(t, suffixes[i]);
        assert_true(tells(bytes));              /* the test would prove nothing otherwise */
        refs[i] = file_by_pages(s, bytes);
        ASSERT_OK(record_by_reference(t->a.d, t->mem, refs[i], &r));
        ASSERT_STR(json_str(json_object_get(r.doc, "place"), "address"), "derrière le lavoir");
        assert_false(says(http_get(s->web, path_of(s, &r, "")).body, "/photos/"));
        ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
        const char *original = str_fmt(t->mem, "/photos/%s", json_string_value(json_array_get(json_object_get(r.doc, "f3"), 0))).p;
        assert_int_equal(http_get(s->web, path_of(s, &r, original)).status, 404);      /* not before its copy is there */
    }
    int64_t run;
    ASSERT_OK(jobs_run_due(t->a.d, t->mem, all_jobs, &s->app, S("test"), clock_now_us() + DAY_US, &run));
    assert_int_equal(run, 4);
    for (size_t i = 0; i < 4; i++) {
        struct answer page = http_get(s->web, str_fmt(t->mem, "/signaler/%.*s", STR_ARG(refs[i])).p);
        str id = answer_between(&page, "/photos/", "\"");
        assert_true(id.n > 0);
        assert_false(says(page.body, "durand"));
        struct answer shown = http_get(s->web, str_fmt(t->mem, "/signaler/%.*s/photos/%.*s", STR_ARG(refs[i]), STR_ARG(id)).p);
        struct answer thumb = http_get(s->web, str_fmt(t->mem, "/signaler/%.*s/photos/%.*s/vignette", STR_ARG(refs[i]), STR_ARG(id)).p);
        assert_int_equal(shown.status, 200);
        assert_int_equal(thumb.status, 200);
        assert_true(image_is_bare(shown.body, IMAGE_JPEG) && image_is_bare(thumb.body, IMAGE_JPEG));
        assert_false(says(shown.body, "SECRET") || says(shown.body, "Exif") || says(thumb.body, "SECRET"));
        assert_true(thumb.body.n <= 15 << 10);
        browser_host(s->web, "jumelle.test");
        assert_int_equal(http_get(s->web, str_fmt(t->mem, "/signaler/%.*s/photos/%.*s", STR_ARG(refs[i]), STR_ARG(id)).p).status, 404);
        browser_host(s->web, "ville.test");
    }
    /* The same problem near by is told to the next one. */
    struct answer a = http_post_form(s->web, "/signaler/commencer", NULL);
    str rest, reference = str_split(str_cut(a.location, 10, a.location.n), '/', &rest);
    http_post_multipart(s->web, at(s, reference, "remplir/1"), "place.address", "", "place.lat", "48.1736", "place.lon", "6.4496", "do", "next", NULL);
    http_post_multipart(s->web, at(s, reference, "remplir/2"), "f1", "waste", "do", "next", NULL);
    a = http_get(s->web, at(s, reference, "verifier"));
    assert_true(says(a.body, str_fmt(t->mem, "/signaler/%.*s", STR_ARG(refs[3])).p));
    site_close(s);
}

static void neighbours_back_and_follow(void **state)
{
    struct site *s = site_open(*state);
    struct town *t = s->t;
    struct record r = town_file(t, &t->a, t->a.report, DOC("Trou"), NULL, NULL);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "accept", NULL));
    assert_int_equal(http_post_form(s->web, path_of(s, &r, "/soutien"), NULL).status, 303);
    assert_int_equal(http_post_form(s->web, path_of(s, &r, "/soutien"), NULL).status, 303);        /* once a person */
    assert_true(says(http_get(s->web, path_of(s, &r, "")).body, "1 personne concernée"));
    assert_int_equal(http_post_form(s->web, path_of(s, &r, "/suivre"), "email", "pas une adresse", NULL).status, 422);
    assert_int_equal(http_post_form(s->web, path_of(s, &r, "/suivre"), "email", "Voisine@ex.test", NULL).status, 303);
    struct outbox_items items = {0};
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("test"), clock_now_us() + MINUTE_US, 20, &items));
    assert_int_equal(items.n, 1);
    ASSERT_STR(items.v[0].to, "voisine@ex.test");
    str text = items.v[0].text, key = str_cut(text, (size_t)str_find(text, S("k=")) + 2, (size_t)str_find(text, S("k=")) + 34);
    assert_int_equal(http_post_form(s->web, path_of(s, &r, "/suivi"), "m", "voisine@ex.test", "k", "0123", "do", "follow", NULL).status, 404);
    assert_int_equal(http_post_form(s->web, path_of(s, &r, "/suivi"), "m", "voisine@ex.test", "k", str_z(t->mem, key), "do", "follow", NULL).status, 303);
    ASSERT_OK(town_act(t, &t->a, &t->a.agent, &r, "close", "{\"reason\":\"Zibeline\"}"));
    items = (struct outbox_items){0};
    ASSERT_OK(outbox_claim(t->a.d, t->mem, S("test"), clock_now_us() + 2 * DAY_US, 20, &items));
    bool told = false;
    for (size_t i = 0; i < items.n; i++) {
        if (!str_is(items.v[i].to, "voisine@ex.test") || !says(items.v[i].text, "Réparé")) continue;
        told = true;
        assert_false(says(items.v[i].text, "Zibeline"));         /* the reason is for its author */
        assert_true(says(items.v[i].text, "/suivre?m="));
    }
    assert_true(told);
    site_close(s);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    if (VIPS_INIT(argv[0])) return 1;
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_private_word_never_leaves), STORE_TEST(refused_unseen_is_not_published), STORE_TEST(a_place_is_kept_with_its_record),
        STORE_TEST(a_photo_leaves_without_its_place), STORE_TEST(neighbours_back_and_follow)};
    return STORE_RUN(tests);
}
