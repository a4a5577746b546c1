/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "facets/link.h"

#include "gen/sql/facets/link.sql.h"

struct args { int64_t a, b, now_us; str kind; };

static err add_in_txn(db *w, void *arg)
{
    struct args *x = arg;
    return sql_link_row_add(w, x->a, x->kind, x->b, x->now_us);
}

static err remove_in_txn(db *w, void *arg)
{
    struct args *x = arg;
    return sql_link_row_remove(w, x->a, x->kind, x->b);
}

err link_add(db *d, int64_t a, str kind, int64_t b, int64_t now_us)
{
    if (a == b) return FAIL(E_INVALID, W("facets.link.itself"));
    return db_txn(d, add_in_txn, &(struct args){a, b, now_us, kind});
}

err link_remove(db *d, int64_t a, str kind, int64_t b) { return db_txn(d, remove_in_txn, &(struct args){a, b, 0, kind}); }

static err one_way(db *d, arena *mem, const struct who *who, bool public_only, int64_t record, bool back, struct links *out)
{
    struct cells c;
    struct select *q = select_new(mem, public_only ? "r.id, l.kind, r.reference, r.public_title, r.state, r.kind, l.created"
                                                   : "r.id, l.kind, r.reference, r.title, r.state, r.kind, l.created",
                                  "link l JOIN record r ON r.tenant = l.tenant", "l,r");
    select_where_i64(q, back ? "l.b" : "l.a", CMP_EQ, record);
    select_where(q, back ? "r.id = l.a" : "r.id = l.b");
    if (public_only) select_where_i64(q, "r.published", CMP_NE, 0);
    else may_where(who, VERB_SEE, q, "r");
    select_order(q, "l.kind, r.id");
    select_limit(q, 500);
    TRY(select_run(d, mem, q, &c));
    for (size_t i = 0; i < c.n; i++) {
        const struct cell *x = c.v + i * c.columns;
        PUSH(mem, out, (struct link){x[0].i, x[1].s, back, x[2].s, x[3].s, x[4].s, x[5].s, x[6].i});
    }
    return NO_ERR;
}

err links_of(db *d, arena *mem, const struct who *who, bool public_only, int64_t record, struct links *out)
{
    *out = (struct links){0};
    TRY(one_way(d, mem, who, public_only, record, false, out));
    return one_way(d, mem, who, public_only, record, true, out);
}
