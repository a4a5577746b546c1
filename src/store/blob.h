/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* blob.h — sealed files. Each blob has its own random key, wrapped by a dated key of the ring (DIR/keys, 0600, not in backups).
   Stored in segments of 1 MiB, XChaCha20-Poly1305, position and last flag authenticated: random reads, truncation seen.
   A name is the keyed BLAKE2b of tenant and content (64 hex digits), a dot, and 16 hex digits of chance: two uploads of one content
   share what stands before the dot. A caller that already has a row with the same beginning (blob >= 'HASH.' AND blob < 'HASH/')
   takes that row's name and key and removes its own: deduplicated within a tenant. The last row gone, so is the key.
   Thread-safe, but for one writer or reader at a time per handle. */
#pragma once
#include "base/going.h"
#include "base/str.h"

struct blobs;                 /* the place: a local directory, and a shelf for what is whole */
struct shelf;
struct blob_writer;
struct blob_reader;

/* dir/blobs, dir/keys; makes them when missing. shelf (copied): where whole files lie; NULL: dir/blobs itself. Whatever call reaches a
   shelf may give its E_BUSY "store.shelf.away". E_CONFIG "store.blob.keys": the ring cannot be read, or it is gone and files are there. */
err blobs_open(struct blobs **out, str dir, const struct shelf *shelf);
void blobs_close(struct blobs *b);

/* Writing streams to a temporary file; finish syncs, puts it on the shelf, and gives the name and the wrapped key to store in the row. */
struct blob_ref { str name; str wrapped_key; int64_t size_bytes; str sha256_hex; };
err blob_write_start(struct blobs *b, int64_t tenant, struct blob_writer **out);
err blob_write(struct blob_writer *w, str bytes);
err blob_write_finish(struct blob_writer *w, arena *mem, struct blob_ref *out);     /* frees w; the file is durable when it returns OK */
void blob_write_abort(struct blob_writer *w);

/* Resumable: the unfinished file has a name, and survives a restart with `offset` bytes in it. tus and multi-request uploads. */
err blob_part_start(struct blobs *b, int64_t tenant, arena *mem, str *out_part);
err blob_part_append(struct blobs *b, int64_t tenant, str part, int64_t offset_bytes, str bytes, int64_t *out_offset);  /* E_CONFLICT: wrong offset */
/* What was appended is on disk when this returns OK: to be called before an answer tells the offset. Each 4 MiB it is done anyway. */
err blob_part_sync(struct blobs *b, int64_t tenant, str part);
err blob_part_offset(struct blobs *b, int64_t tenant, str part, int64_t *out_offset);
/* Leaves the part where it is: blob_part_abort once the row that names the blob is committed (the sweep takes what a crash leaves). */
err blob_part_finish(struct blobs *b, int64_t tenant, str part, arena *mem, struct blob_ref *out);
err blob_part_abort(struct blobs *b, int64_t tenant, str part);

/* E_NOT_FOUND "store.blob.missing"; E_CONFIG "store.blob.no_key"; E_IO "store.blob.altered". Only name, wrapped_key and size_bytes are looked at. */
err blob_read_start(struct blobs *b, int64_t tenant, const struct blob_ref *ref, struct blob_reader **out);
err blob_read(struct blob_reader *r, int64_t offset_bytes, void *out, size_t n_bytes, size_t *got);   /* E_IO: altered or truncated */
void blob_read_end(struct blob_reader *r);
err blob_remove(struct blobs *b, int64_t tenant, str name);
/* Files that nobody touched for `older_than_us` and that `is_known` does not know are removed; parts and unfinished writings too.
   going: may be NULL; once it says no, the rest is left to the next sweep, OK. */
err blobs_sweep(struct blobs *b, int64_t older_than_us, const struct going *going, bool (*is_known)(void *, int64_t tenant, str name), void *arg, int64_t *removed);
/* A file as it lies, sealed: to be carried into an archive and back. E_NOT_FOUND "store.blob.missing". */
struct blob_sealed;
err blob_sealed_start(struct blobs *b, int64_t tenant, str name, struct blob_sealed **out, int64_t *out_size_bytes);
err blob_sealed_read(struct blob_sealed *s, int64_t offset_bytes, void *out, size_t n_bytes, size_t *out_got);
void blob_sealed_end(struct blob_sealed *s);
/* Takes the file at a path given by blob_sealed_path, whole and synced, unless that name is there: same name, same file. E_INVALID: no name. */
str blob_sealed_path(struct blobs *b, int64_t tenant, arena *mem, str name);
err blob_sealed_put(struct blobs *b, int64_t tenant, str name, const char *path);
/* Whatever lies of this tenant: whole files, unfinished ones, its folder. */
err blobs_remove_tenant(struct blobs *b, int64_t tenant, int64_t *out_removed);
err blobs_keys_export(struct blobs *b, arena *mem, str *out_text);
err blobs_keys_rotate(struct blobs *b);
err blob_rewrap(struct blobs *b, arena *mem, struct blob_ref *ref);      /* to the newest key */
int64_t blobs_key_newest(struct blobs *b);                               /* keys of the ring are numbered from 1 */
int64_t blob_key_number(str wrapped_key);                                /* the ring's key it is wrapped by; 0: damaged */
/* Keyed hash with the ring's index key: for secrets that must be looked up (access codes), stable over rotations. */
struct hash32;
void blobs_secret_hash(struct blobs *b, str what, struct hash32 *out);
