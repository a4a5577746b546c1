/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
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
    struct strs given = {0};
    str named = str_of(getenv("BEFFROI_CONF"));
    str file = named.n ? named : access("beffroi.conf", F_OK) == 0 ? S("beffroi.conf") : S("/etc/beffroi/beffroi.conf");
    settings_read(mem, file, named.n > 0, &s);
    log_level_set(level_of(s.log_level));
    for (int i = 1; i < argc; i++) PUSH(mem, &given, str_of(argv[i]));
    int status = command_dispatch(NULL, &s, given, to_stdout, to_stderr, NULL);
    arena_free(mem);
    return status;
}
