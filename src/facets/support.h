/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* support.h — who backs a record, who follows it. One person once: UNIQUE (record, kind, person). */
#pragma once
#include "core/rights.h"

/* kind: "support" | "follow". A person is their account, else the folded mail address they gave, hashed. */
str support_person(arena *mem, int64_t account, str email);
err support_add(db *d, int64_t record, const char *kind, str person, str email /* follow without account; absent */, int64_t now_us, bool *out_new);
err support_remove(db *d, int64_t record, const char *kind, str person);
err support_count(db *d, arena *mem, int64_t record, const char *kind, int64_t *out);
err support_has(db *d, arena *mem, int64_t record, const char *kind, str person, bool *out);

err support_followers(db *d, arena *mem, int64_t record, struct strs *out_mails);
err support_erase(db *w, arena *mem, int64_t record, bool keep_statistics);           /* keeps how many there were */
