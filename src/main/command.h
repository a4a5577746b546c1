/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* command.h — the command line: a static table. A command that needs the store runs either here, on a directory nobody uses, or
   inside the running server, which got it over DIR/control: the same function, its output sent back line by line. */
#pragma once
#include "base/buf.h"
#include "pages/app.h"

struct option_row { const char *name, *value /* NULL: a flag */, *doc; enum { OPTION_TEXT, OPTION_FILE } type; };
extern const struct option_row option_rows[];                 /* ends with name NULL */

struct command;
struct run {                        /* one command being run */
    const struct command *command;
    struct app *app;                /* NULL for commands that need none */
    struct settings settings;
    arena *mem;
    struct strs words;              /* what follows the command's name, options taken out */
    struct { struct run_option { const struct option_row *row; str value; } *v; size_t n; } options;
    void (*print)(void *arg, str text); void *print_arg;     /* standard output of whoever asked */
    void (*tell)(void *arg, str text); void *tell_arg;       /* standard error: progress, faults */
};
enum { DONE = 0, FAULT_FOUND = 1, WRONG_USE = 2 };
enum {
    NEEDS_STORE = 1,
    MAKES_STORE = 2,
    ALONE = 4,                      /* never inside the server */
    ANY_SETTINGS = 8                /* runs whatever the settings are worth */
};
#define WORDS_MANY 1000000000

struct command {
    const char *name, *usage, *doc; /* "tenant add"; what stands after it, options left out */
    unsigned flags;
    int words_least, words_most;
    int files_from;                 /* the word (1: the first) from which all are files; 0: none is */
    const char *options;            /* names of option_rows it takes beside those that all take; NULL: none */
    int (*check)(struct run *r);    /* before the store is opened or made, where the command was typed; NULL: nothing to check */
    int (*run)(struct run *r);
};
extern const struct command commands[];                       /* ends with name NULL */

str run_option(const struct run *r, const char *name);        /* absent: not given; "" for a bare --flag */
bool run_has(const struct run *r, const char *name);
str run_word(const struct run *r, size_t i);                  /* absent: not given */
void run_print(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void run_tell(struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int run_fail(struct run *r, err e);                           /* tells it in plain words, gives FAULT_FOUND */
int run_wrong(struct run *r, str why);                        /* tells why and how the command is written, gives WRONG_USE */
/* Of that slug; absent: the only one there is. Not DONE: why was told. */
int run_tenant_named(struct run *r, str slug, const struct tenant **out);
int run_tenant(struct run *r, const struct tenant **out);     /* the one of --tenant */
/* --body CODE (INSEE or SIREN), else the first of the tenant; 0: it has none. Not DONE: why was told. */
int run_body(struct run *r, const struct tenant *t, int64_t *out);
/* Another command that needs the store, without words nor options: here, or in the server that uses the directory. */
int run_other(struct run *r, const char *name);

/* The running server's side and the asker's side of DIR/control. */
struct control;
err control_listen(struct control **out, struct app *app);
void control_close(struct control *c);
/* true: a server ran it, or could not be asked so much; *status is the exit status. */
bool control_ask(struct run *r, struct strs words, int *status);

int serve(struct run *r);
int help_run(struct run *r);
int version_run(struct run *r);
int bounce_run(struct run *r);
int manual_run(struct run *r);
int upgrade_run(struct run *r);
int rollback_run(struct run *r);
int tenant_add_check(struct run *r);
int tenant_add_run(struct run *r);
int tenant_list_run(struct run *r);
int tenant_host_run(struct run *r);
int tenant_backup_run(struct run *r);
int tenant_restore_run(struct run *r);
int tenant_export_run(struct run *r);
int tenant_remove_check(struct run *r);
int tenant_remove_run(struct run *r);
int command_dispatch(struct app *app, const struct settings *base, struct strs words, void (*print)(void *, str), void (*tell)(void *, str), void *arg);
