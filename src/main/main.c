/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "main/command.h"
#include "process/process.h"

static void to_stdout(void *arg, str text)
{
    (void)arg;
    fwrite(text.p, 1, text.n, stdout);
    fflush(stdout);
}

static void to_stderr(void *arg, str text)
{
    (void)arg;
    fwrite(text.p, 1, text.n, stderr);
}

static enum log_level level_of(str name)
{
    return str_is(name, "debug") ? LOG_DEBUG : str_is(name, "warn") ? LOG_WARN : str_is(name, "error") ? LOG_ERROR : LOG_INFO;
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);      /* converter and courier are this same program under other names */
    if (helper >= 0) return helper;
    hash_start();
    arena *mem = arena_new(0);
    struct settings s;
    str file = str_of(getenv("BEFFROI_CONF"));
    if (!file.n) file = access("beffroi.conf", R_OK) == 0 ? S("beffroi.conf") : S("/etc/beffroi/beffroi.conf");
    err e = settings_read(mem, file, &s);
    if (e.code != OK) {
        str why = words(LANG_FR, e.msg);
        fprintf(stderr, "beffroi: %s: %.*s\n", e.at, STR_ARG(why));
        arena_free(mem);
        return WRONG_USE;
    }
    log_level_set(level_of(s.log_level));
    int status = command_dispatch(NULL, &s, argc - 1, argv + 1, to_stdout, to_stderr, NULL);
    arena_free(mem);
    return status;
}
