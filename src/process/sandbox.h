/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sandbox.h — what a process gives up for ever: system calls (seccomp), files and ports (landlock, when the kernel has it), limits.
   Nothing of it in sanitizer builds, whose run-time needs what is forbidden here; sandbox_is_real() tells. Linux only. */
#pragma once
#include "base/str.h"

enum sandbox_role {
    SANDBOX_SERVER,         /* deny-list: no program started, nothing mounted, traced, loaded into the kernel */
    SANDBOX_COURIER,        /* the same */
    SANDBOX_CONVERTER,      /* the same, and no network at all: the converter between two files */
    SANDBOX_WORKER          /* allow-list: memory, threads, time, descriptors already open. Any other call kills. */
};

struct sandbox {
    enum sandbox_role role;
    /* Files that may still be opened, when the kernel has landlock: these trees. Paths that do not exist are skipped. */
    const char *const *read_only;       /* NULL-terminated; NULL: none */
    const char *const *read_write;
    bool all_files;                     /* no landlock on files: tests, odd set-ups */
    bool no_connect;                    /* connect() refused with EACCES: a server whose store is SQLite */
    bool no_tcp;                        /* landlock (Linux 6.7): neither connects nor opens a port by TCP; what is open goes on listening */
};

bool sandbox_is_real(void);
/* Once, before any thread is started (landlock binds the calling thread and what it starts).
   E_INTERNAL "process.sandbox": the kernel has no seccomp; the process should go on only when told to. Landlock missing is no error. */
err sandbox_enter(const struct sandbox *s);
int sandbox_landlock_version(void);     /* 0: the kernel has none. For `doctor`. */

/* A file from a stranger: this process may take so much and no more. 0: as it is. */
struct limits { int64_t memory_bytes, cpu_s, wall_s, file_bytes, open_files; };
err limits_set(struct limits l);
void limits_first_to_go(void);            /* when the machine has no memory left, the kernel ends this process before others */
void limits_no_core(void);              /* secrets in memory are not written to a core file */

/* Ready lists of read-only trees. */
extern const char *const sandbox_system_trees[];        /* what libc, TLS and time zones read while running */
