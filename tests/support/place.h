/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* place.h — for tests of sealed files: a directory of its own for each case, its whole files on the local disk or in a bucket of
   tests/servers/s3.mjs, whose server runs with a group of cases (place_server_up, place_server_down) and where each case has its prefix. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include "core/bucket.h"
#include "store/blob.h"

#define ASSERT_OK(expr_) assert_int_equal((expr_).code, OK)
enum { MIB = 1 << 20, TENANT = 1, TWIN = 2 };

struct place { struct blobs *b; struct bucket *bucket; arena *mem; char dir[40]; };
extern bool place_in_bucket;
extern char place_server_dir[40];

int place_server_up(void **state);
int place_server_down(void **state);
void place_server_is(const char *mode);                 /* see s3.mjs */
int place_up(void **state);                             /* *state: a struct place */
int place_down(void **state);
struct bucket *place_bucket(struct place *p, const char *secret);
err place_open(struct place *p);                        /* again, after blobs_close */

str place_content(arena *mem, size_t n);                /* bytes that differ at each place */
struct blob_ref place_write(struct place *p, int64_t tenant, str bytes, size_t step);
err place_read(struct place *p, int64_t tenant, const struct blob_ref *ref, int64_t offset, size_t n, str *out);
const char *place_shelf(struct place *p);               /* the directory where whole files lie, the server's own or ours */
const char *place_file(struct place *p, int64_t tenant, const struct blob_ref *ref);
bool place_knows(void *name, int64_t tenant, str asked);        /* for blobs_sweep: one name of TENANT */
struct FTW;
int place_remove_one(const char *path, const struct stat *st, int type, struct FTW *at);
