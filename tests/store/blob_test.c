/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealed files: what is written is read from any place, what was touched is refused, nothing lies in clear on the disk. Each case on both
   shelves: the local disk, and a bucket. */
#include "place.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "process/process.h"

static void sizes_round_trip(void **state)
{
    struct place *p = *state;
    static const size_t sizes[] = {0, 1, 15, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        str bytes = place_content(p->mem, sizes[i]), back;
        struct blob_ref ref = place_write(p, TENANT, bytes, 70001);
        assert_int_equal(ref.size_bytes, sizes[i]);
        ASSERT_OK(place_read(p, TENANT, &ref, 0, sizes[i] + 10, &back));
        assert_true(str_eq(back, bytes));
        arena_reset(p->mem);
    }
}

static void known_hash(void **state)
{
    struct place *p = *state;
    struct blob_ref ref = place_write(p, TENANT, S("abc"), 1);
    assert_true(str_is(ref.sha256_hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")); /* FIPS 180-4 */
}

static void any_place_can_be_read(void **state)
{
    struct place *p = *state;
    str bytes = place_content(p->mem, 3 * MIB + 100), back;
    struct blob_ref ref = place_write(p, TENANT, bytes, MIB);
    static const struct { int64_t at; size_t n; } reads[] = {{0, 10}, {MIB - 3, 6}, {2 * MIB, MIB + 100}, {3 * MIB + 99, 5}, {1, 2 * MIB}};
    for (size_t i = 0; i < 5; i++) {
        ASSERT_OK(place_read(p, TENANT, &ref, reads[i].at, reads[i].n, &back));
        assert_true(str_eq(back, str_cut(bytes, (size_t)reads[i].at, (size_t)reads[i].at + reads[i].n)));
    }
    ASSERT_OK(place_read(p, TENANT, &ref, 3 * MIB + 100, 5, &back));
    assert_int_equal(back.n, 0);
}

static void flip(const char *path, off_t at)
{
    char c;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c ^= 1;
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void a_flipped_bit_is_seen(void **state)
{
    struct place *p = *state;
    str bytes = place_content(p->mem, 2 * MIB + 50), back;
    struct blob_ref ref = place_write(p, TENANT, bytes, MIB);
    const char *path = place_file(p, TENANT, &ref);
    static const off_t places[] = {0, 16, 16 + 5000, 16 + MIB, 16 + MIB + 16 + 3, 16 + 2 * (MIB + 16) + 49, 16 + 2 * (MIB + 16) + 60};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        flip(path, places[i]);
        assert_string_equal(place_read(p, TENANT, &ref, 0, bytes.n, &back).msg, "store.blob.altered");
        flip(path, places[i]);
    }
    ASSERT_OK(place_read(p, TENANT, &ref, 0, bytes.n, &back));
}

static void a_cut_file_is_seen(void **state)
{
    struct place *p = *state;
    str bytes = place_content(p->mem, 2 * MIB), back;
    struct blob_ref ref = place_write(p, TENANT, bytes, MIB), shorter = ref;
    const char *path = place_file(p, TENANT, &ref);
    assert_int_equal(truncate(path, 16 + MIB + 16), 0); /* at the end of a segment */
    assert_string_equal(place_read(p, TENANT, &ref, 0, 10, &back).msg, "store.blob.altered");
    shorter.size_bytes = MIB; /* and whoever changed the row too: the first segment is not a last one */
    assert_string_equal(place_read(p, TENANT, &shorter, 0, 10, &back).msg, "store.blob.altered");
    unlink(path);
    assert_string_equal(place_read(p, TENANT, &ref, 0, 10, &back).msg, "store.blob.missing");
}

static void copy_bytes(const char *path, off_t from, off_t to, size_t n)
{
    char *v = malloc(n);
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, v, n, from), n);
    assert_int_equal(pwrite(fd, v, n, to), n);
    close(fd);
    free(v);
}

static void segments_stay_in_their_places(void **state)
{
    struct place *p = *state;
    str bytes = place_content(p->mem, 3 * MIB), back;
    struct blob_ref ref = place_write(p, TENANT, bytes, MIB);
    copy_bytes(place_file(p, TENANT, &ref), 16, 16 + MIB + 16, MIB + 16);
    assert_string_equal(place_read(p, TENANT, &ref, MIB, 10, &back).msg, "store.blob.altered");
    ASSERT_OK(place_read(p, TENANT, &ref, 0, 10, &back));
}

static void tenants_and_files_do_not_mix(void **state)
{
    struct place *p = *state;
    str back;
    struct blob_ref a = place_write(p, TENANT, S("words"), 9), b = place_write(p, TWIN, S("words"), 9), c = place_write(p, TENANT, S("words"), 9);
    assert_false(str_eq(str_cut(a.name, 0, 64), str_cut(b.name, 0, 64))); /* one content in two towns: nobody can tell */
    assert_true(str_eq(str_cut(a.name, 0, 65), str_cut(c.name, 0, 65)) && !str_eq(a.name, c.name));
    assert_string_equal(place_read(p, TWIN, &a, 0, 5, &back).msg, "store.blob.missing");
    const char *there = place_file(p, TWIN, &a);
    (void)mkdir(str_z(p->mem, str_fmt(p->mem, "%s/2/%.2s", place_shelf(p), a.name.p)), 0700);
    assert_int_equal(rename(place_file(p, TENANT, &a), there), 0); /* carried over by somebody */
    assert_string_equal(place_read(p, TWIN, &a, 0, 5, &back).msg, "store.blob.altered");
    struct blob_ref wrong = c;
    wrong.wrapped_key = b.wrapped_key;
    assert_int_equal(place_read(p, TENANT, &wrong, 0, 5, &back).code, E_IO);
    wrong.name = S("../../../etc/passwd");
    assert_int_equal(place_read(p, TENANT, &wrong, 0, 5, &back).code, E_NOT_FOUND);
    ASSERT_OK(place_read(p, TENANT, &c, 0, 5, &back));
    ASSERT_OK(blob_remove(p->b, TENANT, c.name));
    assert_int_equal(blob_remove(p->b, TENANT, c.name).code, place_in_bucket ? OK : E_NOT_FOUND); /* a bucket does not say that there was none */
    assert_string_equal(place_read(p, TENANT, &c, 0, 5, &back).msg, "store.blob.missing");
}

/* ---- the disk ---- */

static const char marker[] = "Mme-Dupont-a-ecrit-ceci";
static int markers, files;
static int look(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type != FTW_F) return 0;
    files++;
    if (st->st_mode & 077 && !str_starts(str_of(path), str_of(place_server_dir))) markers += 100;
    char *all = malloc((size_t)st->st_size + 1);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, all, (size_t)st->st_size);
    close(fd);
    if (n > 0 && memmem(all, (size_t)n, marker, sizeof marker - 1)) markers++;
    free(all);
    return 0;
}

static void nothing_lies_in_clear(void **state)
{
    struct place *p = *state;
    str part;
    int64_t offset;
    char text[4000];
    for (size_t i = 0; i + sizeof marker < sizeof text; i += sizeof marker - 1) memcpy(text + i, marker, sizeof marker);
    place_write(p, TENANT, (str){text, sizeof text}, 100);
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 0, (str){text, sizeof text}, &offset));
    markers = files = 0;
    nftw(p->dir, look, 16, FTW_PHYS);
    assert_int_equal(markers, 0); /* nor is anything readable by others */
    assert_int_equal(files, place_in_bucket ? 2 : 3); /* the ring, the part; the blob */
    if (!place_in_bucket) return;
    nftw(place_shelf(p), look, 16, FTW_PHYS);
    assert_true(markers == 0 && files > 2);
}

/* ---- resumed uploads ---- */

static void a_part_is_resumed(void **state)
{
    struct place *p = *state;
    str part, bytes = place_content(p->mem, 2 * MIB + 12345), back;
    int64_t offset;
    struct blob_ref ref;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 0, str_cut(bytes, 0, 1000), &offset));
    assert_int_equal(offset, 1000);
    assert_int_equal(blob_part_append(p->b, TENANT, part, 999, S("x"), &offset).code, E_CONFLICT);
    assert_int_equal(offset, 1000);
    assert_int_equal(blob_part_offset(p->b, TWIN, part, &offset).code, E_NOT_FOUND);
    ASSERT_OK(blob_part_sync(p->b, TENANT, part));
    blobs_close(p->b); /* a restart */
    ASSERT_OK(place_open(p));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_int_equal(offset, 1000);
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 1000, str_cut(bytes, 1000, bytes.n), &offset));
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset)); /* until the row is committed */
    ASSERT_OK(blob_part_abort(p->b, TENANT, part));
    assert_int_equal(blob_part_offset(p->b, TENANT, part, &offset).code, E_NOT_FOUND);
    ASSERT_OK(place_read(p, TENANT, &ref, 0, bytes.n, &back));
    assert_true(str_eq(back, bytes));
    struct blob_ref whole = place_write(p, TENANT, bytes, MIB);
    assert_true(str_eq(str_cut(whole.name, 0, 64), str_cut(ref.name, 0, 64)) && str_eq(whole.sha256_hex, ref.sha256_hex));
}

static void a_half_written_piece_is_cut_off(void **state)
{
    struct place *p = *state;
    str part, bytes = place_content(p->mem, 5000), back;
    int64_t offset;
    struct blob_ref ref;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 0, str_cut(bytes, 0, 2000), &offset));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 2000, str_cut(bytes, 2000, 3000), &offset));
    blobs_close(p->b);
    const char *path = str_z(p->mem, str_fmt(p->mem, "%s/blobs/1/parts/%.*s", p->dir, STR_ARG(part)));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 7), 0);
    ASSERT_OK(place_open(p));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_int_equal(offset, 2000);
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 2000, str_cut(bytes, 2000, 5000), &offset));
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    ASSERT_OK(place_read(p, TENANT, &ref, 0, 5000, &back));
    assert_true(str_eq(back, bytes));
}

/* A child uploads and is killed; what it was told is there. */
static void child_uploads(const char *dir, str part, int out)
{
    struct blobs *b;
    static char piece[30000];
    if (blobs_open(&b, str_of(dir), 0).code != OK) _exit(1);
    for (int64_t offset = 0;;) {
        if (blob_part_append(b, TENANT, part, offset, (str){piece, sizeof piece}, &offset).code != OK) _exit(1);
        if (write(out, &offset, sizeof offset) != sizeof offset) _exit(1);
    }
}

static void an_upload_survives_kill(void **state)
{
    struct place *p = *state;
    str part;
    int ends[2];
    int64_t told = 0, offset;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    blobs_close(p->b);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) child_uploads(p->dir, part, ends[1]);
    close(ends[1]);
    for (int i = 0; i < 60; i++) assert_int_equal(read(ends[0], &told, sizeof told), sizeof told);
    kill(child, SIGKILL);
    waitpid(child, 0, 0);
    while (read(ends[0], &told, sizeof told) == sizeof told) {}
    close(ends[0]);
    ASSERT_OK(place_open(p));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_true(offset >= told && told >= 60 * 30000);
}

static void a_full_disk_keeps_the_part(void **state)
{
    struct place *p = *state;
    str part, bytes = place_content(p->mem, 3 * MIB);
    int64_t offset, before;
    struct rlimit l;
    struct blob_ref ref;
    struct blob_writer *w;
    signal(SIGXFSZ, SIG_IGN);
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    getrlimit(RLIMIT_FSIZE, &l);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){MIB * 3 / 2, l.rlim_max});
    err e = blob_part_append(p->b, TENANT, part, 0, bytes, &before);
    ASSERT_OK(blob_write_start(p->b, TENANT, &w));
    err second = blob_write(w, bytes);
    blob_write_abort(w);
    setrlimit(RLIMIT_FSIZE, &l);
    assert_string_equal(e.msg, "store.full");
    assert_string_equal(second.msg, "store.full");
    assert_int_equal(before, MIB);
    ASSERT_OK(blob_part_append(p->b, TENANT, part, before, str_cut(bytes, MIB, bytes.n), &offset));
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    assert_int_equal(ref.size_bytes, 3 * MIB);
}

/* ---- keys and sweeping ---- */

static void keys_rotate(void **state)
{
    struct place *p = *state;
    str back, before, after;
    struct hash32 a, b;
    struct blob_ref old = place_write(p, TENANT, S("old"), 9), moved = old;
    blobs_secret_hash(p->b, S("code"), &a);
    ASSERT_OK(blobs_keys_export(p->b, p->mem, &before));
    ASSERT_OK(blobs_keys_rotate(p->b));
    ASSERT_OK(blobs_keys_export(p->b, p->mem, &after));
    assert_true(after.n > before.n && str_starts(after, before));
    ASSERT_OK(blob_rewrap(p->b, p->mem, &moved));
    assert_true(moved.wrapped_key.p[1] == 2 && old.wrapped_key.p[1] == 1);
    blobs_close(p->b);
    ASSERT_OK(place_open(p));
    ASSERT_OK(place_read(p, TENANT, &old, 0, 3, &back));
    ASSERT_OK(place_read(p, TENANT, &moved, 0, 3, &back));
    blobs_secret_hash(p->b, S("code"), &b);
    assert_memory_equal(a.b, b.b, 32);
    struct blob_ref unknown = old;
    char *wrapped = (char *)(uintptr_t)str_copy(p->mem, old.wrapped_key).p;
    wrapped[1] = 9;
    unknown.wrapped_key.p = wrapped;
    assert_string_equal(place_read(p, TENANT, &unknown, 0, 3, &back).msg, "store.blob.no_key");
}

static void a_lost_or_damaged_ring_stops_the_start(void **state)
{
    struct place *p = *state;
    const char *keys = str_z(p->mem, str_fmt(p->mem, "%s/keys", p->dir)), *away = str_z(p->mem, str_fmt(p->mem, "%s/away", p->dir));
    struct stat st;
    assert_int_equal(stat(keys, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    place_write(p, TENANT, S("x"), 1);
    blobs_close(p->b);
    if (place_in_bucket) nftw(str_z(p->mem, str_fmt(p->mem, "%s/blobs", p->dir)), place_remove_one, 16, FTW_DEPTH | FTW_PHYS); /* only the bucket holds some */
    assert_int_equal(rename(keys, away), 0);
    assert_string_equal(place_open(p).msg, "store.blob.keys"); /* never a new ring over old files */
    assert_int_equal(rename(away, keys), 0);
    flip(keys, st.st_size - 10); /* the last digit group: another key, or no digit at all */
    err e = place_open(p);
    if (e.code == OK) blobs_close(p->b);
    flip(keys, st.st_size - 10);
    assert_int_equal(truncate(keys, st.st_size - 20), 0);
    assert_string_equal(place_open(p).msg, "store.blob.keys");
    if (!place_in_bucket) return;
    assert_int_equal(unlink(keys), 0);
    place_server_is("dead");
    assert_string_equal(place_open(p).msg, "store.shelf.away"); /* nor when nobody can tell */
}

static void orphans_are_swept_after_a_day(void **state)
{
    struct place *p = *state;
    struct blob_ref kept = place_write(p, TENANT, S("kept"), 9), orphan = place_write(p, TENANT, S("orphan"), 9), twins = place_write(p, TWIN, S("kept"), 9);
    struct blob_writer *w;
    str part, back;
    int64_t removed;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_write_start(p->b, TENANT, &w));
    ASSERT_OK(blobs_sweep(p->b, DAY_US, NULL, place_knows, &kept.name, &removed));
    assert_int_equal(removed, 0);
    clock_shift_us(25 * HOUR_US);
    err e = blobs_sweep(p->b, DAY_US, NULL, place_knows, &kept.name, &removed);
    clock_shift_us(-25 * HOUR_US);
    ASSERT_OK(e);
    assert_int_equal(removed, 4); /* the orphan, the twin's, the part, the unfinished writing */
    blob_write_abort(w);
    ASSERT_OK(place_read(p, TENANT, &kept, 0, 4, &back));
    assert_int_equal(place_read(p, TENANT, &orphan, 0, 4, &back).code, E_NOT_FOUND);
    assert_int_equal(place_read(p, TWIN, &twins, 0, 4, &back).code, E_NOT_FOUND);
}

#define TEST(fn_) {#fn_, fn_, place_up, place_down, 0}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    static const struct CMUnitTest tests[] = {
        TEST(sizes_round_trip), TEST(known_hash), TEST(any_place_can_be_read), TEST(a_flipped_bit_is_seen), TEST(a_cut_file_is_seen),
        TEST(segments_stay_in_their_places), TEST(tenants_and_files_do_not_mix), TEST(nothing_lies_in_clear), TEST(a_part_is_resumed),
        TEST(a_half_written_piece_is_cut_off), TEST(an_upload_survives_kill), TEST(a_full_disk_keeps_the_part), TEST(keys_rotate),
        TEST(a_lost_or_damaged_ring_stops_the_start), TEST(orphans_are_swept_after_a_day)};
    return cmocka_run_group_tests_name("disk", tests, 0, 0) + cmocka_run_group_tests_name("bucket", tests, place_server_up, place_server_down);
}
