/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A bucket, and its server in trouble: refusing, busy, dead, hanging, cut short. What blob_test proves of both shelves is not repeated. */
#include "place.h"
#include <pthread.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "process/process.h"

static const char *requests(struct place *p)
{
    char path[64];
    str all = {arena_alloc(p->mem, 1 << 20), 0};
    snprintf(path, sizeof path, "%s/s3-requests", place_server_dir);
    FILE *f = fopen(path, "r");
    all.n = fread((char *)(uintptr_t)all.p, 1, (1 << 20) - 1, f);
    fclose(f);
    f = fopen(path, "w");
    fclose(f);
    return all.p;
}

static err write_one(struct place *p, str bytes, struct blob_ref *ref)
{
    struct blob_writer *w;
    ASSERT_OK(blob_write_start(p->b, TENANT, &w));
    ASSERT_OK(blob_write(w, bytes));
    return blob_write_finish(w, p->mem, ref);
}

static void small_files_cost_one_request(void **state)
{
    struct place *p = *state;
    str back, bytes = place_content(p->mem, 60000), large = place_content(p->mem, 3 * MIB);
    requests(p);
    struct blob_ref ref = place_write(p, TENANT, bytes, MIB);
    ASSERT_OK(place_read(p, TENANT, &ref, 0, bytes.n, &back));
    const char *put = str_fmt(p->mem, "PUT /ville/essais/%s/1/%.2s/%.*s 200\n", strrchr(p->dir, '/') + 1, ref.name.p, STR_ARG(ref.name)).p;
    const char *got = str_fmt(p->mem, "GET /ville/essais/%s/1/%.2s/%.*s 206\n", strrchr(p->dir, '/') + 1, ref.name.p, STR_ARG(ref.name)).p;
    assert_string_equal(requests(p), str_fmt(p->mem, "%s%s", put, got).p);
    ref = place_write(p, TENANT, large, MIB);
    requests(p);
    ASSERT_OK(place_read(p, TENANT, &ref, 0, large.n, &back));
    int n = 0;
    for (const char *c = requests(p); (c = strchr(c, '\n')); c++) n++;
    assert_int_equal(n, 4); /* its start, and each segment once */
}

static void a_wrong_secret_is_refused(void **state)
{
    struct place *p = *state;
    struct blob_ref ref;
    str why;
    assert_true(bucket_answers(p->bucket, p->mem, &why));
    blobs_close(p->b);
    bucket_close(p->bucket);
    p->bucket = place_bucket(p, "un autre secret");
    ASSERT_OK(place_open(p));
    assert_string_equal(write_one(p, S("x"), &ref).msg, "store.shelf.away");
    assert_false(bucket_answers(p->bucket, p->mem, &why));
    assert_true(str_starts(why, S("403 ")) && str_find(why, S("SignatureDoesNotMatch")) > 0);
}

static void a_busy_server_is_asked_again(void **state)
{
    struct place *p = *state;
    struct blob_ref ref;
    str back;
    requests(p);
    place_server_is("busy-once");
    ASSERT_OK(write_one(p, S("words"), &ref));
    assert_true(strstr(requests(p), " 503\nPUT ") != 0);
    place_server_is("cut");
    assert_string_equal(place_read(p, TENANT, &ref, 0, 5, &back).msg, "store.shelf.away"); /* half an answer is none */
    place_server_is("ok");
    ASSERT_OK(place_read(p, TENANT, &ref, 0, 5, &back));
    assert_true(str_is(back, "words"));
}

static void a_dead_server_keeps_the_part(void **state)
{
    struct place *p = *state;
    struct blob_ref ref;
    str part, bytes = place_content(p->mem, MIB + 5), back;
    int64_t offset, began_us;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 0, bytes, &offset));
    place_server_is("dead");
    err e = blob_part_finish(p->b, TENANT, part, p->mem, &ref);
    assert_int_equal(e.code, E_BUSY);
    assert_string_equal(e.msg, "store.shelf.away");
    requests(p);
    began_us = clock_monotonic_us();
    assert_int_equal(blob_part_finish(p->b, TENANT, part, p->mem, &ref).code, E_BUSY);
    assert_true(clock_monotonic_us() - began_us < SECOND_US); /* now it is asked once, without a pause */
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_int_equal(offset, bytes.n);
    place_server_is("ok");
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    ASSERT_OK(place_read(p, TENANT, &ref, 0, bytes.n, &back));
    assert_true(str_eq(back, bytes));
}

struct waiter { struct place *p; const struct blob_ref *ref; int64_t us; err e; };

static void *read_slowly(void *arg)
{
    struct waiter *w = arg;
    struct blob_reader *r = 0;
    int64_t began_us = clock_monotonic_us();
    w->e = blob_read_start(w->p->b, TENANT, w->ref, &r);
    blob_read_end(r);
    w->us = clock_monotonic_us() - began_us;
    return 0;
}

static void a_server_that_hangs_holds_few(void **state)
{
    struct place *p = *state;
    struct waiter w[16];
    pthread_t threads[16];
    struct blob_ref ref = place_write(p, TENANT, S("words"), 9);
    int held = 0;
    place_server_is("hang");
    for (int i = 0; i < 16; i++) {
        w[i] = (struct waiter){.p = p, .ref = &ref};
        assert_int_equal(pthread_create(&threads[i], 0, read_slowly, &w[i]), 0);
    }
    for (int i = 0; i < 16; i++) {
        pthread_join(threads[i], 0);
        assert_int_equal(w[i].e.code, E_BUSY);
        held += w[i].us > 3 * SECOND_US;
    }
    assert_int_equal(held, 3); /* the others were told within a second */
    struct waiter late[2];
    for (int i = 0; i < 2; i++) {
        late[i] = (struct waiter){.p = p, .ref = &ref};
        assert_int_equal(pthread_create(&threads[i], 0, read_slowly, &late[i]), 0);
    }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
    assert_true(late[0].us < SECOND_US || late[1].us < SECOND_US); /* one looks whether it is back, the other is told at once */
}

/* Links to one object, under other names in its group. */
static void many_more(const char *object)
{
    for (int i = 0; i < 1100; i++) {
        char path[512];
        int at = (int)(strstr(object, "._S3rver") - object) - 16;
        snprintf(path, sizeof path, "%.*s%016x._S3rver_object", at, object, i);
        assert_int_equal(link(object, path), 0);
    }
}

static void a_long_list_is_read_to_its_end(void **state)
{
    struct place *p = *state;
    int64_t removed;
    struct blob_ref kept = place_write(p, TENANT, S("kept"), 9);
    const char *object = place_file(p, TENANT, &kept);
    many_more(object);
    clock_shift_us(25 * HOUR_US);
    err e = blobs_sweep(p->b, DAY_US, NULL, place_knows, &kept.name, &removed);
    clock_shift_us(-25 * HOUR_US);
    ASSERT_OK(e);
    assert_int_equal(removed, 1100);
    many_more(object);
    place_server_is("endless");             /* what cannot be read on is no list that ended */
    assert_int_equal(blobs_sweep(p->b, DAY_US, NULL, place_knows, &kept.name, &removed).code, E_IO);
    place_server_is("dead");
    assert_int_equal(blobs_sweep(p->b, DAY_US, NULL, place_knows, &kept.name, &removed).code, E_BUSY);
}

#define TEST(fn_) {#fn_, fn_, place_up, place_down, 0}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    static const struct CMUnitTest tests[] = {TEST(small_files_cost_one_request), TEST(a_wrong_secret_is_refused), TEST(a_busy_server_is_asked_again),
        TEST(a_dead_server_keeps_the_part), TEST(a_server_that_hangs_holds_few), TEST(a_long_list_is_read_to_its_end)};
    return cmocka_run_group_tests(tests, place_server_up, place_server_down);
}
