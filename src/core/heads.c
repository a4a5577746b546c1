/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "base/hash.h"
#include "core/journal.h"
#include "gen/sql/core/journal.sql.h"
#include "store/change.h"

struct publish { str day, hash; int64_t seal, now_us; };
static err publish_in_txn(db *w, void *arg)
{
    struct publish *p = arg;
    int64_t changed = 0;
    TRY(sql_head_add(w, p->day, p->seal, p->hash, p->now_us, &changed));
    return changed ? change_bump(w, S(TOPIC_HEADS)) : NO_ERR;
}

err journal_head_publish(db *d, arena *mem, str zone, int64_t now_us)
{
    struct head_row_list today;
    struct sql_seal_head_row_list head;
    struct civil c = civil_of(now_us, zone);
    str day = str_fmt(mem, "%04d-%02d-%02d", c.year, c.month, c.day);
    TRY(sql_head_of_day(d, mem, day, &today));
    if (today.n) return NO_ERR;
    TRY(sql_seal_head(d, mem, &head));
    if (!head.n) return NO_ERR;
    return db_txn(d, publish_in_txn, &(struct publish){day, head.v[0].hash, head.v[0].seal, now_us});
}

err journal_heads(db *d, arena *mem, str before, int n, struct heads *out)
{
    struct head_row_list rows;
    *out = (struct heads){0};
    TRY(sql_head_rows(d, mem, before.n ? before : S("9999"), n, &rows));
    for (size_t i = 0; i < rows.n; i++)
        PUSH(mem, out, (struct head){rows.v[i].day, hex_of(mem, (const uint8_t *)rows.v[i].hash.p, rows.v[i].hash.n), rows.v[i].seal, rows.v[i].at});
    return NO_ERR;
}
