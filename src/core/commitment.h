/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* commitment.h — how the journal hashes. note: BLAKE2b(salt ‖ words ‖ 0x00 ‖ asks); seal: BLAKE2b(previous hash ‖ canonical event).
   The canonical event is: tenant, seal, record, seq, at, actor, for_author as 64-bit big-endian; verb, from, to, commitment as a 32-bit
   big-endian length and the bytes, length 0xFFFFFFFF when absent. Anyone can check the chain with these two lines. */
#pragma once
#include "base/hash.h"

#define SALT_BYTES 32

struct sealing { int64_t tenant, seal, record, seq, at, actor, for_author; str verb, from, to, commit; };
struct hash32 note_commitment(str salt, str words, str asks);
struct hash32 seal_hash(const struct hash32 *previous, const struct sealing *e);
