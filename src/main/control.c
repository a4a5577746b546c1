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

#define ASK_MOST_BYTES ((size_t)4 << 20)

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

static int run_asked(struct control *c, int *fd, str ask)
{
    arena *mem = arena_new(0);
    struct strs words_ = {0};
    for (str one, rest = ask; rest.n;) {
        one = str_split(rest, '\0', &rest);
        PUSH(mem, &words_, one);
    }
    int status = command_dispatch(c->app, &c->app->settings, words_, frame_out, frame_err, fd);
    arena_free(mem);
    return status;
}

static str too_long(arena *mem) { return words_fill(mem, LANG_FR, W("control.too_long"), "most", words_size(mem, LANG_FR, (int64_t)ASK_MOST_BYTES), NULL); }

static void answer(struct control *c, int fd)
{
    char part[65536];
    buf ask = BUF(ASK_MOST_BYTES);
    for (ssize_t n; (n = read(fd, part, sizeof part)) > 0;) buf_put(&ask, (str){part, (size_t)n});     /* read to its end, kept or not: the asker then reads us */
    int status = FAULT_FOUND;
    if (ask.full) {
        arena *mem = arena_new(0);
        frame_err(&fd, str_fmt(mem, "beffroi: %.*s\n", STR_ARG(too_long(mem))));
        arena_free(mem);
    } else {
        status = run_asked(c, &fd, buf_str(&ask));
    }
    buf_free(&ask);
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

bool control_ask(struct run *r, struct strs words_, int *status)
{
    struct sockaddr_un a;
    if (!address(&r->settings, &a)) return false;
    size_t total = 0;
    for (size_t i = 0; i < words_.n; i++) total += words_.v[i].n + 1;
    *status = FAULT_FOUND;
    if (total > ASK_MOST_BYTES) {
        run_tell(r, "beffroi: %.*s\n", STR_ARG(too_long(r->mem)));
        return true;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0) {
        if (fd >= 0) close(fd);
        return false;
    }
    for (size_t i = 0; i < words_.n; i++) {
        write_all(fd, words_.v[i].p, words_.v[i].n);
        write_all(fd, "", 1);
    }
    shutdown(fd, SHUT_WR);
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
