/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* blob_ring.h — the key ring, and what the parts of blob share. Inside the store only.
   DIR/keys is text, one key a line, written anew and renamed at each change; '#' starts a comment:
       index 0 2026-11-23 HEX64      names and secret hashes; never changes
       wrap  1 2026-11-23 HEX64      wraps the keys of files; the one with the highest number wraps new ones, the others only open */
#pragma once
#include <pthread.h>
#include <sodium.h>
#include "base/hash.h"
#include "store/blob.h"
#include "store/shelf.h"

enum {
    SEGMENT_BYTES = 1 << 20,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_BYTES = SEGMENT_BYTES + TAG_BYTES,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    WRAPPED_BYTES = 1 + 4 + NONCE_BYTES + 32 + TAG_BYTES,     /* version, number of the ring's key, nonce, sealed key */
    NAME_BYTES = 64 + 1 + 16,
    HEADER_BYTES = 16                                         /* "BEFFROI-BLOB-1\n\0" */
};

struct ring_key { int64_t number; char date[11]; struct hash32 key; };
struct ring {
    pthread_rwlock_t lock;
    char *path;
    struct ring_key index;
    struct ring_key *wrap;
    size_t n_wrap;
    struct hash32 names, secrets;       /* made from the index key */
};

err ring_open(struct ring *r, const char *path, bool files_are_there);
void ring_close(struct ring *r);
err ring_rotate(struct ring *r);
/* `what`, the name of the file, is bound to the wrapped key: it opens that one only. */
void ring_wrap(struct ring *r, str what, const struct hash32 *key, unsigned char out[WRAPPED_BYTES]);
int64_t ring_newest(struct ring *r);
int64_t wrapped_number(str wrapped);    /* of the ring's key; 0: damaged */
err ring_unwrap(struct ring *r, str what, str wrapped, struct hash32 *out);

struct part;                            /* blob_part.c */
struct blobs {
    struct ring ring;
    char *dir;                          /* DIR/blobs: what is not whole; and the rest, unless the shelf is elsewhere */
    struct shelf shelf;
    pthread_mutex_t parts_lock;
    struct part *parts;                 /* lately used */
    int n_parts;
};

/* The shelf at DIR/blobs; dir must outlive it. */
struct shelf shelf_disk(const char *dir);
/* Files of DIR/TENANT/folder, for each tenant; folder NULL: of the groups of two letters. */
err disk_each(const char *dir, const char *folder, bool (*one)(void *, const struct shelved *), void *arg);

err dirs_make(const char *path);        /* those above path; each that is made is synced into the one above it */
/* Opens for writing with the mode 0600; makes the directories above it, synced. */
err blob_make(const char *path, int *out_fd);
err dir_sync(const char *path_in_it);
err blob_write_all(int fd, const void *p, size_t n);
err blob_io(void);                      /* E_FULL or E_IO by errno */
bool blob_name_is_good(str name);
void parts_forget(struct blobs *b);
void parts_forget_tenant(struct blobs *b, int64_t tenant);     /* those that nobody uses now */
