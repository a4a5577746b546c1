/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "facets/support.h"

#include "base/hash.h"
#include "gen/sql/facets/support.sql.h"

str support_person(arena *mem, int64_t account, str email)
{
    if (account) return str_fmt(mem, "a%lld", (long long)account);
    struct hash32 h = hash_blake2b(str_fold(mem, str_trim(email)));
    return str_fmt(mem, "m%.*s", STR_ARG(hex_of(mem, h.b, 16)));
}

struct args { int64_t record, now_us, added; str kind, person, email; };

static err add_in_txn(db *w, void *arg)
{
    struct args *a = arg;
    a->added = 0;
    return sql_support_row_add(w, a->record, a->kind, a->person, a->email, a->now_us, &a->added);
}

static err remove_in_txn(db *w, void *arg)
{
    struct args *a = arg;
    return sql_support_row_remove(w, a->record, a->kind, a->person);
}

err support_add(db *d, int64_t record, const char *kind, str person, str email, int64_t now_us, bool *out_new)
{
    struct args a = {record, now_us, 0, str_of(kind), person, email};
    TRY(db_txn(d, add_in_txn, &a));
    *out_new = a.added > 0;
    return NO_ERR;
}

err support_remove(db *d, int64_t record, const char *kind, str person)
{
    return db_txn(d, remove_in_txn, &(struct args){.record = record, .kind = str_of(kind), .person = person});
}

err support_count(db *d, arena *mem, int64_t record, const char *kind, int64_t *out)
{
    struct sql_support_total_row row;
    TRY(sql_support_total(d, mem, record, str_of(kind), &row));
    *out = row.n;
    return NO_ERR;
}

err support_has(db *d, arena *mem, int64_t record, const char *kind, str person, bool *out)
{
    struct sql_support_row_has_row_list rows;
    TRY(sql_support_row_has(d, mem, record, str_of(kind), person, &rows));
    *out = rows.n > 0;
    return NO_ERR;
}

err support_followers(db *d, arena *mem, int64_t record, struct strs *out_mails)
{
    struct sql_support_mails_row_list rows;
    TRY(sql_support_mails(d, mem, record, &rows));
    for (size_t i = 0; i < rows.n; i++) PUSH(mem, out_mails, rows.v[i].email);
    return NO_ERR;
}

err support_erase(db *w, arena *mem, int64_t record, bool keep_statistics)
{
    struct sql_support_persons_row_list all;
    if (!keep_statistics) return sql_support_remove_of(w, record);
    TRY(sql_support_persons(w, mem, record, &all));
    for (size_t i = 0; i < all.n; i++)
        TRY(sql_support_rename(w, record, all.v[i].kind, all.v[i].person, str_fmt(mem, "x%zu", i)));
    return NO_ERR;
}
