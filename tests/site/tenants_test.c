/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One town backed up, restored, exported, removed: it comes back row by row, its twin is not touched, and of what is removed nothing
   stays. On both engines, with the hosts asked over HTTP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "core/archive.h"
#include "core/journal.h"
#include "core/search.h"
#include "core/tenant_archive.h"
#include "core/value_list.h"
#include "facets/support.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "services.h"
#include "site_testing.h"
#include "store/change.h"
#include "store/tables.h"

#define WORD "Zyxwvutqwertz"            /* said in the town alone, wherever people can say something */

static struct archive_world world_of(struct site *s)
{
    return (struct archive_world){.store = s->t->store->store, .blobs = s->app.blobs, .tenants = s->app.tenants, .kinds = s->t->kinds};
}

/* What the clockwork does for a server that runs. */
static void changed(void *arg, int64_t tenant, str topic, int64_t id)
{
    struct site *s = arg;
    (void)id;
    if (str_is(topic, TOPIC_AWAY)) page_cache_bump(s->server, tenant, S("*"));
}

static struct site *site_begin(struct test_store *store)
{
    struct site *s = site_open(store);
    store_on_change(s->t->store->store, changed, s);
    return s;
}

static void site_end(struct site *s)
{
    store_on_change(s->t->store->store, NULL, NULL);
    site_close(s);
}

static int64_t file_of(struct site *s, struct side *side, int64_t owner, const char *bytes)
{
    struct blob_writer *w;
    struct blob_ref ref;
    int64_t id;
    ASSERT_OK(blob_write_start(s->app.blobs, db_tenant(side->d), &w));
    ASSERT_OK(blob_write(w, str_of(bytes)));
    ASSERT_OK(blob_write_finish(w, s->t->mem, &ref));
    ASSERT_OK(file_add(side->d, s->app.blobs, s->t->mem, owner, S("f3"), S("photo.jpg"), S("image/jpeg"), &ref, &id));
    return id;
}

static void seal_all(struct town *t, struct side *s)
{
    int64_t n = SEAL_SLICE;
    while (n == SEAL_SLICE) ASSERT_OK(journal_seal(s->d, t->now_us, &n));
}

/* Dossiers with their lives, reports with places, files, a list, messages, drafts. */
static struct record life_in(struct site *s, struct side *side, const char *word, int n)
{
    struct town *t = s->t;
    struct record r = {0};
    for (int i = 0; i < n; i++) {
        r = town_file(t, side, side->permit, str_fmt(t->mem, "{\"f1\":\"%s %d\",\"f2\":\"n\"}", word, i).p, word, str_fmt(t->mem, "%s%d@ex.test", word, i).p);
        file_of(s, side, r.id, str_fmt(t->mem, "%s: document %d", word, i).p);
        ASSERT_OK(town_act(t, side, &side->agent, &r, "take", NULL));
        if (i % 3 == 0) ASSERT_OK(town_act(t, side, &side->agent, &r, "refuse", str_fmt(t->mem, "{\"reason_in_law\":\"%s\",\"reason_in_fact\":\"%s\"}", word, word).p));
        struct record rep = town_file(t, side, side->report, str_fmt(t->mem, "{\"place\":{\"lat\":48.1735,\"lon\":6.4496},\"f1\":\"road\",\"f2\":\"%s\"}", word).p, NULL, NULL);
        if (i % 2) ASSERT_OK(town_act(t, side, &side->agent, &rep, "accept", NULL));
        town_pass(t, SECOND_US);
    }
    struct list_entry entry = {S("e1"), str_of(word), STR_NONE};
    ASSERT_OK(list_put(side->d, t->mem, S("streets"), str_of(word), &(struct list_entries){&entry, 1}, NULL));
    seal_all(t, side);
    return r;
}

/* ---- what is there, row by row ---- */

static void cell_dump(buf *b, const struct cell *c, char type)
{
    if (c->null) buf_lit(b, "~");
    else if (type == 'i') buf_i64(b, c->i);
    else if (type == 'f') buf_fmt(b, "%.17g", c->f);
    else buf_json(b, c->s.p ? c->s : S(""));
    buf_char(b, '|');
}

static bool dumped(const struct table *t, bool lite, bool truth_only)
{
    if (t->row->kind == TABLE_STORE || (t->row->lite_key && lite)) return false;
    return !truth_only || t->row->kind == TABLE_KEPT || t->row->kind == TABLE_SECRET;
}

/* Every row of a tenant; *rows: how many. A test's mails go out by nobody: nothing changes by itself. */
static str dump(struct site *s, int64_t tenant, bool truth_only, size_t *rows)
{
    struct town *t = s->t;
    AUTO(db_close_auto) db *d = NULL;
    struct tables all;
    buf b = BUF(1 << 26);
    *rows = 0;
    ASSERT_OK(store_read(t->store->store, 0, &d));
    ASSERT_OK(tables_read(d, t->mem, &all));
    for (size_t i = 0; i < all.n; i++) {
        const struct table *x = &all.v[i];
        const struct cell *after = NULL;
        struct cells c = {.n = 50};
        if (!dumped(x, store_is_sqlite(t->store->store), truth_only) || strcmp(x->row->name, "search") == 0) continue;
        while (c.n == 50) {
            ASSERT_OK(table_page(d, t->mem, x, tenant, after, 50, &c));
            for (size_t k = 0; k < c.n * x->n; k++) {
                if (k % x->n == 0) buf_fmt(&b, "\n%s ", x->row->name);
                cell_dump(&b, &c.v[k], x->v[k % x->n].type);
            }
            *rows += c.n;
            after = c.n ? c.v + (c.n - 1) * c.columns : NULL;
        }
    }
    assert_false(b.full);
    str out = str_copy(t->mem, buf_str(&b));
    buf_free(&b);
    return out;
}

static void same(str a, str b)
{
    if (str_eq(a, b)) return;
    while (a.n && b.n) {
        str x = str_split(a, '\n', &a), y = str_split(b, '\n', &b);
        if (!str_eq(x, y)) fail_msg("differs:\n  %.*s\n  %.*s", STR_ARG(x), STR_ARG(y));
    }
    fail_msg("one has more: %.*s %.*s", STR_ARG(a), STR_ARG(b));
}

static size_t found(struct site *s, struct side *side, const char *word)
{
    struct hits h = {0};
    ASSERT_OK(search_run(side->d, s->t->mem, &side->agent, false, str_of(word), STR_NONE, 200, &h));
    return h.n;
}

static void verified(struct town *t, struct side *side, int64_t least)
{
    struct verdict v;
    ASSERT_OK(journal_verify(side->d, t->mem, &v));
    assert_true(v.valid);
    assert_true(v.sealed >= least);
}

static int status_of(struct site *s, const char *host)
{
    browser_host(s->web, host);
    return http_get(s->web, "/").status;
}

static struct tenant_named named(struct site *s, const char *word)
{
    struct tenant_named n;
    ASSERT_OK(tenant_named(s->t->store->store, s->t->mem, str_of(word), &n));
    return n;
}

static str archive_of(struct site *s, const char *name)
{
    struct archive_world w = world_of(s);
    struct tenant_named n = named(s, "ville.test");
    int64_t lost;
    str file = str_fmt(s->t->mem, "%.*s/%s", STR_ARG(s->t->store->dir), name);
    ASSERT_OK(tenant_backup(&w, &n, file, &lost));
    assert_int_equal(lost, 0);
    return file;
}

static err restore(struct site *s, str file, bool replace)
{
    struct archive_world w = world_of(s);
    str slug;
    return tenant_restore(&w, &(struct restoring){.file = file, .replace = replace}, &slug, s->t->mem);
}

/* ---- tests ---- */

static void a_town_comes_back_row_by_row(void **state)
{
    struct site *s = site_begin(*state);
    struct town *t = s->t;
    struct record r = life_in(s, &t->a, WORD, 30);
    life_in(s, &t->twin, "Jumelle", 30);
    size_t rows, now, twin_rows;
    str file = archive_of(s, "ville.tar"), before = dump(s, TENANT, true, &rows), twin = dump(s, TWIN, false, &twin_rows);
    size_t hits = found(s, &t->a, WORD);
    assert_true(rows > 400 && hits == 60);
    life_in(s, &t->a, "Depuis", 5);
    ASSERT_OK(restore(s, file, true));
    same(dump(s, TENANT, true, &now), before);
    same(dump(s, TWIN, false, &now), twin);
    assert_int_equal(found(s, &t->a, WORD), hits);
    assert_int_equal(found(s, &t->a, "Depuis"), 0);
    assert_int_equal(found(s, &t->twin, "Jumelle"), 60);
    verified(t, &t->a, 60);
    verified(t, &t->twin, 60);
    assert_int_equal(status_of(s, "ville.test"), 200);
    /* It goes on: a new event joins the chain, a file opens. */
    struct files files;
    char bytes[64];
    size_t got;
    struct blob_reader *reader;
    ASSERT_OK(files_of(t->a.d, t->mem, r.id, &files));
    ASSERT_OK(blob_read_start(s->app.blobs, TENANT, &files.v[0].blob, &reader));
    ASSERT_OK(blob_read(reader, 0, bytes, sizeof bytes, &got));
    blob_read_end(reader);
    assert_memory_equal(bytes, WORD ": document 29", got);
    life_in(s, &t->a, "Ensuite", 2);
    verified(t, &t->a, 64);
    site_end(s);
}

static void a_town_that_is_gone_comes_back_under_its_host_or_another(void **state)
{
    struct site *s = site_begin(*state);
    struct town *t = s->t;
    life_in(s, &t->a, WORD, 5);
    size_t rows, now;
    str file = archive_of(s, "ville.tar"), before = dump(s, TENANT, true, &rows), slug;
    struct archive_world w = world_of(s);
    struct tenant_named n = named(s, "ville.test");
    ASSERT_OK(tenant_remove(&w, &n));
    assert_int_equal(status_of(s, "ville.test"), 421);
    ASSERT_OK(restore(s, file, false));
    same(dump(s, TENANT, true, &now), before);
    assert_int_equal(status_of(s, "ville.test"), 200);
    assert_string_equal(restore(s, file, false).msg, "tenant.restore.there");
    struct restoring elsewhere = {.file = file, .host = S("autre.test"), .replace = true};
    ASSERT_OK(tenant_restore(&w, &elsewhere, &slug, t->mem));
    assert_int_equal(status_of(s, "ville.test"), 421);
    assert_int_equal(status_of(s, "autre.test"), 200);
    elsewhere.host = S("jumelle.test");
    assert_string_equal(tenant_restore(&w, &elsewhere, &slug, t->mem).msg, "tenant.host_taken");
    assert_int_equal(status_of(s, "autre.test"), 200);
    site_end(s);
}

static size_t files_in(str dir)
{
    size_t n = 0;
    DIR *d = opendir(dir.p);
    arena *mem = arena_new(0);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.') n += e->d_type == DT_DIR ? files_in(str_fmt(mem, "%.*s/%s", STR_ARG(dir), e->d_name)) : 1;
    if (d) closedir(d);
    arena_free(mem);
    return n;
}

/* The hourly sweep comes while the rows are gone: the files are not nobody's. */
static void the_sweep_leaves_the_files_of_a_town_that_is_away(void **state)
{
    struct site *s = site_begin(*state);
    struct town *t = s->t;
    struct tables all;
    int64_t removed;
    life_in(s, &t->a, WORD, 3);
    str file = archive_of(s, "ville.tar"), dir = str_fmt(t->mem, "%.*s/blobs-test/blobs/%d", STR_ARG(t->store->dir), TENANT);
    struct archive_world w = world_of(s);
    struct tenant_named n = named(s, "ville.test");
    size_t files = files_in(dir);
    assert_true(files >= 3);
    ASSERT_OK(tables_read(t->a.d, t->mem, &all));
    ASSERT_OK(tenant_away(&w, &n, "restore", NULL));
    ASSERT_OK(tenant_rows_remove(&w, &all, TENANT));
    store_fence(t->store->store, 0);                    /* as after a crash */
    ASSERT_OK(files_sweep(t->store->store, s->app.blobs, -SECOND_US, NULL, &removed));
    assert_int_equal(removed, 0);
    assert_int_equal(files_in(dir), files);
    assert_int_equal(status_of(s, "ville.test"), 421);
    struct strs away;
    ASSERT_OK(tenants_away(t->store->store, t->mem, &away));
    assert_int_equal(away.n, 1);
    ASSERT_STR(away.v[0], "ville");
    ASSERT_OK(restore(s, file, false));
    ASSERT_OK(files_sweep(t->store->store, s->app.blobs, -SECOND_US, NULL, &removed));
    assert_int_equal(files_in(dir), files);
    site_end(s);
}

/* ---- archives that are not whole ---- */

static str bytes_of(arena *mem, str path)
{
    FILE *f = fopen(path.p, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *p = arena_alloc(mem, n + 1);
    assert_int_equal(fread(p, 1, n, f), n);
    fclose(f);
    return (str){p, n};
}

static str written(struct site *s, const char *name, str bytes)
{
    str path = str_fmt(s->t->mem, "%.*s/%s", STR_ARG(s->t->store->dir), name);
    FILE *f = fopen(path.p, "wb");
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
    return path;
}

static void what_is_not_whole_changes_nothing(void **state)
{
    struct site *s = site_begin(*state);
    struct town *t = s->t;
    life_in(s, &t->a, WORD, 4);
    str file = archive_of(s, "ville.tar"), whole = bytes_of(t->mem, file);
    life_in(s, &t->a, "Depuis", 2);
    size_t rows, now;
    str before = dump(s, TENANT, false, &rows);
    uint64_t seed = 11;
    for (int i = 0; i < 40; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        str copy = str_copy(t->mem, whole);
        size_t at = (size_t)(seed >> 20) % whole.n;
        if (i % 2) copy.n = at = at % (whole.n - 1600);     /* behind that only the end's padding is lost */
        else ((char *)(uintptr_t)copy.p)[at] ^= (char)(1 << (seed >> 60 & 7));
        /* Of what fills a block, or a date of the tar, nothing comes in: it may pass, and is then the same archive. */
        err e = restore(s, written(s, "bad.tar", copy), true);
        if (e.code == OK) {
            if (i % 2 && at < whole.n - 1024) fail_msg("cut at %zu of %zu and taken", at, whole.n);      /* a tar ends in 1024 bytes of nothing */
            ASSERT_OK(restore(s, file, true));
            life_in(s, &t->a, "Depuis", 2);
            before = dump(s, TENANT, false, &rows);
            continue;
        }
        same(dump(s, TENANT, false, &now), before);
    }
    assert_int_equal(status_of(s, "ville.test"), 200);
    /* Another ring of keys could not open its files. */
    struct archive_world w = world_of(s);
    str slug, dir = str_fmt(t->mem, "%.*s/ring", STR_ARG(t->store->dir));
    mkdir(dir.p, 0700);
    ASSERT_OK(blobs_open(&w.blobs, dir, NULL));
    assert_string_equal(tenant_restore(&w, &(struct restoring){.file = file, .replace = true}, &slug, t->mem).msg, "tenant.restore.keys");
    blobs_close(w.blobs);
    same(dump(s, TENANT, false, &now), before);
    site_end(s);
}

/* ---- gone ---- */

static size_t traces_in(const char *dir, const char *word)
{
    size_t all = 0, n = strlen(word);
    DIR *d = opendir(dir);
    arena *mem = arena_new(0);
    for (struct dirent *e; d && (e = readdir(d));) {
        str path = str_fmt(mem, "%s/%s", dir, e->d_name);
        if (e->d_type == DT_DIR && e->d_name[0] != '.') all += traces_in(path.p, word);
        if (e->d_type != DT_REG) continue;
        str text = bytes_of(mem, path);
        for (size_t i = 0; i + n <= text.n; i++) all += memcmp(text.p + i, word, n) == 0;
    }
    if (d) closedir(d);
    arena_free(mem);
    return all;
}

static void nothing_stays_of_a_town_removed(void **state)
{
    struct site *s = site_begin(*state);
    struct town *t = s->t;
    life_in(s, &t->a, WORD, 30);
    life_in(s, &t->twin, "Jumelle", 30);
    size_t rows, now, files = files_in(str_fmt(t->mem, "%.*s/blobs-test/blobs/%d", STR_ARG(t->store->dir), TWIN));
    str twin = dump(s, TWIN, false, &rows), part;
    struct tenant renamed = t->a.tenant;
    renamed.name = S(WORD);
    ASSERT_OK(tenant_save(t->a.d, &renamed));
    ASSERT_OK(blob_part_start(s->app.blobs, TENANT, t->mem, &part));
    struct archive_world w = world_of(s);
    struct tenant_named n = named(s, "ville.test");
    ASSERT_OK(tenant_remove(&w, &n));
    dump(s, TENANT, false, &now);
    assert_int_equal(now, 0);
    same(dump(s, TWIN, false, &now), twin);
    assert_int_equal(found(s, &t->twin, "Jumelle"), 60);
    assert_int_equal(access(str_fmt(t->mem, "%.*s/blobs-test/blobs/%d", STR_ARG(t->store->dir), TENANT).p, F_OK), -1);
    assert_int_equal(files_in(str_fmt(t->mem, "%.*s/blobs-test/blobs/%d", STR_ARG(t->store->dir), TWIN)), files);
    assert_int_equal(status_of(s, "ville.test"), 421);
    assert_int_equal(status_of(s, "jumelle.test"), 200);
    verified(t, &t->twin, 60);
    if (store_is_sqlite(t->store->store)) {
        static const char *const marked[] = {WORD, "zyxwvutqwertz"};
        for (size_t i = 0; i < sizeof marked / sizeof *marked; i++)
            if (traces_in(t->store->dir.p, marked[i])) fail_msg("\"%s\" is still in the files (%zu)", marked[i], traces_in(t->store->dir.p, marked[i]));
        assert_true(traces_in(t->store->dir.p, "Jumelle") > 0);
    }
    struct tenant_named gone;
    assert_int_equal(tenant_named(t->store->store, t->mem, S("ville.test"), &gone).code, E_NOT_FOUND);
    site_end(s);
}

/* ---- taken along ---- */

static size_t lines_in(arena *mem, str dir, const char *file)
{
    str text = bytes_of(mem, str_fmt(mem, "%.*s/%s", STR_ARG(dir), file));
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

static size_t csv_rows(arena *mem, str dir, const char *file)
{
    struct csv c;
    ASSERT_OK(csv_read(mem, bytes_of(mem, str_fmt(mem, "%.*s/%s", STR_ARG(dir), file)), ';', (struct csv_limits){0}, &c));
    assert_int_equal(c.faults.n, 0);
    return c.rows.n;
}

static int64_t rows_of(struct site *s, const char *table)
{
    AUTO(db_close_auto) db *d = NULL;
    struct tables all;
    int64_t n;
    ASSERT_OK(store_read(s->t->store->store, 0, &d));
    ASSERT_OK(tables_read(d, s->t->mem, &all));
    ASSERT_OK(table_count(d, s->t->mem, table_find(&all, str_of(table)), TENANT, &n));
    return n;
}

static void who_leaves_takes_everything_along(void **state)
{
    struct site *s = site_begin(*state);
    struct town *t = s->t;
    arena *mem = t->mem;
    life_in(s, &t->a, WORD, 12);
    life_in(s, &t->twin, "Jumelle", 3);
    str dir = str_fmt(mem, "%.*s/parti", STR_ARG(t->store->dir)), zip = str_fmt(mem, "%.*s.zip", STR_ARG(dir));
    struct archive_world w = world_of(s);
    ASSERT_OK(tenant_export(&w, &t->a.tenant, dir));
    AUTO(db_close_auto) db *d = NULL;
    struct tables all;
    ASSERT_OK(store_read(t->store->store, 0, &d));
    ASSERT_OK(tables_read(d, mem, &all));
    json_t *schema;
    ASSERT_OK(json_parse(mem, bytes_of(mem, str_fmt(mem, "%.*s/schema.json", STR_ARG(dir))), &schema));
    for (size_t i = 0; i < all.n; i++) {
        const char *name = all.v[i].row->name;
        if (all.v[i].row->kind != TABLE_KEPT) continue;
        int64_t n = rows_of(s, name), said = json_i64(json_path(schema, str_fmt(mem, "tables.%s", name).p), "rows", -1);
        assert_int_equal(said, n);
        if (n) assert_int_equal(lines_in(mem, dir, str_fmt(mem, "tables/%s.jsonl", name).p), n);
    }
    str permit = str_fmt(mem, "demarches/%.*s/dossiers", STR_ARG(t->a.permit->name));
    size_t permits = csv_rows(mem, dir, str_fmt(mem, "%.*s.csv", STR_ARG(permit)).p), reports = csv_rows(mem, dir, "demarches/report/dossiers.csv");
    assert_int_equal(permits + reports, rows_of(s, "record"));
    assert_int_equal(lines_in(mem, dir, str_fmt(mem, "%.*s.jsonl", STR_ARG(permit)).p), permits);
    assert_int_equal(lines_in(mem, dir, "messages.jsonl"), rows_of(s, "message"));
    assert_int_equal(lines_in(mem, dir, "journal.jsonl"), rows_of(s, "journal"));
    assert_int_equal(csv_rows(mem, dir, "fichiers.csv"), rows_of(s, "file"));
    assert_int_equal(files_in(str_fmt(mem, "%.*s/fichiers", STR_ARG(dir))), rows_of(s, "file"));
    assert_int_equal(csv_rows(mem, dir, "listes/streets.csv"), 1);
    /* Files in clear, what people said, no secret, nothing of the twin. */
    assert_true(traces_in(str_fmt(mem, "%.*s/fichiers", STR_ARG(dir)).p, WORD ": document 11") == 1);
    assert_int_equal(traces_in(dir.p, "Jumelle"), 0);
    assert_int_equal(traces_in(dir.p, "$argon2"), 0);
    assert_int_equal(traces_in(dir.p, "wrapped_key"), 0);
    assert_string_equal(tenant_export(&w, &t->a.tenant, dir).msg, "tenant.export.not_empty");
    ASSERT_OK(tenant_export(&w, &t->a.tenant, zip));
    assert_memory_equal(bytes_of(mem, zip).p, "PK", 2);
    assert_int_equal(access(str_fmt(mem, "%.*s.part", STR_ARG(zip)).p, F_OK), -1);
    site_end(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(a_town_comes_back_row_by_row), STORE_TEST(a_town_that_is_gone_comes_back_under_its_host_or_another), STORE_TEST(the_sweep_leaves_the_files_of_a_town_that_is_away),
        STORE_TEST(what_is_not_whole_changes_nothing),
        STORE_TEST(nothing_stays_of_a_town_removed), STORE_TEST(who_leaves_takes_everything_along),
    };
    return STORE_RUN(tests);
}
