/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "test_server.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

bool test_server_start(struct test_server *s, const char *name, const char *dir, int n_ports)
{
    int in[2], out[2];
    char line[64] = {0}, *p = line;
    if (pipe(in) != 0 || pipe(out) != 0) return false;
    s->pid = fork();
    if (s->pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        close(in[1]);
        close(out[0]);
        execl(BEFFROI_SOURCE_DIR "/tests/servers/start", "start", name, dir, NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->to = in[1];
    fcntl(s->to, F_SETFD, FD_CLOEXEC);
    for (size_t n = 0; n < sizeof line - 1 && read(out[0], line + n, 1) == 1 && line[n] != '\n';) n++;
    close(out[0]);
    for (int i = 0; i < n_ports; i++) s->ports[i] = (int)strtol(p, &p, 10);
    if (s->ports[n_ports - 1] > 0) return true;
    fprintf(stderr, "the servers of tests/servers do not start: node and npm are needed\n");
    return false;
}

void test_server_stop(struct test_server *s)
{
    int status;
    close(s->to);
    waitpid(s->pid, &status, 0);
}
