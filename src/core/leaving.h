/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* leaving.h — inside of tenant_export: where the files of a leaving town are written. */
#pragma once
#include "core/archive.h"

struct leaving {
    const struct archive_world *w;
    const struct tenant *t;
    struct kinds *kinds;                /* of its own: they go at the end */
    db *d;                              /* bound to the tenant; while rows are read, one view */
    arena *mem;                         /* of one slice */
    const char *dir;
    int64_t lost;
};
enum { LEAVING_SLICE = 200, LEAVING_MOST = 64 << 20 };

/* Added to the file at that path from the folder; its folders are made. */
err leaving_add(struct leaving *x, str path, str text);
str leaving_name(arena *mem, str name);                             /* fit for a file system, whatever people called it */
str leaving_word(const struct leaving *x, const char *key);         /* in the town's language */

err leaving_procedures(struct leaving *x);                          /* definitions, descriptors, records: leaving_records.c */
