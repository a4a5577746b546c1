/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* watch.h — our own deadlines. One thread looks at all connections four times a second and shuts those that
   are too slow; the event thread then sees the end of the stream and closes as usual. Near the maximum of
   connections, idle and slow ones go first. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum watch_phase { WATCH_HEADER, WATCH_IDLE, WATCH_BODY, WATCH_WORK /* ours: no deadline */, WATCH_SEND };
struct watch;
struct watched;
struct watch_limits { int header_ms, idle_ms, grace_ms, bytes_per_s, connections_max; };

/* each_tick: flushes the access log */
struct watch *watch_new(struct watch_limits limits, void (*each_tick)(void *), void *arg);
void watch_free(struct watch *w);                             /* ends the thread; connections must be gone */
struct watched *watch_add(struct watch *w, int fd);
void watch_remove(struct watched *c);                         /* before its descriptor is closed */
void watch_phase(struct watched *c, enum watch_phase p);      /* starts the clock of that phase */
void watch_progress(struct watched *c, int64_t bytes);        /* bytes moved in this phase so far */
/* Our own work in the middle of a body or of a stream: its time is not the client's. */
void watch_pause(struct watched *c);
void watch_resume(struct watched *c);
int watch_count(struct watch *w);
int64_t watch_cut(struct watch *w);
