/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealed files: what is written is read from any place, what was touched is refused, nothing lies in clear on the disk. Each case on both
   shelves: the local disk, and a bucket (tests/servers/s3.mjs). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "core/bucket.h"
#include "process/process.h"
#include "store/blob.h"
#include "test_server.h"

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)
enum { MIB = 1 << 20, TENANT = 1, TWIN = 2 };

struct place { struct blobs *b; struct bucket *bucket; arena *mem; char dir[40]; };

/* The server of the bucket, while its group of cases runs: each case has its own prefix in it. */
static struct test_server server;
static char server_dir[40];
static bool in_bucket;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void server_is(const char *mode)
{
    char path[64];
    snprintf(path, sizeof path, "%s/s3-mode", server_dir);
    FILE *f = fopen(path, "w");
    assert_true(f && fputs(mode, f) > 0);
    fclose(f);
}

static struct bucket *bucket_of(struct place *p, const char *secret)
{
    struct bucket *b;
    struct settings s = {.files = str_fmt(p->mem, "s3://ville/essais/%s", strrchr(p->dir, '/') + 1), .files_region = S("fr-par"), .files_key = S("S3RVER"),
                         .files_endpoint = str_fmt(p->mem, "http://127.0.0.1:%d", server.ports[0]), .files_secret = str_of(secret)};
    ASSERT_OK(bucket_open(&b, &s));
    return b;
}

static err reopen(struct place *p) { return blobs_open(&p->b, str_of(p->dir), bucket_shelf(p->bucket)); }

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/beffroi-blob-XXXXXX");
    p->mem = arena_new(0);
    *state = p;
    if (!mkdtemp(p->dir)) return -1;
    if (in_bucket) p->bucket = bucket_of(p, "S3RVER");
    return reopen(p).code == OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *p = *state;
    if (in_bucket) server_is("ok");
    blobs_close(p->b);
    bucket_close(p->bucket);
    nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(p->mem);
    free(p);
    return 0;
}

/* Bytes that differ at each place: 4 bytes of a counter, over and over. */
static str content(arena *mem, size_t n)
{
    char *v = arena_alloc(mem, n + 8);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t k = (uint32_t)i * 2654435761u;
        memcpy(v + i, &k, 4);
    }
    return (str){v, n};
}

static struct blob_ref write_all(struct place *p, int64_t tenant, str bytes, size_t step)
{
    struct blob_writer *w;
    struct blob_ref ref;
    ASSERT_OK(blob_write_start(p->b, tenant, &w));
    for (size_t i = 0; i < bytes.n; i += step) ASSERT_OK(blob_write(w, str_cut(bytes, i, i + step)));
    ASSERT_OK(blob_write_finish(w, p->mem, &ref));
    return ref;
}

static err read_some(struct place *p, int64_t tenant, const struct blob_ref *ref, int64_t offset, size_t n, str *out)
{
    struct blob_reader *r;
    char *v = arena_alloc(p->mem, n + 1);
    size_t got = 0;
    TRY(blob_read_start(p->b, tenant, ref, &r));
    err e = blob_read(r, offset, v, n, &got);
    blob_read_end(r);
    *out = (str){v, got};
    return e;
}

/* Where whole files lie: the server keeps each object in a file, with what it knows of it beside. */
static const char *shelf_dir(struct place *p)
{
    if (!in_bucket) return str_fmt(p->mem, "%s/blobs", p->dir).p;
    return str_fmt(p->mem, "%s/s3/ville/essais/%s", server_dir, strrchr(p->dir, '/') + 1).p;
}

static const char *file_of(struct place *p, int64_t tenant, const struct blob_ref *ref)
{
    return str_z(p->mem, str_fmt(p->mem, "%s/%d/%.2s/%.*s%s", shelf_dir(p), (int)tenant, ref->name.p, STR_ARG(ref->name), in_bucket ? "._S3rver_object" : ""));
}

static void sizes_round_trip(void **state)
{
    struct place *p = *state;
    static const size_t sizes[] = {0, 1, 15, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        str bytes = content(p->mem, sizes[i]), back;
        struct blob_ref ref = write_all(p, TENANT, bytes, 70001);
        assert_int_equal(ref.size_bytes, sizes[i]);
        ASSERT_OK(read_some(p, TENANT, &ref, 0, sizes[i] + 10, &back));
        assert_true(str_eq(back, bytes));
        arena_reset(p->mem);
    }
}

static void known_hash(void **state)
{
    struct place *p = *state;
    struct blob_ref ref = write_all(p, TENANT, S("abc"), 1);
    assert_true(str_is(ref.sha256_hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")); /* FIPS 180-4 */
}

static void any_place_can_be_read(void **state)
{
    struct place *p = *state;
    str bytes = content(p->mem, 3 * MIB + 100), back;
    struct blob_ref ref = write_all(p, TENANT, bytes, MIB);
    static const struct { int64_t at; size_t n; } reads[] = {{0, 10}, {MIB - 3, 6}, {2 * MIB, MIB + 100}, {3 * MIB + 99, 5}, {1, 2 * MIB}};
    for (size_t i = 0; i < 5; i++) {
        ASSERT_OK(read_some(p, TENANT, &ref, reads[i].at, reads[i].n, &back));
        assert_true(str_eq(back, str_cut(bytes, (size_t)reads[i].at, (size_t)reads[i].at + reads[i].n)));
    }
    ASSERT_OK(read_some(p, TENANT, &ref, 3 * MIB + 100, 5, &back));
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
    str bytes = content(p->mem, 2 * MIB + 50), back;
    struct blob_ref ref = write_all(p, TENANT, bytes, MIB);
    const char *path = file_of(p, TENANT, &ref);
    static const off_t places[] = {0, 16, 16 + 5000, 16 + MIB, 16 + MIB + 16 + 3, 16 + 2 * (MIB + 16) + 49, 16 + 2 * (MIB + 16) + 60};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        flip(path, places[i]);
        assert_string_equal(read_some(p, TENANT, &ref, 0, bytes.n, &back).msg, "store.blob.altered");
        flip(path, places[i]);
    }
    ASSERT_OK(read_some(p, TENANT, &ref, 0, bytes.n, &back));
}

static void a_cut_file_is_seen(void **state)
{
    struct place *p = *state;
    str bytes = content(p->mem, 2 * MIB), back;
    struct blob_ref ref = write_all(p, TENANT, bytes, MIB), shorter = ref;
    const char *path = file_of(p, TENANT, &ref);
    assert_int_equal(truncate(path, 16 + MIB + 16), 0); /* at the end of a segment */
    assert_string_equal(read_some(p, TENANT, &ref, 0, 10, &back).msg, "store.blob.altered");
    shorter.size_bytes = MIB; /* and whoever changed the row too: the first segment is not a last one */
    assert_string_equal(read_some(p, TENANT, &shorter, 0, 10, &back).msg, "store.blob.altered");
    unlink(path);
    assert_string_equal(read_some(p, TENANT, &ref, 0, 10, &back).msg, "store.blob.missing");
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
    str bytes = content(p->mem, 3 * MIB), back;
    struct blob_ref ref = write_all(p, TENANT, bytes, MIB);
    copy_bytes(file_of(p, TENANT, &ref), 16, 16 + MIB + 16, MIB + 16);
    assert_string_equal(read_some(p, TENANT, &ref, MIB, 10, &back).msg, "store.blob.altered");
    ASSERT_OK(read_some(p, TENANT, &ref, 0, 10, &back));
}

static void tenants_and_files_do_not_mix(void **state)
{
    struct place *p = *state;
    str back;
    struct blob_ref a = write_all(p, TENANT, S("words"), 9), b = write_all(p, TWIN, S("words"), 9), c = write_all(p, TENANT, S("words"), 9);
    assert_false(str_eq(str_cut(a.name, 0, 64), str_cut(b.name, 0, 64))); /* one content in two towns: nobody can tell */
    assert_true(str_eq(str_cut(a.name, 0, 65), str_cut(c.name, 0, 65)) && !str_eq(a.name, c.name));
    assert_string_equal(read_some(p, TWIN, &a, 0, 5, &back).msg, "store.blob.missing");
    const char *there = file_of(p, TWIN, &a);
    (void)mkdir(str_z(p->mem, str_fmt(p->mem, "%s/2/%.2s", shelf_dir(p), a.name.p)), 0700);
    assert_int_equal(rename(file_of(p, TENANT, &a), there), 0); /* carried over by somebody */
    assert_string_equal(read_some(p, TWIN, &a, 0, 5, &back).msg, "store.blob.altered");
    struct blob_ref wrong = c;
    wrong.wrapped_key = b.wrapped_key;
    assert_int_equal(read_some(p, TENANT, &wrong, 0, 5, &back).code, E_IO);
    wrong.name = S("../../../etc/passwd");
    assert_int_equal(read_some(p, TENANT, &wrong, 0, 5, &back).code, E_NOT_FOUND);
    ASSERT_OK(read_some(p, TENANT, &c, 0, 5, &back));
    ASSERT_OK(blob_remove(p->b, TENANT, c.name));
    assert_int_equal(blob_remove(p->b, TENANT, c.name).code, in_bucket ? OK : E_NOT_FOUND); /* a bucket does not say that there was none */
    assert_string_equal(read_some(p, TENANT, &c, 0, 5, &back).msg, "store.blob.missing");
}

/* ---- the disk ---- */

static const char marker[] = "Mme-Dupont-a-ecrit-ceci";
static int markers, files;
static int look(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)at;
    if (type != FTW_F) return 0;
    files++;
    if (st->st_mode & 077 && !str_starts(str_of(path), str_of(server_dir))) markers += 100;
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
    write_all(p, TENANT, (str){text, sizeof text}, 100);
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 0, (str){text, sizeof text}, &offset));
    markers = files = 0;
    nftw(p->dir, look, 16, FTW_PHYS);
    assert_int_equal(markers, 0); /* nor is anything readable by others */
    assert_int_equal(files, in_bucket ? 2 : 3); /* the ring, the part; the blob */
    if (!in_bucket) return;
    nftw(shelf_dir(p), look, 16, FTW_PHYS);
    assert_true(markers == 0 && files > 2);
}

/* ---- resumed uploads ---- */

static void a_part_is_resumed(void **state)
{
    struct place *p = *state;
    str part, bytes = content(p->mem, 2 * MIB + 12345), back;
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
    ASSERT_OK(reopen(p));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_int_equal(offset, 1000);
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 1000, str_cut(bytes, 1000, bytes.n), &offset));
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset)); /* until the row is committed */
    ASSERT_OK(blob_part_abort(p->b, TENANT, part));
    assert_int_equal(blob_part_offset(p->b, TENANT, part, &offset).code, E_NOT_FOUND);
    ASSERT_OK(read_some(p, TENANT, &ref, 0, bytes.n, &back));
    assert_true(str_eq(back, bytes));
    struct blob_ref whole = write_all(p, TENANT, bytes, MIB);
    assert_true(str_eq(str_cut(whole.name, 0, 64), str_cut(ref.name, 0, 64)) && str_eq(whole.sha256_hex, ref.sha256_hex));
}

static void a_half_written_piece_is_cut_off(void **state)
{
    struct place *p = *state;
    str part, bytes = content(p->mem, 5000), back;
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
    ASSERT_OK(reopen(p));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_int_equal(offset, 2000);
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 2000, str_cut(bytes, 2000, 5000), &offset));
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    ASSERT_OK(read_some(p, TENANT, &ref, 0, 5000, &back));
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
    ASSERT_OK(reopen(p));
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_true(offset >= told && told >= 60 * 30000);
}

static void a_full_disk_keeps_the_part(void **state)
{
    struct place *p = *state;
    str part, bytes = content(p->mem, 3 * MIB);
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
    struct blob_ref old = write_all(p, TENANT, S("old"), 9), moved = old;
    blobs_secret_hash(p->b, S("code"), &a);
    ASSERT_OK(blobs_keys_export(p->b, p->mem, &before));
    ASSERT_OK(blobs_keys_rotate(p->b));
    ASSERT_OK(blobs_keys_export(p->b, p->mem, &after));
    assert_true(after.n > before.n && str_starts(after, before));
    ASSERT_OK(blob_rewrap(p->b, p->mem, &moved));
    assert_true(moved.wrapped_key.p[1] == 2 && old.wrapped_key.p[1] == 1);
    blobs_close(p->b);
    ASSERT_OK(reopen(p));
    ASSERT_OK(read_some(p, TENANT, &old, 0, 3, &back));
    ASSERT_OK(read_some(p, TENANT, &moved, 0, 3, &back));
    blobs_secret_hash(p->b, S("code"), &b);
    assert_memory_equal(a.b, b.b, 32);
    struct blob_ref unknown = old;
    char *wrapped = (char *)(uintptr_t)str_copy(p->mem, old.wrapped_key).p;
    wrapped[1] = 9;
    unknown.wrapped_key.p = wrapped;
    assert_string_equal(read_some(p, TENANT, &unknown, 0, 3, &back).msg, "store.blob.no_key");
}

static void a_lost_or_damaged_ring_stops_the_start(void **state)
{
    struct place *p = *state;
    const char *keys = str_z(p->mem, str_fmt(p->mem, "%s/keys", p->dir)), *away = str_z(p->mem, str_fmt(p->mem, "%s/away", p->dir));
    struct stat st;
    assert_int_equal(stat(keys, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    write_all(p, TENANT, S("x"), 1);
    blobs_close(p->b);
    if (in_bucket) nftw(str_z(p->mem, str_fmt(p->mem, "%s/blobs", p->dir)), remove_one, 16, FTW_DEPTH | FTW_PHYS); /* only the bucket holds some */
    assert_int_equal(rename(keys, away), 0);
    assert_string_equal(reopen(p).msg, "store.blob.keys"); /* never a new ring over old files */
    assert_int_equal(rename(away, keys), 0);
    flip(keys, st.st_size - 10); /* the last digit group: another key, or no digit at all */
    err e = reopen(p);
    if (e.code == OK) blobs_close(p->b);
    flip(keys, st.st_size - 10);
    assert_int_equal(truncate(keys, st.st_size - 20), 0);
    assert_string_equal(reopen(p).msg, "store.blob.keys");
    if (!in_bucket) return;
    assert_int_equal(unlink(keys), 0);
    server_is("dead");
    assert_string_equal(reopen(p).msg, "store.shelf.away"); /* nor when nobody can tell */
}

static bool knows(void *arg, int64_t tenant, str name)
{
    return tenant == TENANT && str_eq(name, *(str *)arg);
}

static void orphans_are_swept_after_a_day(void **state)
{
    struct place *p = *state;
    struct blob_ref kept = write_all(p, TENANT, S("kept"), 9), orphan = write_all(p, TENANT, S("orphan"), 9), twins = write_all(p, TWIN, S("kept"), 9);
    struct blob_writer *w;
    str part, back;
    int64_t removed;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_write_start(p->b, TENANT, &w));
    ASSERT_OK(blobs_sweep(p->b, DAY_US, knows, &kept.name, &removed));
    assert_int_equal(removed, 0);
    clock_shift_us(25 * HOUR_US);
    err e = blobs_sweep(p->b, DAY_US, knows, &kept.name, &removed);
    clock_shift_us(-25 * HOUR_US);
    ASSERT_OK(e);
    assert_int_equal(removed, 4); /* the orphan, the twin's, the part, the unfinished writing */
    blob_write_abort(w);
    ASSERT_OK(read_some(p, TENANT, &kept, 0, 4, &back));
    assert_int_equal(read_some(p, TENANT, &orphan, 0, 4, &back).code, E_NOT_FOUND);
    assert_int_equal(read_some(p, TWIN, &twins, 0, 4, &back).code, E_NOT_FOUND);
}

/* ---- a bucket, and its server in trouble ---- */

static const char *requests(struct place *p)
{
    char path[64];
    str all = {arena_alloc(p->mem, 1 << 20), 0};
    snprintf(path, sizeof path, "%s/s3-requests", server_dir);
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
    str back, bytes = content(p->mem, 60000), large = content(p->mem, 3 * MIB);
    requests(p);
    struct blob_ref ref = write_all(p, TENANT, bytes, MIB);
    ASSERT_OK(read_some(p, TENANT, &ref, 0, bytes.n, &back));
    const char *put = str_fmt(p->mem, "PUT /ville/essais/%s/1/%.2s/%.*s 200\n", strrchr(p->dir, '/') + 1, ref.name.p, STR_ARG(ref.name)).p;
    const char *got = str_fmt(p->mem, "GET /ville/essais/%s/1/%.2s/%.*s 206\n", strrchr(p->dir, '/') + 1, ref.name.p, STR_ARG(ref.name)).p;
    assert_string_equal(requests(p), str_fmt(p->mem, "%s%s", put, got).p);
    ref = write_all(p, TENANT, large, MIB);
    requests(p);
    ASSERT_OK(read_some(p, TENANT, &ref, 0, large.n, &back));
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
    p->bucket = bucket_of(p, "un autre secret");
    ASSERT_OK(reopen(p));
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
    server_is("busy-once");
    ASSERT_OK(write_one(p, S("words"), &ref));
    assert_true(strstr(requests(p), " 503\nPUT ") != 0);
    server_is("cut");
    assert_string_equal(read_some(p, TENANT, &ref, 0, 5, &back).msg, "store.shelf.away"); /* half an answer is none */
    server_is("ok");
    ASSERT_OK(read_some(p, TENANT, &ref, 0, 5, &back));
    assert_true(str_is(back, "words"));
}

static void a_dead_server_keeps_the_part(void **state)
{
    struct place *p = *state;
    struct blob_ref ref;
    str part, bytes = content(p->mem, MIB + 5), back;
    int64_t offset, began_us;
    ASSERT_OK(blob_part_start(p->b, TENANT, p->mem, &part));
    ASSERT_OK(blob_part_append(p->b, TENANT, part, 0, bytes, &offset));
    server_is("dead");
    err e = blob_part_finish(p->b, TENANT, part, p->mem, &ref);
    assert_int_equal(e.code, E_BUSY);
    assert_string_equal(e.msg, "store.shelf.away");
    requests(p);
    began_us = clock_monotonic_us();
    assert_int_equal(blob_part_finish(p->b, TENANT, part, p->mem, &ref).code, E_BUSY);
    assert_true(clock_monotonic_us() - began_us < SECOND_US); /* now it is asked once, without a pause */
    ASSERT_OK(blob_part_offset(p->b, TENANT, part, &offset));
    assert_int_equal(offset, bytes.n);
    server_is("ok");
    ASSERT_OK(blob_part_finish(p->b, TENANT, part, p->mem, &ref));
    ASSERT_OK(read_some(p, TENANT, &ref, 0, bytes.n, &back));
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
    struct blob_ref ref = write_all(p, TENANT, S("words"), 9);
    int held = 0;
    server_is("hang");
    for (int i = 0; i < 16; i++) {
        w[i] = (struct waiter){.p = p, .ref = &ref};
        assert_int_equal(pthread_create(&threads[i], 0, read_slowly, &w[i]), 0);
    }
    for (int i = 0; i < 16; i++) {
        pthread_join(threads[i], 0);
        assert_int_equal(w[i].e.code, E_BUSY);
        held += w[i].us > 3 * SECOND_US;
    }
    assert_int_equal(held, 3); /* the others were told within two seconds */
    struct waiter late[2];
    for (int i = 0; i < 2; i++) {
        late[i] = (struct waiter){.p = p, .ref = &ref};
        assert_int_equal(pthread_create(&threads[i], 0, read_slowly, &late[i]), 0);
    }
    for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
    assert_true(late[0].us < SECOND_US || late[1].us < SECOND_US); /* one looks whether it is back, the other is told at once */
}

static void a_long_list_is_read_to_its_end(void **state)
{
    struct place *p = *state;
    int64_t removed;
    struct blob_ref kept = write_all(p, TENANT, S("kept"), 9);
    const char *object = file_of(p, TENANT, &kept);
    for (int i = 0; i < 1100; i++) { /* links to one object, under other names in its group */
        char path[512];
        int at = (int)(strstr(object, "._S3rver") - object) - 16;
        snprintf(path, sizeof path, "%.*s%016x._S3rver_object", at, object, i);
        assert_int_equal(link(object, path), 0);
    }
    clock_shift_us(25 * HOUR_US);
    err e = blobs_sweep(p->b, DAY_US, knows, &kept.name, &removed);
    clock_shift_us(-25 * HOUR_US);
    ASSERT_OK(e);
    assert_int_equal(removed, 1100);
    server_is("dead");
    assert_int_equal(blobs_sweep(p->b, DAY_US, knows, &kept.name, &removed).code, E_BUSY);
}

static int server_up(void **state)
{
    (void)state;
    in_bucket = true;
    snprintf(server_dir, sizeof server_dir, "/tmp/beffroi-s3-XXXXXX");
    return mkdtemp(server_dir) && test_server_start(&server, "s3", server_dir, 1) ? 0 : -1;
}

static int server_down(void **state)
{
    (void)state;
    in_bucket = false;
    test_server_stop(&server);
    nftw(server_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

#define TEST(fn_) {#fn_, fn_, set_up, tear_down, 0}
#define EACH_SHELF \
    TEST(sizes_round_trip), TEST(known_hash), TEST(any_place_can_be_read), TEST(a_flipped_bit_is_seen), TEST(a_cut_file_is_seen), \
        TEST(segments_stay_in_their_places), TEST(tenants_and_files_do_not_mix), TEST(nothing_lies_in_clear), TEST(a_part_is_resumed), \
        TEST(a_half_written_piece_is_cut_off), TEST(an_upload_survives_kill), TEST(a_full_disk_keeps_the_part), TEST(keys_rotate), \
        TEST(a_lost_or_damaged_ring_stops_the_start), TEST(orphans_are_swept_after_a_day)

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    static const struct CMUnitTest disk[] = {EACH_SHELF};
    static const struct CMUnitTest bucket[] = {EACH_SHELF, TEST(small_files_cost_one_request), TEST(a_wrong_secret_is_refused),
        TEST(a_busy_server_is_asked_again), TEST(a_dead_server_keeps_the_part), TEST(a_server_that_hangs_holds_few), TEST(a_long_list_is_read_to_its_end)};
    return cmocka_run_group_tests(disk, 0, 0) + cmocka_run_group_tests(bucket, server_up, server_down);
}
