/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Backup and restore by PostgreSQL's own tools, run by the command line (the server may not start programs). */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "store/pg.h"

extern char **environ;
struct words { const char **v; size_t n; };

/* The parts of the URL go through the environment: arguments can be read by everybody on the machine. */
static void environment(arena *mem, const char *url, struct words *env, const char **out_database)
{
    PQconninfoOption *given = PQconninfoParse(url, 0);
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "PG", 2) != 0) PUSH(mem, env, *e);
    *out_database = "postgres";
    for (PQconninfoOption *o = given; o && o->keyword; o++) {
        if (!o->val) continue;
        if (o->envvar) PUSH(mem, env, str_z(mem, str_fmt(mem, "%s=%s", o->envvar, o->val)));
        if (strcmp(o->keyword, "dbname") == 0) *out_database = str_z(mem, str_of(o->val));
    }
    PQconninfoFree(given);
    PUSH(mem, env, (const char *)0);
}

static bool tool_run(const struct words *args, const struct words *env)
{
    pid_t pid;
    int status = -1;
    int bad = posix_spawnp(&pid, args->v[0], 0, 0, (char *const *)(uintptr_t)args->v, (char *const *)(uintptr_t)env->v);
    if (bad) {
        log_line(LOG_ERROR, "store.tool", "%s: %s", args->v[0], strerror(bad));
        return false;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void args_fill(arena *mem, struct words *args, const char *const *list)
{
    for (; *list; list++) PUSH(mem, args, *list);
    PUSH(mem, args, (const char *)0);
}

/* The schema the store stands in; *out_there: it holds one. */
static err schema_of(const char *url, arena *mem, const char **out_schema, bool *out_there)
{
    static const char text[] = "SELECT current_schema()::text AS schema, to_regclass('migration') IS NOT NULL AS there";
    struct store s = {.magic = STORE_MAGIC, .engine = &engine_pg};
    struct pg *c;
    struct cells found;
    TRY(pg_connect(url, &c));
    db d = {.magic = DB_MAGIC, .store = &s, .writer = true, .pg = c};
    err e = query_rows(&d, mem, text, 0, 0, &found);
    pg_close(c);
    TRY(e);
    if (!found.n || found.v[0].null) return FAIL(E_CONFIG, "store.url");
    *out_schema = str_z(mem, found.v[0].s);
    *out_there = found.v[1].i != 0;
    return NO_ERR;
}

static err synced(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    int bad = fd < 0 || fsync(fd) != 0;
    if (fd >= 0) close(fd);
    return bad ? FAIL(E_IO, "store.backup.failed") : NO_ERR;
}

err pg_backup(struct store *s, const char *file, void (*progress)(void *, int64_t, int64_t), void *arg)
{
    arena *mem = arena_new(0);
    struct words env = {0}, args = {0};
    const char *schema, *database, *part = str_z(mem, str_fmt(mem, "%s.part", file));
    bool there;
    err e = schema_of(s->url, mem, &schema, &there);
    if (e.code == OK) {
        environment(mem, s->url, &env, &database);
        args_fill(mem, &args, (const char *const[]){"pg_dump", "--format=custom", "--no-owner", "--no-privileges", "-n", schema, "-f", part, 0});
        int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd >= 0) close(fd);
        if (progress) progress(arg, 0, 1);
        if (fd < 0 || !tool_run(&args, &env)) e = FAIL(E_IO, "store.backup.failed");
    }
    if (e.code == OK) e = synced(part);
    if (e.code == OK && rename(part, file) != 0) e = FAIL(E_IO, "store.backup.failed");
    if (e.code == OK && progress) progress(arg, 1, 1);
    if (e.code != OK) unlink(part);
    arena_free(mem);
    return e;
}

err pg_restore(const struct store_options *opt, const char *file)
{
    arena *mem = arena_new(0);
    struct words env = {0}, args = {0};
    const char *schema, *database, *url = str_z(mem, opt->url);
    bool there;
    err e = schema_of(url, mem, &schema, &there);
    if (e.code == OK && there) e = FAIL(E_EXISTS, "store.restore.exists");
    if (e.code == OK) {
        environment(mem, url, &env, &database);
        args_fill(mem, &args, (const char *const[]){"pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges",
                                                    "-n", schema, "-d", database, file, 0});
        if (!tool_run(&args, &env)) e = FAIL(E_INVALID, "store.restore.failed");
    }
    arena_free(mem);
    return e;
}

err pg_keep(struct store *s, const char *file) { return pg_backup(s, file, 0, 0); }

/* Dumped, then the schema made anew: its owner owns the database, or was given both rights. */
err pg_aside(const struct store_options *opt, const char *file)
{
    static const char text[] = "DO $$ DECLARE s text := current_schema(); BEGIN EXECUTE format('DROP SCHEMA %I CASCADE', s); EXECUTE format('CREATE SCHEMA %I', s); END $$";
    arena *mem = arena_new(0);
    struct store s = {.magic = STORE_MAGIC, .engine = &engine_pg, .url = strdup(str_z(mem, opt->url))};
    struct pg *c = 0;
    if (!s.url) abort();
    err e = pg_backup(&s, file, 0, 0);
    if (e.code == OK) e = pg_connect(s.url, &c);
    if (e.code == OK) {
        db d = {.magic = DB_MAGIC, .store = &s, .writer = true, .pg = c};
        e = engine_pg.script(&d, text);
        pg_close(c);
    }
    free(s.url);
    arena_free(mem);
    return e;
}

static bool program_there(const char *name)
{
    arena *mem = arena_new(0);
    bool found = false;
    for (str one, rest = str_of(getenv("PATH")); rest.p && !found;) {
        one = str_split(rest, ':', &rest);
        found = access(str_z(mem, str_fmt(mem, "%.*s/%s", STR_ARG(one), name)), X_OK) == 0;
    }
    arena_free(mem);
    return found;
}

err pg_upgrade_look(const struct store_options *opt)
{
    arena *mem = arena_new(0);
    const char *schema, *url = str_z(mem, opt->url);
    bool there = false, pending = false, fresh;
    struct store s = {.magic = STORE_MAGIC, .engine = &engine_pg, .more_migrations = opt->more_migrations};
    struct pg *c = 0;
    err e = schema_of(url, mem, &schema, &there);
    if (e.code == OK && there) e = pg_connect(url, &c);
    if (e.code == OK && there) {
        db d = {.magic = DB_MAGIC, .store = &s, .writer = true, .pg = c};
        e = migrations_look(&d, &pending, &fresh);
        pg_close(c);
    }
    if (e.code == OK && pending && !program_there("pg_dump")) e = FAIL_AT(E_CONFIG, "store.before.failed", "pg_dump");
    arena_free(mem);
    return e;
}
