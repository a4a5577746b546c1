/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parent.h — between process.c and parent.c only. */
#pragma once
#include <sys/types.h>
#include "process/process.h"

/* Starts our own binary as a helper, its socket as descriptor HELPER_FD. outlived_by: the helper is killed when that
   process, which must be the caller, dies; 0: the end of its socket tells. Returns the pid, -1 when it cannot be started.
   Not 0 only from a process of one thread: the kernel's "parent death" is the death of the thread that forked. */
pid_t helper_exec(enum helper_role role, int sock, pid_t outlived_by);
int parent_channel(void);               /* the socket to the parent; -1: there is none */
void parent_argv(char **argv);          /* main's, to be executed with again */
