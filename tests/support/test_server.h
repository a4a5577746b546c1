/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* test_server.h — a server of tests/servers, for as long as a test program runs. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

struct test_server { pid_t pid; int to; int ports[3]; };
/* What it receives lies in dir. False: it does not start; node and npm are needed. */
bool test_server_start(struct test_server *s, const char *name, const char *dir, int n_ports);
void test_server_stop(struct test_server *s);
