/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* backup.h — everything but the keys in one file: the store, then the sealed files. A tar archive that any tar reads:
       beffroi-backup          what it is, when, of which engine
       store                   a SQLite file, or pg_dump's custom format
       blobs/TENANT/AB/NAME    sealed files as they lie on their shelf; blobs/TENANT/parts/ID unfinished uploads of this node
       end                     how many files, the BLAKE2b of `store`: without it the archive is not whole
   The store is copied first, so each file that it knows is there; files are only swept a day after the last row is gone. */
#pragma once
#include "store/blob.h"
#include "store/db.h"

/* Online. FILE must not exist; it is readable by its owner only, and synced. Needs room beside FILE for a copy of the store.
   progress: files done, of how many; may be NULL. E_EXISTS, E_FULL, E_IO "store.backup.failed". */
err backup_write(struct store *s, struct blobs *b, str file, void (*progress)(void *, int64_t done, int64_t total), void *arg);
/* Into a place without a store and without files; shelf: as for blobs_open. A shelf elsewhere may hold files already: same name, same file.
   Nothing is kept unless all of it was read. E_EXISTS "store.restore.exists"; E_INVALID "store.restore.not_a_backup" (another file, or
   cut short), "store.restore.engine" (the other engine's). */
err backup_restore(const struct store_options *opt, const struct shelf *shelf, str data_dir, str file,
                   void (*progress)(void *, int64_t done, int64_t total), void *arg);
