/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* DIR/control: a unix socket, 0600. The asker sends its words, NUL-separated, then closes its side; the server sends frames
   of one byte ('o' output, 'e' error, 'x' exit status) and a 32-bit length in host order. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "main/command.h"

#define WORDS_MOST 2048
#define ASK_MOST_BYTES 65536

struct control { struct app *app; int fd; pthread_t thread; int wake[2]; char path[108]; };

static bool address(const struct settings *s, struct sockaddr_un *a)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(a->sun_path, sizeof a->sun_path, "%.*s/control", STR_ARG(s->data_dir));
    return n > 0 && (size_t)n < sizeof a->sun_path;
}

static bool write_all(int fd, const void *p, size_t n)
{
    for (const char *at = p; n;) {
        ssize_t w = send(fd, at, n, MSG_NOSIGNAL);
        if (w <= 0) return false;
        at += w;
        n -= (size_t)w;
    }
    return true;
}

static bool read_all(int fd, void *p, size_t n)
{
    for (char *at = p; n;) {
        ssize_t r = read(fd, at, n);
        if (r <= 0) return false;
        at += r;
        n -= (size_t)r;
    }
    return true;
}

static void frame(int fd, char what, str text)
{
    uint32_t n = (uint32_t)text.n;
    if (write_all(fd, &what, 1) && write_all(fd, &n, sizeof n)) write_all(fd, text.p, text.n);
}

static void frame_out(void *arg, str text) { frame(*(int *)arg, 'o', text); }
static void frame_err(void *arg, str text) { frame(*(int *)arg, 'e', text); }

static void answer(struct control *c, int fd)
{
    char ask[ASK_MOST_BYTES];
    size_t n = 0;
    for (ssize_t r; n < sizeof ask && (r = read(fd, ask + n, sizeof ask - n)) > 0;) n += (size_t)r;
    char *argv[WORDS_MOST];
    int argc = 0;
    for (size_t i = 0; i < n && argc < WORDS_MOST; i += strlen(ask + i) + 1) {
        if (!memchr(ask + i, '\0', n - i)) break;
        argv[argc++] = ask + i;
    }
    int status = command_dispatch(c->app, &c->app->settings, argc, argv, frame_out, frame_err, &fd);
    frame(fd, 'x', (str){(const char *)&status, sizeof status});
}

static void *listen_all(void *arg)
{
    struct control *c = arg;
    for (;;) {
        struct pollfd p[2] = {{c->fd, POLLIN, 0}, {c->wake[0], POLLIN, 0}};
        if (poll(p, 2, -1) < 0 && errno != EINTR) break;
        if (p[1].revents) break;
        int fd = accept(c->fd, NULL, NULL);
        if (fd < 0) continue;
        answer(c, fd);
        close(fd);
    }
    return NULL;
}

err control_listen(struct control **out, struct app *app)
{
    struct sockaddr_un a;
    if (!address(&app->settings, &a)) return FAIL(E_CONFIG, "control.path_long");
    struct control *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->app = app;
    memcpy(c->path, a.sun_path, sizeof c->path);
    unlink(a.sun_path);                             /* ours: we hold DIR/lock */
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&a, sizeof a) != 0 || chmod(a.sun_path, 0600) != 0 || listen(c->fd, 8) != 0 || pipe(c->wake) != 0 ||
        pthread_create(&c->thread, NULL, listen_all, c) != 0) {
        log_line(LOG_ERROR, "control.listen", "%s", strerror(errno));
        if (c->fd >= 0) close(c->fd);
        free(c);
        return FAIL(E_IO, "control.listen");
    }
    *out = c;
    return NO_ERR;
}

void control_close(struct control *c)
{
    if (!c) return;
    (void)!write(c->wake[1], "x", 1);
    pthread_join(c->thread, NULL);
    close(c->fd);
    close(c->wake[0]);
    close(c->wake[1]);
    unlink(c->path);
    free(c);
}

bool control_ask(const struct settings *s, int argc, char **argv, int *status)
{
    struct sockaddr_un a;
    if (!address(s, &a)) return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        if (fd >= 0) close(fd);
        return false;
    }
    for (int i = 0; i < argc; i++) write_all(fd, argv[i], strlen(argv[i]) + 1);
    shutdown(fd, SHUT_WR);
    *status = FAULT_FOUND;
    char what;
    uint32_t n;
    while (read_all(fd, &what, 1) && read_all(fd, &n, sizeof n)) {
        if (what == 'x') {
            read_all(fd, status, sizeof *status);
            break;
        }
        char part[4096];
        while (n) {
            size_t k = n < sizeof part ? n : sizeof part;
            if (!read_all(fd, part, k)) break;
            fwrite(part, 1, k, what == 'o' ? stdout : stderr);
            n -= (uint32_t)k;
        }
    }
    fflush(stdout);
    close(fd);
    return true;
}
