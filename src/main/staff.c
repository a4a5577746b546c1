/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* beffroi import staff: agents from a CSV, all or nothing. */
#include "core/staff.h"
#include "main/exchange.h"

static void staff_tell(struct run *r, const struct staff *s)
{
    static const char *const said[] = {[STAFF_NEW] = "new", [STAFF_CHANGED] = "changed", [STAFF_SAME] = "same"};
    for (size_t i = 0; i < s->faults.n; i++) run_tell(r, "%.*s\n", STR_ARG(staff_fault_words(r->mem, LANG_FR, &s->faults.v[i])));
    for (size_t i = 0; i < s->new_teams.n; i++) run_print(r, "team\t%.*s\n", STR_ARG(s->new_teams.v[i]));
    for (size_t i = 0; i < s->lines.n; i++) run_print(r, "%s\t%.*s\n", said[s->lines.v[i].what], STR_ARG(s->lines.v[i].a.email));
}

int import_staff_run(struct run *r)
{
    const struct tenant *t;
    struct staff s = {0};
    str text;
    AUTO(db_close_auto) db *d = NULL;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
    err e = file_text(r->mem, run_word(r, 0), &text);
    if (e.code == OK) e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = staff_read(d, r->mem, text, 0, &s);
    if (e.code != OK) return run_fail(r, e);
    staff_tell(r, &s);
    if (!s.faults.n && run_has(r, "check")) return DONE;
    e = staff_write(d, r->mem, t, STR_NONE, LANG_FR, clock_now_us(), &s);
    return e.code == OK ? DONE : run_fail(r, e);
}
