/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/notify.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3

void notify_tell(const char *text, int fd)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof a.sun_path) return;
    memcpy(a.sun_path, path, strlen(path));
    if (*path == '@') a.sun_path[0] = 0;
    union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } with = {.head = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
    memcpy(CMSG_DATA(&with.head), &fd, sizeof fd);
    struct iovec part = {(void *)(uintptr_t)text, strlen(text)};
    struct msghdr m = {.msg_name = &a, .msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)), .msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) m.msg_control = &with, m.msg_controllen = sizeof with.room;
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (s < 0) return;
    sendmsg(s, &m, MSG_NOSIGNAL);
    close(s);
}

/* A name may hold no colon. */
static void name_put(char out[128], str address)
{
    snprintf(out, 128, "%.*s", STR_ARG(address));
    for (char *c = out; *c; c++)
        if (*c == ':') *c = '_';
}

int notify_kept(str address)
{
    const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
    char wanted[128], text[160];
    int found = -1, yes = 0;
    name_put(wanted, address);
    if (!pid || !n || !names || strtol(pid, NULL, 10) != getpid()) return -1;
    int fd = FIRST_FD, end = FIRST_FD + (int)strtol(n, NULL, 10);
    for (str one, rest = str_of(names); rest.p && fd < end; fd++) {
        one = str_split(rest, ':', &rest);
        socklen_t size = sizeof yes;
        bool listens = getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &size) == 0 && yes;
        if (found < 0 && listens && str_is(one, wanted)) {
            fcntl(fd, F_SETFD, FD_CLOEXEC);
            found = fd;
            continue;
        }
        close(fd);                          /* another address, since the settings changed: nobody answers there any more */
        snprintf(text, sizeof text, "FDSTOREREMOVE=1\nFDNAME=%.*s", STR_ARG(one));
        notify_tell(text, -1);
    }
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    return found;
}

void notify_keep(str address, int fd)
{
    char name[128], text[160];
    name_put(name, address);
    snprintf(text, sizeof text, "FDSTORE=1\nFDNAME=%s", name);
    notify_tell(text, fd);
}
