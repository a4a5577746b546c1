/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files of drafts and records over sealed blobs: kept once, gone when nobody has them any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/files.h"
#include "core/notify.h"
#include "core/testing.h"

static struct blobs *blobs_of(struct town *t)
{
    struct blobs *b;
    ASSERT_OK(blobs_open(&b, str_fmt(t->mem, "%.*s/files", STR_ARG(t->store->dir)), 0));
    return b;
}

static int64_t put(struct town *t, struct side *s, struct blobs *b, int64_t owner, const char *name, const char *content)
{
    struct blob_writer *w;
    struct blob_ref ref;
    int64_t id;
    ASSERT_OK(blob_write_start(b, db_tenant(s->d), &w));
    ASSERT_OK(blob_write(w, str_of(content)));
    ASSERT_OK(blob_write_finish(w, t->mem, &ref));
    ASSERT_OK(file_add(s->d, b, t->mem, owner, S("f3"), str_of(name), S("image/jpeg"), &ref, &id));
    return id;
}

static const char *content(struct town *t, struct side *s, struct blobs *b, int64_t id)
{
    struct file f;
    struct blob_reader *r;
    char *p = arena_alloc(t->mem, 200);
    size_t got = 0;
    ASSERT_OK(file_get(s->d, t->mem, id, &f));
    ASSERT_OK(blob_read_start(b, db_tenant(s->d), &f.blob, &r));
    ASSERT_OK(blob_read(r, 0, p, 199, &got));
    blob_read_end(r);
    p[got] = 0;
    return p;
}

static bool is_readable(struct town *t, struct side *s, struct blobs *b, const struct blob_ref *ref)
{
    struct blob_reader *r;
    err e = blob_read_start(b, db_tenant(s->d), ref, &r);
    if (e.code == OK) blob_read_end(r);
    (void)t;
    return e.code == OK;
}

static void one_content_is_kept_until_the_last_has_gone(void **state)
{
    struct town *t = town_open(*state);
    struct blobs *b = blobs_of(t);
    int64_t one = put(t, &t->a, b, 10, "a.jpg", "pixels"), two = put(t, &t->a, b, 20, "b.jpg", "pixels"), twin = put(t, &t->twin, b, 10, "a.jpg", "pixels");
    struct file f1, f2;
    ASSERT_OK(file_get(t->a.d, t->mem, one, &f1));
    ASSERT_OK(file_get(t->a.d, t->mem, two, &f2));
    assert_true(str_eq(f1.blob.name, f2.blob.name));
    assert_string_equal(content(t, &t->a, b, two), "pixels");
    ASSERT_OK(file_remove(t->a.d, b, t->mem, one));
    assert_string_equal(content(t, &t->a, b, two), "pixels");
    ASSERT_OK(file_remove(t->a.d, b, t->mem, two));
    assert_false(is_readable(t, &t->a, b, &f2.blob));
    assert_string_equal(content(t, &t->twin, b, twin), "pixels");
    ASSERT_CODE(file_get(t->a.d, t->mem, twin, &f1), E_NOT_FOUND);
    ASSERT_CODE(file_remove(t->a.d, b, t->mem, twin), E_NOT_FOUND);
    blobs_close(b);
    town_close(t);
}

static void an_upload_becomes_a_file(void **state)
{
    struct town *t = town_open(*state);
    struct blobs *b = blobs_of(t);
    int64_t id, offset;
    str part;
    struct file f;
    ASSERT_OK(blob_part_start(b, TENANT, t->mem, &part));
    ASSERT_OK(file_part_add(t->a.d, t->mem, 10, S("f3"), S("C:\\Users\\me\\photo.jpg"), S("text/html"), 6, part, &id));
    ASSERT_OK(file_get(t->a.d, t->mem, id, &f));
    ASSERT_STR(f.state, "uploading");
    ASSERT_STR(f.name, "photo.jpg");
    ASSERT_OK(blob_part_append(b, TENANT, part, 0, S("pix"), &offset));
    ASSERT_OK(blob_part_append(b, TENANT, part, 3, S("els"), &offset));
    ASSERT_OK(file_part_done(t->a.d, b, t->mem, id, S("image/jpeg")));
    ASSERT_OK(file_part_done(t->a.d, b, t->mem, id, S("image/jpeg")));
    ASSERT_OK(file_get(t->a.d, t->mem, id, &f));
    ASSERT_STR(f.state, "ready");
    ASSERT_STR(f.type, "image/jpeg");
    assert_int_equal(f.size_bytes, 6);
    assert_string_equal(content(t, &t->a, b, id), "pixels");
    blobs_close(b);
    town_close(t);
}

static bool ends_at_once(void *arg)
{
    (void)arg;
    return false;
}

static void the_sweep_takes_what_no_row_knows(void **state)
{
    struct town *t = town_open(*state);
    struct blobs *b = blobs_of(t);
    int64_t kept = put(t, &t->a, b, 10, "a.jpg", "kept"), twin = put(t, &t->twin, b, 10, "a.jpg", "twin's"), gone = put(t, &t->a, b, 20, "b.jpg", "gone"), n = 0;
    struct draft_secret secret;
    struct draft d;
    struct file f;
    ASSERT_OK(file_get(t->a.d, t->mem, gone, &f));
    ASSERT_OK(draft_start(t->a.d, t->mem, t->a.permit, t->a.town, 0, S("web"), t->now_us, &d, &secret));
    ASSERT_OK(file_own(t->a.d, gone, 20, S("f3")));
    ASSERT_CODE(file_own(t->a.d, gone, d.id, S("f3")), E_DENIED);
    int64_t with_draft = put(t, &t->a, b, d.id, "c.jpg", "draft's");
    ASSERT_OK(draft_erase(t->a.d, t->mem, d.id));
    ASSERT_CODE(file_get(t->a.d, t->mem, with_draft, &f), E_NOT_FOUND);
    clock_freeze_us(0);
    ASSERT_OK(files_sweep(t->store->store, b, HOUR_US, NULL, &n));
    assert_int_equal(n, 0);
    ASSERT_OK(files_sweep(t->store->store, b, 0, &(struct going){ends_at_once, NULL}, &n));
    assert_int_equal(n, 0);
    ASSERT_OK(files_sweep(t->store->store, b, 0, NULL, &n));
    assert_int_equal(n, 1);
    assert_string_equal(content(t, &t->a, b, kept), "kept");
    assert_string_equal(content(t, &t->twin, b, twin), "twin's");
    blobs_close(b);
    town_close(t);
}

static int64_t wrapped_by(struct town *t, struct side *s, int64_t number)
{
    struct key_uses uses = {0};
    ASSERT_OK(files_key_uses(s->d, t->mem, &uses));
    for (size_t i = 0; i < uses.n; i++)
        if (uses.v[i].number == number) return uses.v[i].files;
    return 0;
}

struct rewrapping { struct blobs *b; int64_t now_us; };
static err run_rewrap(db *d, arena *mem, const struct job *j, void *arg)
{
    struct rewrapping *r = arg;
    return files_rewrap(d, mem, r->b, j->payload, r->now_us);
}

static void a_rotation_rewraps_every_file(void **state)
{
    enum { FILES = 230 };
    static const struct job_type types[] = {{FILES_REWRAP, run_rewrap}, {0}};
    struct town *t = town_open(*state);
    struct blobs *b = blobs_of(t);
    struct rewrapping r = {b, t->now_us};
    int64_t ids[FILES], twin = put(t, &t->twin, b, 10, "a.jpg", "the twin's"), ran = 0;
    for (int i = 0; i < FILES; i++) {
        char words[40];
        snprintf(words, sizeof words, "content %d", i % 200);       /* some share a blob: each row has its own wrapping */
        ids[i] = put(t, &t->a, b, i, "a.jpg", words);
    }
    struct file before, after;
    ASSERT_OK(file_get(t->a.d, t->mem, ids[0], &before));
    ASSERT_OK(blobs_keys_rotate(b));
    ASSERT_OK(files_rewrap_later(t->a.d, b, t->now_us));
    assert_int_equal(wrapped_by(t, &t->a, 1), FILES);
    for (int i = 0; i < 50 && wrapped_by(t, &t->a, 1); i++) ASSERT_OK(jobs_run_due(t->a.d, t->mem, types, &r, S("node"), t->now_us, &ran));
    assert_int_equal(wrapped_by(t, &t->a, 1), 0);
    assert_int_equal(wrapped_by(t, &t->a, 2), FILES);
    assert_int_equal(wrapped_by(t, &t->twin, 1), 1);                /* nobody's job touches the twin */
    assert_string_equal(content(t, &t->twin, b, twin), "the twin's");
    for (int i = 0; i < FILES; i++) {
        char words[40];
        snprintf(words, sizeof words, "content %d", i % 200);
        assert_string_equal(content(t, &t->a, b, ids[i]), words);
    }
    ASSERT_OK(file_get(t->a.d, t->mem, ids[0], &after));
    assert_true(str_eq(before.blob.name, after.blob.name) && !str_eq(before.blob.wrapped_key, after.blob.wrapped_key));
    /* An upload under way at the rotation, committed behind the job: the second one takes it. */
    int64_t id;
    ASSERT_OK(files_rewrap_later(t->twin.d, b, t->now_us));
    ASSERT_OK(jobs_run_due(t->twin.d, t->mem, types, &r, S("node"), t->now_us, &ran));
    assert_int_equal(wrapped_by(t, &t->twin, 1), 0);
    ASSERT_OK(file_add(t->twin.d, b, t->mem, 99, S("f3"), S("late.jpg"), S("image/jpeg"), &before.blob, &id));
    assert_int_equal(wrapped_by(t, &t->twin, 1), 1);
    ASSERT_OK(jobs_run_due(t->twin.d, t->mem, types, &r, S("node"), t->now_us + HOUR_US, &ran));
    assert_int_equal(ran, 1);
    assert_int_equal(wrapped_by(t, &t->twin, 1), 0);
    blobs_close(b);
    town_close(t);
}

static void names_are_cleaned(void **state)
{
    static const struct { const char *given, *clean; } names[] = {
        {"photo.jpg", "photo.jpg"}, {"/etc/passwd", "passwd"}, {"..\\..\\x.exe", "x.exe"}, {"../..", "document"}, {"", "document"}, {"   ", "document"}, {".htaccess", "htaccess"},
        {"pièce d'identité.pdf", "pièce d'identité.pdf"}, {"a\r\nb\".jpg", "ab.jpg"}, {"<script>.svg", "script.svg"}, {"exe.\xe2\x80\xae" "gpj", "exe.gpj"}, {"\xff\xfe.png", "png"},
        {"CON:stream", "CONstream"}};
    struct town *t = town_open(*state);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) ASSERT_STR(file_name_clean(t->mem, str_of(names[i].given)), names[i].clean);
    char longest[400];
    memset(longest, 'a', sizeof longest);
    memcpy(longest + 390, ".jpeg", 6);
    str s = file_name_clean(t->mem, str_of(longest));
    assert_int_equal(s.n, 105);
    assert_true(str_ends(s, S(".jpeg")));
    town_close(t);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        STORE_TEST(one_content_is_kept_until_the_last_has_gone), STORE_TEST(an_upload_becomes_a_file), STORE_TEST(the_sweep_takes_what_no_row_knows),
        STORE_TEST(a_rotation_rewraps_every_file), STORE_TEST(names_are_cleaned),
    };
    return STORE_RUN(tests);
}
