/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shelf.h — where sealed files lie once they are whole: a local disk (shelf_disk.c), or what blobs_open is given (core/bucket.h).
   A file is put once, whole, and never changes; its key is TENANT/AB/NAME, where AB starts the name. Thread-safe, but for one user at
   a time per open file. E_BUSY "store.shelf.away": the shelf does not answer, nothing was changed, later it may. */
#pragma once
#include "base/str.h"

struct shelved { int64_t tenant; str name; int64_t size_bytes, modified_us; };

struct shelf {
    void *arg;
    /* Takes the file at path over, which is whole and synced: OK once it is durable under its key, and nothing is left at path. */
    err (*put)(void *arg, const char *path, str key);
    err (*open)(void *arg, str key, void **out_file, int64_t *out_size_bytes);                      /* E_NOT_FOUND "store.blob.missing" */
    err (*read)(void *file, int64_t offset_bytes, void *out, size_t n_bytes, size_t *out_got);      /* less than asked: at its end */
    void (*close)(void *file);
    err (*remove)(void *arg, str key);                                                              /* may not tell that there was none */
    err (*each)(void *arg, bool (*one)(void *, const struct shelved *), void *one_arg);             /* one() false: enough, OK */
};

str shelf_key(arena *mem, int64_t tenant, str name);
bool shelf_key_parse(str key, int64_t *out_tenant, str *out_name);                                  /* false: no file of ours */
