/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* files.h — files of drafts and records: rows over sealed blobs. Names as given by people, cleaned; types sniffed, never believed.
   A row holds the wrapped key of its blob: the last row gone, nobody can read it any more; the bytes go at once (file_remove) or with
   the sweep, a day later (files_erase). */
#pragma once
#include "store/blob.h"
#include "core/rights.h"

struct file {
    int64_t id, owner /* draft or record */, size_bytes, created_us;
    str field_path, name, type, sha256_hex, state /* uploading | ready | quarantined */, part;
    struct blob_ref blob;
    bool is_public;
    int64_t shown_copy;             /* re-encoded public copy; 0 none */
};
struct files { struct file *v; size_t n; };
err file_add(db *d, struct blobs *b, arena *mem, int64_t owner, str field_path, str name, str type, const struct blob_ref *ref, int64_t *out_id);
/* The same inside a transaction; a second copy of a content that is there already is left to the sweep. */
err file_row_put(db *w, arena *mem, int64_t owner, str field_path, str name, str type, const struct blob_ref *ref, int64_t *out_id);
err file_part_add(db *d, arena *mem, int64_t owner, str field_path, str name, str type, int64_t size_bytes, str part, int64_t *out_id);
err file_part_done(db *d, struct blobs *b, arena *mem, int64_t id, str sniffed_type);
err file_part_sealed(db *d, struct blobs *b, arena *mem, int64_t id, str sniffed_type, const struct blob_ref *ref);   /* the same, the part being finished already */
err file_get(db *d, arena *mem, int64_t id, struct file *out);
err files_of(db *d, arena *mem, int64_t owner, struct files *out);
err file_set_state(db *d, int64_t id, str state);                    /* ready | quarantined */
err file_set_shown(db *d, int64_t id, int64_t copy, bool is_public); /* what the public sees of it */
err file_own(db *d, int64_t id, int64_t owner, str field_path);      /* a file sent before its record (API); E_DENIED: somebody's */
err file_remove(db *d, struct blobs *b, arena *mem, int64_t id);     /* its public copy too */
err files_erase(db *w, arena *mem, int64_t owner);
/* An age; blobs that no row knows, of all tenants. going: as in blobs_sweep. */
err files_sweep(struct store *s, struct blobs *b, int64_t older_than_us, const struct going *going, int64_t *out_removed);
/* After a rotation of the keys. Adds the job "files.rewrap" of this tenant: at once, and again an hour later for what was being uploaded. */
#define FILES_REWRAP "files.rewrap"
err files_rewrap_later(db *d, struct blobs *b, int64_t now_us);
err files_rewrap(db *d, arena *mem, struct blobs *b, str payload, int64_t now_us);   /* the job: some slices of 100 rows, then a job for the rest */
struct key_use { int64_t number, files; };
struct key_uses { struct key_use *v; size_t n; };
err files_key_uses(db *d, arena *mem, struct key_uses *uses);                         /* adds this tenant's files; by number of key, 0: damaged */
str file_name_clean(arena *mem, str name);
