/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "place.h"
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>
#include "test_server.h"

static struct test_server server;
char place_server_dir[40];
bool place_in_bucket;

int place_remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

void place_server_is(const char *mode)
{
    char path[64];
    snprintf(path, sizeof path, "%s/s3-mode", place_server_dir);
    FILE *f = fopen(path, "w");
    assert_true(f && fputs(mode, f) > 0);
    fclose(f);
}

struct bucket *place_bucket(struct place *p, const char *secret)
{
    struct bucket *b;
    struct settings s = {.files = str_fmt(p->mem, "s3://ville/essais/%s", strrchr(p->dir, '/') + 1), .files_region = S("fr-par"), .files_key = S("S3RVER"),
                         .files_endpoint = str_fmt(p->mem, "http://127.0.0.1:%d", server.ports[0]), .files_secret = str_of(secret)};
    ASSERT_OK(bucket_open(&b, &s));
    return b;
}

err place_open(struct place *p) { return blobs_open(&p->b, str_of(p->dir), bucket_shelf(p->bucket)); }

int place_up(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    snprintf(p->dir, sizeof p->dir, "/tmp/beffroi-blob-XXXXXX");
    p->mem = arena_new(0);
    *state = p;
    if (!mkdtemp(p->dir)) return -1;
    if (place_in_bucket) p->bucket = place_bucket(p, "S3RVER");
    return place_open(p).code == OK ? 0 : -1;
}

int place_down(void **state)
{
    struct place *p = *state;
    if (place_in_bucket) place_server_is("ok");
    blobs_close(p->b);
    bucket_close(p->bucket);
    nftw(p->dir, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    arena_free(p->mem);
    free(p);
    return 0;
}

/* Bytes that differ at each place: 4 bytes of a counter, over and over. */
str place_content(arena *mem, size_t n)
{
    char *v = arena_alloc(mem, n + 8);
    for (size_t i = 0; i < n; i += 4) {
        uint32_t k = (uint32_t)i * 2654435761u;
        memcpy(v + i, &k, 4);
    }
    return (str){v, n};
}

struct blob_ref place_write(struct place *p, int64_t tenant, str bytes, size_t step)
{
    struct blob_writer *w;
    struct blob_ref ref;
    ASSERT_OK(blob_write_start(p->b, tenant, &w));
    for (size_t i = 0; i < bytes.n; i += step) ASSERT_OK(blob_write(w, str_cut(bytes, i, i + step)));
    ASSERT_OK(blob_write_finish(w, p->mem, &ref));
    return ref;
}

err place_read(struct place *p, int64_t tenant, const struct blob_ref *ref, int64_t offset, size_t n, str *out)
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

/* Where whole files lie: the server keeps each object in a file, with what it place_knows of it beside. */
const char *place_shelf(struct place *p)
{
    if (!place_in_bucket) return str_fmt(p->mem, "%s/blobs", p->dir).p;
    return str_fmt(p->mem, "%s/s3/ville/essais/%s", place_server_dir, strrchr(p->dir, '/') + 1).p;
}

const char *place_file(struct place *p, int64_t tenant, const struct blob_ref *ref)
{
    return str_z(p->mem, str_fmt(p->mem, "%s/%d/%.2s/%.*s%s", place_shelf(p), (int)tenant, ref->name.p, STR_ARG(ref->name), place_in_bucket ? "._S3rver_object" : ""));
}

bool place_knows(void *arg, int64_t tenant, str name)
{
    return tenant == TENANT && str_eq(name, *(str *)arg);
}

int place_server_up(void **state)
{
    (void)state;
    place_in_bucket = true;
    snprintf(place_server_dir, sizeof place_server_dir, "/tmp/beffroi-s3-XXXXXX");
    return mkdtemp(place_server_dir) && test_server_start(&server, "s3", place_server_dir, 1) ? 0 : -1;
}

int place_server_down(void **state)
{
    (void)state;
    place_in_bucket = false;
    test_server_stop(&server);
    nftw(place_server_dir, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

