/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* process.h — a process for each risk. One binary; a helper is the same file started again under another name.

     parent      holds what the others must not: the port, the right to start programs. Starts the helpers when asked, and the server anew.
     server      all threads, all pages, the store. May not start a program.
     converter   reads what strangers send: images, types of files. No network, no file, one short-lived process a file.
     courier     the only one that opens outgoing connections.                                                            */
#pragma once
#include "process/protocol.h"

enum helper_role { HELPER_NONE, HELPER_CONVERTER, HELPER_COURIER };

/* First call of main(): when this process was started as a helper, does its work and returns the exit status; else -1. */
int process_main(int argc, char **argv);

/* Called by `serve` with its listening socket, before any thread or file of the server: forks. Returns in the server. The parent never
   returns: it starts helpers, passes SIGTERM, SIGINT and SIGHUP on, and ends with the server's exit status. When it dies, all die.
   A server killed by a signal that nobody passed on is started again (`main` from the beginning, with the same arguments) on the same
   socket, after 0, 50, 100, 200, 400 ms; at the sixth death within a minute the parent gives up with status 128 + signal.
   Without a parent (command line, tests) helpers are started directly. */
err parent_start(int listen_fd);
int parent_kept(void);                  /* the listening socket of the servers before this one; -1: none. Before parent_start. */

/* A helper as its client sees it: started at the first request, and again after its death or its idle exit; one that dies
   young (under 10 s) is started again after 1, 2, 4 … 60 s, and requests get E_BUSY meanwhile. Thread-safe. */
struct helper;
err helper_open(struct helper **out, enum helper_role role, str settings);   /* settings: the body of MSG_SETTINGS; starts nothing */
void helper_close(struct helper *h);                                        /* the helper sees the end and exits */
/* Sends m and awaits its answer. E_GONE "process.died": whoever worked on it died; E_BUSY "process.busy": no answer in time,
   or the helper cannot be started now. An answer MSG_ERROR comes back as its err. Values of *out: message_take_…; message_free. */
err helper_ask(struct helper *h, struct message *m, int timeout_ms, struct message *out);
int helper_starts(struct helper *h);                                        /* how many times it was started: for /metrics */

/* For the helpers' own mains. */
int converter_main(int sock);
int courier_main(int sock);
void helper_name(const char *name);                                         /* what ps shows, 15 letters */
err helper_answer(int sock, struct message *m);                             /* sends, closes sock */
err helper_answer_error(int sock, err e);
