/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* testing.h — a town for a test, on the store of store/testing.h: a frozen clock, two tenants with the same bodies, accounts and kinds,
   of which the twin must never be seen. STORE_TEST tests do `struct town *t = town_open(*state);`, and town_close(t) at the end.
   cmocka's includes come first; a step that fails ends the test. */
#pragma once
#include "core/account.h"
#include "core/draft.h"
#include "core/life.h"
#include "store/testing.h"

#define ASSERT_OK(expr_)                                                                                     \
    do {                                                                                                     \
        err ok_ = (expr_);                                                                                   \
        if (ok_.code != OK) fail_msg("%s: %s %s", #expr_, ok_.msg, ok_.at ? ok_.at : "");                    \
    } while (0)
#define ASSERT_CODE(expr_, code_) assert_int_equal((expr_).code, code_)
#define ASSERT_STR(s_, z_) assert_string_equal(str_z(t->mem, s_), z_)

struct side {                       /* one of the two tenants */
    db *d; struct tenant tenant;
    int64_t town, suburb;           /* bodies */
    int64_t team, citizen;          /* team and account ids */
    struct who agent, reader, other /* agent of the suburb only */, citizen_who;
    const struct kind *report, *permit /* procedure: rejection after 2 months */, *tree /* acceptance after 1 month */;
};
struct town {
    struct test_store *store; arena *mem; struct kinds *kinds; int64_t now_us;
    struct side a, twin;            /* a is the tenant under test */
};
struct town *town_open(struct test_store *s);
void town_close(struct town *t);
void town_at(struct town *t, const char *iso);                       /* moves the frozen clock: "2026-11-23T10:00" in Paris */
void town_pass(struct town *t, int64_t by_us);

/* Files a dossier; doc as JSON text. name, email: absent when NULL. The same words may be filed in the twin. */
struct record town_file(struct town *t, struct side *s, const struct kind *k, const char *doc, const char *name, const char *email);
struct record town_file_with(struct town *t, struct side *s, struct filing f);
err town_act(struct town *t, struct side *s, const struct who *w, struct record *r, const char *transition, const char *asks /* JSON, NULL: none */);
void town_timers(struct town *t, struct side *s);                    /* runs what is due */
struct record town_record(struct town *t, struct side *s, int64_t id);
const char *town_state(struct town *t, struct side *s, int64_t id);
const char *town_day(struct town *t, int64_t at_us);                 /* "2026-11-23" in Paris; "-" for 0 */
int64_t town_mails(struct town *t, struct side *s, int64_t record, const char *to /* NULL: anybody */);
int64_t town_statements(db *d, int64_t since);                       /* run on this connection since */
const struct who *town_holder(struct town *t, int64_t record);       /* who proved the code */
json_t *town_json(struct town *t, const char *text);
/* Publishes "repas", once for each side: f1 the income, asked; f2 the price of a meal above 500 € of income and f3 the quotient, computed;
   a requirement, teams, a delay of 3 or 9 days, all by rules. */
const struct kind *town_meals(struct town *t, struct side *s);
