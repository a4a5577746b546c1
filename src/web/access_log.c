/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* access_log.c — one JSON line for each request: the route's template, never the path itself, which may hold
   a code. Gathered in memory and written every quarter of a second, or earlier when there is much: an event
   thread never waits for the disk, it drops a line and counts it. */
#include <fcntl.h>
#include <unistd.h>
#include "web/call.h"

enum { BUFFER_BYTES = 256 * 1024, LINE_MAX_BYTES = 640 };

struct access_log {
    pthread_mutex_t lock; /* of the buffer being filled */
    pthread_mutex_t writing; /* of the descriptor */
    int fd;
    bool close_fd;
    size_t n;
    uint64_t dropped;
    char *filling, *spare;
};

err access_log_open(struct access_log **out, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDERR_FILENO : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return FAIL_AT(E_IO, "web.access_log", path);
    struct access_log *l = calloc(1, sizeof *l);
    char *both = malloc(2 * BUFFER_BYTES);
    if (!l || !both) {
        free(l);
        free(both);
        if (!standard) close(fd);
        return FAIL(E_BUSY, "web.memory");
    }
    *l = (struct access_log){.fd = fd, .close_fd = !standard, .filling = both, .spare = both + BUFFER_BYTES};
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->writing, NULL);
    *out = l;
    return NO_ERR;
}

static void write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done <= 0) return; /* a full disk costs the log, not the service */
        p += done;
        n -= (size_t)done;
    }
}

void access_log_flush(struct access_log *l)
{
    pthread_mutex_lock(&l->writing);
    pthread_mutex_lock(&l->lock);
    char *full = l->filling;
    size_t n = l->n;
    uint64_t dropped = l->dropped;
    l->filling = l->spare;
    l->spare = full;
    l->n = 0;
    l->dropped = 0;
    pthread_mutex_unlock(&l->lock);
    write_all(l->fd, full, n);
    pthread_mutex_unlock(&l->writing);
    if (dropped)
        log_line(LOG_WARN, "access_log", "%llu lines dropped: the disk is too slow",
                 (unsigned long long)dropped);
}

void access_log_close(struct access_log *l)
{
    if (!l) return;
    access_log_flush(l);
    if (l->close_fd) close(l->fd);
    free(l->filling < l->spare ? l->filling : l->spare);
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->writing);
    free(l);
}

/* "2026-11-23T22:03:04.123456Z"; the part up to the second is kept by each thread. */
static void time_put(char out[40], int64_t at_us)
{
    static _Thread_local int64_t second = -1;
    static _Thread_local char text[24];
    if (at_us / SECOND_US != second) {
        second = at_us / SECOND_US;
        struct civil c = civil_of(second * SECOND_US, S("UTC"));
        snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)c.year % 10000,
                 (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
                 (unsigned)c.minute % 100, (unsigned)c.second % 100);
    }
    snprintf(out, 40, "%s.%06dZ", text, (int)(at_us % SECOND_US));
}

void access_log_write(struct access_log *l, const struct call *c, int64_t us, bool aborted)
{
    char line[LINE_MAX_BYTES], at[40];
    time_put(at, clock_now_us());
    const char *route = c->q.route                        ? c->q.route->path
                        : str_starts(c->q.path, S("/s/")) ? "/s/:tag/*file"
                                                          : "-";
    int64_t bytes = c->pull ? c->streamed : c->q.head ? 0 : c->sent_bytes;
    int n = snprintf(line, sizeof line,
                     "{\"at\":\"%s\",\"method\":\"%s\",\"route\":\"%s\",\"status\":%d,\"us\":%lld,\"bytes\":%"
                     "lld,\"in\":%lld,\"tenant\":%lld,\"id\":\"%s\"%s%s%s%s}\n",
                     at, c->method ? method_name(c->method) : "-", route, c->status, (long long)us,
                     (long long)bytes, (long long)c->body_bytes, (long long)c->q.tenant_id, c->id_z,
                     c->cache_note ? ",\"cache\":\"" : "", c->cache_note ? c->cache_note : "",
                     c->cache_note ? "\"" : "", aborted ? ",\"aborted\":true" : "");
    if (n <= 0 || (size_t)n >= sizeof line) return;
    pthread_mutex_lock(&l->lock);
    bool room = l->n + (size_t)n <= BUFFER_BYTES;
    if (room) {
        memcpy(l->filling + l->n, line, (size_t)n);
        l->n += (size_t)n;
    } else {
        l->dropped++;
    }
    pthread_mutex_unlock(&l->lock);
}
