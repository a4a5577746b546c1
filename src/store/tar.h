/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tar.h — archives that any tar reads (POSIX.1-1988 ustar): members written and read one after the other. What is no archive of ours,
   or is cut short: E_INVALID "store.restore.not_a_backup". */
#pragma once
#include <sodium.h>
#include "base/str.h"

#define TAR_TEXT_MOST 4096

err tar_make(const char *path, int *out);                               /* a new file, for its owner only */
err tar_keep(const char *part, const char *name);                       /* renamed, and durable */
err tar_head(int out, const char *name, int64_t size);
err tar_pad(int out, int64_t size);                                     /* after the bytes of a member */
err tar_text(int out, const char *name, str text);                      /* a whole member */
err tar_finish(int out);                                                /* the end of the archive, synced */

err tar_next(int in, arena *mem, str *out_name, int64_t *out_size);     /* the next member's head */
err tar_read(int in, void *out, size_t n);                              /* exactly n bytes */
err tar_read_text(int in, arena *mem, int64_t size, str *out);          /* TAR_TEXT_MOST at most */
err tar_skip(int in, int64_t size);                                     /* what fills the last block of a member of that size */
/* Exactly n bytes from one to the other, hashed on the way when asked; out < 0: only read. */
err tar_copy(int in, int out, int64_t n, crypto_generichash_state *hash);
