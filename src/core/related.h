/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* related.h — the other dossiers of whoever filed one: the same account; the same mail, of an account or left at the filing; the same name
   and birth date. One statement; only what `who` may list. */
#pragma once
#include "core/rights.h"

struct person_key { int64_t account; str email, name, birth_date; };       /* what is known of them; all may be absent: then nobody */
err related_records(db *d, arena *mem, const struct who *w, int64_t except, const struct person_key *p, int limit, struct records *out);   /* newest first */
