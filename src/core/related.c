/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/related.h"

#include "core/account.h"

/* Each way along an index of its own, and no way longer than that. Fragments for the select builder, whose values are bound. */
static const char ways[] =
    "r.id IN ("
    "SELECT x.id FROM (SELECT a.id FROM record a WHERE a.tenant = ? AND a.author = ? AND a.author <> 0"      /* house: a fragment */
    " ORDER BY a.created DESC, a.id DESC LIMIT 200) x UNION "
    "SELECT x.id FROM (SELECT b.id FROM record b JOIN account o ON o.tenant = b.tenant AND o.id = b.author"  /* house: a fragment */
    " WHERE b.tenant = ? AND o.email_fold = ? AND b.author <> 0 ORDER BY b.created DESC, b.id DESC LIMIT 200) x UNION "
    "SELECT x.record FROM (SELECT c.record FROM record_contact c WHERE c.tenant = ? AND c.email_fold = ?"    /* house: a fragment */
    " ORDER BY c.record DESC LIMIT 200) x UNION "
    "SELECT x.record FROM (SELECT e.record FROM record_contact e WHERE e.tenant = ? AND e.birth_date = ? AND e.name = ?"   /* house: a fragment */
    " ORDER BY e.record DESC LIMIT 200) x)";

err related_records(db *d, arena *mem, const struct who *w, int64_t except, const struct person_key *p, int limit, struct records *out)
{
    struct cells c;
    str mail = p->email.n ? account_email_fold(mem, p->email) : S("-");     /* no mail is "-" */
    str birth = p->birth_date.n && p->name.n ? p->birth_date : S("-");
    *out = (struct records){0};
    if (!p->account && !p->email.n && !(p->birth_date.n && p->name.n)) return NO_ERR;
    struct select *s = select_new(mem, "r.id, r.body, r.team, r.kind, r.revision, r.state, r.reference, r.title, r.created", "record r", "r");
    select_where(s, ways);
    select_value_i64(s, db_tenant(d));
    select_value_i64(s, p->account);
    select_value_i64(s, db_tenant(d));
    select_value_str(s, mail);
    select_value_i64(s, db_tenant(d));
    select_value_str(s, mail);
    select_value_i64(s, db_tenant(d));
    select_value_str(s, birth);
    select_value_str(s, p->name.n ? p->name : S("-"));
    select_where_i64(s, "r.id", CMP_NE, except);
    may_where(w, VERB_LIST, s, "r");
    select_order(s, "r.created DESC, r.id");
    select_limit(s, limit);
    TRY(select_run(d, mem, s, &c));
    for (size_t i = 0; i < c.n; i++) {
        const struct cell *x = c.v + i * c.columns;
        PUSH(mem, out, (struct record){.id = x[0].i, .body = x[1].i, .team = x[2].i, .kind = x[3].s, .revision = x[4].i, .state = x[5].s, .reference = x[6].s,
                                       .title = x[7].s, .created_us = x[8].i});
    }
    return NO_ERR;
}
