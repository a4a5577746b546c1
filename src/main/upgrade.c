/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* beffroi upgrade, beffroi rollback: a new version of the program and data that an older one wrote. */
#include "main/command.h"
#include "store/before.h"

static struct store_options options_of(struct run *r)
{
    return (struct store_options){.url = settings_store_url(r->mem, &r->settings), .readers = 1, .before = str_fmt(r->mem, "%.*s/before", STR_ARG(r->settings.data_dir))};
}

/* A machine where nothing was filled yet has nothing to upgrade. */
int upgrade_run(struct run *r)
{
    struct store_options opt = options_of(r);
    struct store *s = NULL;
    err e = run_has(r, "try") ? store_upgrade_try(&opt) : store_open(&s, &opt);
    store_close(s);
    return e.code == OK || e.code == E_NOT_FOUND ? DONE : run_fail(r, e);
}

int rollback_run(struct run *r)
{
    struct store_options opt = options_of(r);
    str from, undone;
    err e = store_upgrade_undo(&opt, r->mem, &from, &undone);
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "%.*s\n%.*s\n", STR_ARG(words_fill(r->mem, LANG_FR, W("rollback.from"), "file", from, NULL)), STR_ARG(words_fill(r->mem, LANG_FR, W("rollback.undone"), "file", undone, NULL)));
    return DONE;
}
