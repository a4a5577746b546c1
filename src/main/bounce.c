/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/bounce.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "base/log.h"
#include "core/returns.h"
#include "main/command.h"

#define AT_ONCE 50
#define OTHER_KEPT_US (30 * DAY_US)

static str folder(arena *mem, const struct settings *s, const char *sub) { return str_fmt(mem, "%.*s/bounces%s", STR_ARG(s->data_dir), sub); }

/* ---- in ---- */
static err read_in(arena *mem, int fd, str *out)
{
    buf b = BUF(DSN_MOST_BYTES);
    char part[65536];
    ssize_t n;
    while ((n = read(fd, part, sizeof part)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0) buf_put(&b, (str){part, b.n + (size_t)n > DSN_MOST_BYTES ? DSN_MOST_BYTES - b.n : (size_t)n});
    *out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return n < 0 ? FAIL(E_IO, W("bounce.unread")) : NO_ERR;
}

/* As a Maildir wants it: written aside, synced, then renamed into new/. */
static err put_in(struct run *r, str mail)
{
    static const char *const subs[] = {"", "/tmp", "/new", "/cur"};
    for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) mkdir(folder(r->mem, &r->settings, subs[i]).p, 0700);
    str name = id_text(r->mem, id_new());
    const char *aside = str_fmt(r->mem, "%.*s/%.*s", STR_ARG(folder(r->mem, &r->settings, "/tmp")), STR_ARG(name)).p;
    const char *there = str_fmt(r->mem, "%.*s/%.*s", STR_ARG(folder(r->mem, &r->settings, "/new")), STR_ARG(name)).p;
    int fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return FAIL_AT(E_IO, W("bounce.unwritten"), aside);
    bool good = write(fd, mail.p, mail.n) == (ssize_t)mail.n && fsync(fd) == 0;
    good = close(fd) == 0 && good && rename(aside, there) == 0;
    if (!good) unlink(aside);
    return good ? NO_ERR : FAIL_AT(E_IO, W("bounce.unwritten"), there);
}

int bounce_run(struct run *r)
{
    str mail;
    err e = read_in(r->mem, STDIN_FILENO, &mail);
    if (e.code == OK) e = put_in(r, mail);
    return e.code == OK ? DONE : run_fail(r, e);
}

/* ---- out ---- */
struct look { struct app *app; arena *mem; const struct dsn *dsn; int64_t outbox, now_us; bool mine; err e; };

static void ask_town(void *arg, const struct tenant *t)
{
    struct look *x = arg;
    AUTO(db_close_auto) db *d = NULL;
    if (x->mine || x->e.code != OK) return;
    x->e = store_read(x->app->store, t->id, &d);
    if (x->e.code == OK) x->e = return_take(d, x->mem, x->outbox, x->dsn, x->now_us, &x->mine);
}

static err take_one(struct app *app, arena *mem, const char *path, int64_t now_us, bool *out_mine)
{
    str mail;
    struct dsn dsn;
    *out_mine = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return FAIL_AT(E_IO, W("bounce.unread"), path);
    err e = read_in(mem, fd, &mail);
    close(fd);
    TRY(e);
    if (dsn_read(mem, mail, &dsn).code != OK) return NO_ERR;
    struct look x = {.app = app, .mem = mem, .dsn = &dsn, .outbox = return_outbox(&dsn), .now_us = now_us};
    if (x.outbox) tenants_each(app->tenants, ask_town, &x);
    *out_mine = x.mine;
    return x.e;
}

/* Not ours, or a fault of the store: false, and it stays where it is for the next time. */
static bool move_on(struct app *app, arena *mem, const char *name, int64_t now_us)
{
    bool mine;
    const char *path = str_fmt(mem, "%.*s/%s", STR_ARG(folder(mem, &app->settings, "/new")), name).p;
    err e = take_one(app, mem, path, now_us, &mine);
    log_line(e.code == OK ? LOG_INFO : LOG_WARN, "bounce", "%s %s", name, e.code != OK ? e.msg : mine ? "noted" : "of no mail of ours");
    if (e.code != OK) return false;
    return mine ? unlink(path) == 0 : rename(path, str_fmt(mem, "%.*s/%s", STR_ARG(folder(mem, &app->settings, "/cur")), name).p) == 0;
}

static void old_remove(struct app *app, arena *mem, int64_t now_us)
{
    DIR *dir = opendir(folder(mem, &app->settings, "/cur").p);
    struct stat st;
    for (const struct dirent *one; dir && (one = readdir(dir));)
        if (one->d_name[0] != '.' && fstatat(dirfd(dir), one->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            (int64_t)st.st_mtim.tv_sec * SECOND_US < now_us - OTHER_KEPT_US) unlinkat(dirfd(dir), one->d_name, 0);
    if (dir) closedir(dir);
}

void bounces_take(struct app *app, int64_t now_us)
{
    arena *mem = arena_new(0);
    struct strs names = {0};
    DIR *dir = opendir(folder(mem, &app->settings, "/new").p);
    for (const struct dirent *one; dir && names.n < AT_ONCE && (one = readdir(dir));)
        if (one->d_name[0] != '.') PUSH(mem, &names, str_copy(mem, str_of(one->d_name)));
    if (dir) closedir(dir);
    for (size_t i = 0; i < names.n && move_on(app, mem, names.v[i].p, now_us); i++) continue;
    if (names.n) old_remove(app, mem, now_us);
    arena_free(mem);
}
