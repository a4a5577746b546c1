/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command.h — the command line: a static table. A command that needs the store runs either here, on a directory nobody uses, or
   inside the running server, which got it over DIR/control: the same function, its output sent back line by line. */
#pragma once
#include "base/buf.h"
#include "pages/app.h"

struct run {                        /* one command being run */
    struct app *app;                /* NULL for commands that need none */
    struct settings settings;
    arena *mem;
    struct strs words;              /* what follows the command's name, options taken out */
    struct { str *names, *values; size_t n; } options;
    void (*print)(void *arg, str text); void *print_arg;     /* standard output of whoever asked */
    void (*tell)(void *arg, str text); void *tell_arg;       /* standard error: progress, faults */
};
enum { DONE = 0, FAULT_FOUND = 1, WRONG_USE = 2 };
enum { NEEDS_STORE = 1, MAKES_STORE = 2, ALONE = 4 /* never inside the server */ };

struct command {
    const char *name, *usage, *doc;
    unsigned flags;
    int (*run)(struct run *r);
};
extern const struct command commands[];                       /* ends with name NULL */

str run_option(const struct run *r, const char *name);        /* absent: not given; "" for a bare --flag */
bool run_has(const struct run *r, const char *name);
void run_print(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void run_tell(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int run_fail(struct run *r, err e);                           /* tells it in plain words, gives FAULT_FOUND */
const struct tenant *run_tenant(struct run *r);               /* --tenant SLUG, else the first; NULL: told */

/* The running server's side and the asker's side of DIR/control. */
struct control;
err control_listen(struct control **out, struct app *app);
void control_close(struct control *c);
/* true: a server ran it, *status is its exit status. */
bool control_ask(const struct settings *s, int argc, char **argv, int *status);

int serve(struct run *r);
int command_main(struct run *r, int argc, char **argv);
int command_dispatch(struct app *app, const struct settings *base, int argc, char **argv, void (*print)(void *, str), void (*tell)(void *, str), void *arg);
