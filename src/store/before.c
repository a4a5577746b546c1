/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/before.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/log.h"
#include "store/lite.h"
#include "store/pg.h"

#define KEPT   ".store"
#define UNDONE ".undone"

/* DIR/20261129T234512Z.store: names in order of time. */
static str name_now(arena *mem, str dir, const char *end)
{
    str iso = time_iso(mem, clock_now_us()), plain = STR_NONE;
    char *v = arena_alloc(mem, iso.n + 1);
    plain.p = v;
    for (size_t i = 0; i < iso.n && iso.p[i] != '.'; i++)
        if (iso.p[i] != '-' && iso.p[i] != ':' && iso.p[i] != 'Z') v[plain.n++] = iso.p[i];
    return str_fmt(mem, "%.*s/%.*sZ%s", STR_ARG(dir), STR_ARG(plain), end);
}

static err folder_make(const char *dir)
{
    return mkdir(dir, 0700) == 0 || errno == EEXIST ? NO_ERR : FAIL_AT(E_IO, "store.before.failed", dir);
}

err before_keep(struct store *s, const char *dir)
{
    arena *mem = arena_new(0);
    err e = folder_make(dir);
    str file = name_now(mem, str_of(dir), KEPT);
    if (e.code == OK) e = s->engine->keep(s, str_z(mem, file));
    if (e.code == OK) log_line(LOG_INFO, "store.kept", "%.*s", STR_ARG(file));
    else e = FAIL_AT(e.code, "store.before.failed", dir);
    arena_free(mem);
    return e;
}

/* Of the running server's store, through a reading connection of our own. */
static err copy_pending(const struct store_options *opt, const char *path, const char *copy, bool *out_pending)
{
    struct store s = {.magic = STORE_MAGIC, .engine = &engine_sqlite, .more_migrations = opt->more_migrations};
    struct lite *c = 0;
    bool fresh;
    TRY(lite_open(path, false, &c));
    db d = {.magic = DB_MAGIC, .store = &s, .writer = true, .lite = c};
    err e = migrations_look(&d, out_pending, &fresh);
    if (e.code == OK && *out_pending) e = lite_script(c, "PRAGMA query_only=OFF");      /* VACUUM INTO counts as writing */
    if (e.code == OK && *out_pending) e = lite_copy(c, copy);
    lite_close(c);
    return e;
}

err store_upgrade_try(const struct store_options *opt)
{
    if (!str_starts(opt->url, S("sqlite:"))) return pg_upgrade_look(opt);
    arena *mem = arena_new(0);
    const char *path = str_z(mem, str_cut(opt->url, sizeof "sqlite:" - 1, opt->url.n));
    const char *dir = str_z(mem, str_fmt(mem, "%.*s/try", STR_ARG(opt->before))), *copy = str_z(mem, str_fmt(mem, "%s/beffroi.db", dir));
    struct store_options other = {.url = str_fmt(mem, "sqlite:%s", copy), .more_sql = opt->more_sql, .more_migrations = opt->more_migrations};
    struct store *tried = 0;
    bool pending = false;
    err e = access(path, F_OK) == 0 ? folder_make(str_z(mem, opt->before)) : FAIL(E_NOT_FOUND, "store.missing");
    if (e.code == OK) e = folder_make(dir);
    unlink(copy);
    if (e.code == OK) e = copy_pending(opt, path, copy, &pending);
    if (e.code == OK && pending) e = store_open(&tried, &other);
    store_close(tried);
    static const char *const left[] = {"beffroi.db", "beffroi.db-wal", "beffroi.db-shm", "beffroi.db.part", "lock", NULL};
    for (int i = 0; left[i]; i++) unlink(str_z(mem, str_fmt(mem, "%s/%s", dir, left[i])));
    rmdir(dir);
    arena_free(mem);
    return e;
}

static str newest(arena *mem, str dir)
{
    DIR *d = opendir(str_z(mem, dir));
    str found = STR_NONE;
    for (struct dirent *e; d && (e = readdir(d));) {
        str name = str_of(e->d_name);
        if (str_ends(name, S(KEPT)) && str_cmp(name, found) > 0) found = str_copy(mem, name);
    }
    if (d) closedir(d);
    return found.n ? str_fmt(mem, "%.*s/%.*s", STR_ARG(dir), STR_ARG(found)) : STR_NONE;
}

err store_upgrade_undo(const struct store_options *opt, arena *mem, str *out_from, str *out_undone)
{
    const struct engine *engine = str_starts(opt->url, S("sqlite:")) ? &engine_sqlite : &engine_pg;
    *out_from = newest(mem, opt->before);
    if (!out_from->n) return FAIL(E_NOT_FOUND, "store.before.none");
    *out_undone = name_now(mem, opt->before, UNDONE);
    TRY(engine->aside(opt, str_z(mem, *out_undone)));
    return store_restore(opt, *out_from);
}
