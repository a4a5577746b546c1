/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* audit.h — what agents read, changed and exported. What they do to a dossier stands in its journal; a change of accounts, settings and
   kinds, and an export, wait until their note is written (audit_note); a reading is noted in memory and written with the next batch, within
   a second: a crash loses the readings of that second at most. A full queue writes at once; what no store takes goes into the log. */
#pragma once
#include "core/rights.h"

#define AUDIT_READ "read"               /* a dossier */
#define AUDIT_FILE "file"               /* one of its files; detail: the file's id */
#define AUDIT_EXPORT "export"

err audit_note(db *d, int64_t account, const char *what, int64_t record, str detail, int64_t now_us);      /* returns when it is committed */

struct audit;
err audit_open(struct audit **out, struct store *s, size_t most /* 0: 1,000 notes wait at most */);
void audit_close(struct audit *a);      /* writes what waits; NULL: nothing */
/* a NULL: no queue, written at once. The same reading noted twice in one batch is one. */
err audit_later(struct audit *a, db *d, int64_t account, const char *what, int64_t record, str detail, int64_t now_us);
err audit_flush(struct audit *a);       /* each second, by the clockwork; NULL: nothing; a failure keeps the notes for the next time */

/* Who read what, newest first, of the dossiers that `who` administers. */
struct reading { int64_t id, at_us; str agent, what, file_name /* absent: gone, or the dossier itself */, reference, title; };
struct readings { struct reading *v; size_t n; };
struct reading_query { const struct who *who; str reference, email; int64_t before /* id; 0: the newest */; int limit; };
err audit_readings(db *d, arena *mem, const struct reading_query *q, struct readings *out);
