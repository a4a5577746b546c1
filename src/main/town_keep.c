/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* beffroi tenant backup, restore, export, remove: one town, the others served meanwhile. */
#include "base/clock.h"
#include "core/tenant_archive.h"
#include "main/command.h"

/* A few times a second: rows go by faster than they can be read. */
static void progress(void *arg, const char *what, int64_t n)
{
    static _Thread_local int64_t last;
    int64_t now = clock_monotonic_us();
    if (now - last < SECOND_US / 4) return;
    last = now;
    run_tell(arg, "%-20s %8lld\r", what, (long long)n);
}

static struct archive_world world_of(struct run *r)
{
    struct app *a = r->app;
    return (struct archive_world){.store = a->store, .blobs = a->blobs, .tenants = a->tenants, .kinds = a->kinds, .audit = a->audit, .progress = progress, .progress_arg = r};
}

int tenant_backup_run(struct run *r)
{
    struct archive_world w = world_of(r);
    struct tenant_named t;
    int64_t lost = 0;
    err e = tenant_named(w.store, r->mem, run_word(r, 0), &t);
    if (e.code == OK) e = tenant_backup(&w, &t, run_word(r, 1), &lost);
    run_tell(r, "\n");
    if (e.code == OK && lost) run_tell(r, "%.*s\n", STR_ARG(words_count(r->mem, LANG_FR, W("tenant.backup.lost"), lost)));
    return e.code == OK ? DONE : run_fail(r, e);
}

int tenant_restore_run(struct run *r)
{
    struct archive_world w = world_of(r);
    struct restoring what = {.file = run_word(r, 0), .host = str_lower_ascii(r->mem, run_option(r, "host")), .replace = run_has(r, "replace")};
    str slug = STR_NONE;
    err e = tenant_restore(&w, &what, &slug, r->mem);
    run_tell(r, "\n");
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s\n", STR_ARG(slug));
    return DONE;
}

int tenant_export_run(struct run *r)
{
    struct archive_world w = world_of(r);
    struct tenant_named t;
    err e = tenant_named(w.store, r->mem, run_word(r, 0), &t);
    if (e.code == OK && tenant_is_away(&t)) e = FAIL(E_BUSY, W("tenant.away"));
    const struct tenant *whole = e.code == OK ? tenants_by_id(w.tenants, t.id) : NULL;
    if (e.code == OK && !whole) e = FAIL(E_BUSY, W("tenant.away"));
    if (e.code == OK) e = tenant_export(&w, whole, run_word(r, 1));
    run_tell(r, "\n");
    return e.code == OK ? DONE : run_fail(r, e);
}

/* The name is typed twice: nothing brings it back. */
int tenant_remove_check(struct run *r)
{
    if (str_eq(run_word(r, 0), run_option(r, "yes-remove"))) return DONE;
    return run_wrong(r, words_fill(r->mem, LANG_FR, W("tenant.remove.confirm"), "name", run_word(r, 0), NULL));
}

int tenant_remove_run(struct run *r)
{
    struct archive_world w = world_of(r);
    struct tenant_named t;
    err e = tenant_named(w.store, r->mem, run_word(r, 0), &t);
    if (e.code == OK) e = tenant_remove(&w, &t);
    run_tell(r, "\n");
    return e.code == OK ? DONE : run_fail(r, e);
}
