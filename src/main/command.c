/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"

str run_option(const struct run *r, const char *name)
{
    for (size_t i = 0; i < r->options.n; i++)
        if (str_is(r->options.names[i], name)) return r->options.values[i];
    return STR_NONE;
}

bool run_has(const struct run *r, const char *name) { return run_option(r, name).p != NULL; }

__attribute__((format(printf, 4, 0))) static void out(arena *mem, void (*to)(void *, str), void *arg, const char *fmt, va_list ap) { to(arg, str_vfmt(mem, fmt, ap)); }

void run_print(struct run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    out(r->mem, r->print, r->print_arg, fmt, ap);
    va_end(ap);
}

void run_tell(struct run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    out(r->mem, r->tell, r->tell_arg, fmt, ap);
    va_end(ap);
}

int run_fail(struct run *r, err e)
{
    str why = words(LANG_FR, e.msg);
    if (e.at) run_tell(r, "beffroi: %s: %.*s\n", e.at, STR_ARG(why));
    else run_tell(r, "beffroi: %.*s\n", STR_ARG(why));
    return FAULT_FOUND;
}

struct find { str slug; const struct tenant *t; };
static void find_tenant(void *arg, const struct tenant *t)
{
    struct find *f = arg;
    if (!f->t && (!f->slug.n || str_eq(f->slug, t->slug))) f->t = t;
}

const struct tenant *run_tenant(struct run *r)
{
    struct find f = {run_option(r, "tenant"), NULL};
    tenants_each(r->app->tenants, find_tenant, &f);
    if (!f.t) run_fail(r, FAIL(E_NOT_FOUND, "command.no_tenant"));
    return f.t;
}

/* --name VALUE, --name=VALUE, or --flag. Flags take no value. */
static bool is_flag(const char *name)
{
    static const char *const flags[] = {"demo", "force", "help", "create", "agent", "json", "publish", NULL};
    for (int i = 0; flags[i]; i++)
        if (strcmp(name, flags[i]) == 0) return true;
    return false;
}

static bool words_parse(struct run *r, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            PUSH(r->mem, &r->words, str_of(argv[i]));
            continue;
        }
        str value, name = str_split(str_of(argv[i] + 2), '=', &value);
        if (!value.p && !is_flag(argv[i] + 2)) {
            if (i + 1 >= argc) {
                run_tell(r, "beffroi: --%.*s ?\n", STR_ARG(name));
                return false;
            }
            value = str_of(argv[++i]);
        }
        size_t n = r->options.n;
        str *names = NEW_N(r->mem, str, n + 1), *values = NEW_N(r->mem, str, n + 1);
        for (size_t j = 0; j < n; j++) names[j] = r->options.names[j], values[j] = r->options.values[j];
        names[n] = name;
        values[n] = value.p ? value : S("");
        r->options.names = names;
        r->options.values = values;
        r->options.n = n + 1;
    }
    return true;
}

static int usage(struct run *r)
{
    run_print(r, "beffroi COMMAND …\n\n");
    for (const struct command *c = commands; c->name; c++) run_print(r, "  beffroi %-12s %s\n      %s\n", c->name, c->usage, c->doc);
    return WRONG_USE;
}

static int options_apply(struct run *r)
{
    static const char *const pairs[][2] = {{"data", "data_dir"}, {"store", "store"}, {"listen", "listen"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        str v = run_option(r, pairs[i][0]);
        if (!v.p) continue;
        err e = setting_set(r->mem, &r->settings, str_of(pairs[i][1]), v, pairs[i][0]);
        if (e.code != OK) return run_fail(r, e), WRONG_USE;
    }
    if (run_has(r, "demo")) r->settings.with_demo = true;
    return DONE;
}

/* Files named on the command line stand where whoever runs the command is: make their paths absolute before they travel. */
static void paths_absolute(arena *mem, int argc, char **argv)
{
    char here[4096];
    for (int i = 1; i < argc; i++) {
        bool to_make = strcmp(argv[0], "backup") == 0 && argv[i][0] != '-' && argv[i - 1][0] != '-';
        if (!argv[i][0] || argv[i][0] == '/') continue;
        if ((to_make || access(argv[i], F_OK) == 0) && getcwd(here, sizeof here)) argv[i] = (char *)str_z(mem, str_fmt(mem, "%s/%s", here, argv[i]));
    }
}

static int run_with_store(struct run *r, const struct command *c, int argc, char **argv)
{
    int status;
    struct app app = {0};
    err e = app_open(&app, &r->settings, (c->flags & MAKES_STORE) ? APP_CREATE : 0);
    if (e.code == E_BUSY && !(c->flags & ALONE)) {
        paths_absolute(r->mem, argc, argv);
        if (control_ask(&r->settings, argc, argv, &status)) return status;
    }
    if (e.code != OK) return run_fail(r, e);
    r->app = &app;
    status = c->run(r);
    app_close(&app);
    return status;
}

int command_dispatch(struct app *app, const struct settings *base, int argc, char **argv, void (*print)(void *, str),
                     void (*tell)(void *, str), void *arg)
{
    struct run r = {.app = app, .settings = *base, .mem = arena_new(0), .print = print, .print_arg = arg, .tell = tell, .tell_arg = arg};
    int status = WRONG_USE;
    const struct command *c = commands;
    while (argc > 0 && c->name && strcmp(c->name, argv[0]) != 0) c++;
    if (argc < 1 || !c->name) {
        status = usage(&r);
    } else if (words_parse(&r, argc - 1, argv + 1) && options_apply(&r) == DONE) {
        if (run_has(&r, "help")) run_print(&r, "beffroi %s %s\n%s\n", c->name, c->usage, c->doc), status = DONE;
        else if (app && (c->flags & ALONE)) status = run_fail(&r, FAIL(E_BUSY, "command.alone"));
        else if (app || !(c->flags & NEEDS_STORE)) status = c->run(&r);
        else status = run_with_store(&r, c, argc, argv);
    }
    arena_free(r.mem);
    return status;
}
