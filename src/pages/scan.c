/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/scan.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include "base/log.h"
#include "pages/app.h"
#include "process/courier.h"

#define AT_ONCE 4               /* the courier has six threads: mails still leave when the scanner is slow */
#define WAIT_S 10

static struct { void (*fn)(void *, bool); void *arg; } hook;
static sem_t places;
static pthread_once_t once = PTHREAD_ONCE_INIT;

void scan_on_wait(void (*fn)(void *arg, bool waits), void *arg)
{
    hook.fn = fn;
    hook.arg = arg;
}

static void places_make(void) { sem_init(&places, 0, AT_ONCE); }

static bool place_take(void)
{
    struct timespec until;
    pthread_once(&once, places_make);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    int e;
    while ((e = sem_clockwait(&places, CLOCK_MONOTONIC, &until)) != 0 && errno == EINTR) continue;
    return e == 0;
}

struct reading { struct blob_reader *r; int64_t at; err e; };

static err next_piece(void *arg, void *out, size_t n_bytes, size_t *got)
{
    struct reading *x = arg;
    x->e = blob_read(x->r, x->at, out, n_bytes, got);
    x->at += (int64_t)*got;
    return x->e;
}

static err ask(struct req *q, const struct blob_ref *ref, struct scan *out)
{
    struct reading x = {0};
    if (!place_take()) return FAIL(E_BUSY, "scan.unavailable");
    err e = x.e = blob_read_start(q->app->blobs, q->tenant_id, ref, &x.r);
    if (e.code == OK) {
        e = courier_scan(q->app->courier, q->mem, next_piece, &x, out);
        blob_read_end(x.r);
    }
    sem_post(&places);
    if (e.code == OK || e.code == E_TOO_LARGE) return e;
    return x.e.code != OK ? x.e : FAIL(E_BUSY, "scan.unavailable");
}

err blob_scan(struct req *q, const struct blob_ref *ref, str file_name)
{
    struct scan found = {0};
    if (!q->app->settings.clamd.n) return NO_ERR;
    if (hook.fn) hook.fn(hook.arg, true);
    err e = ask(q, ref, &found);
    if (hook.fn) hook.fn(hook.arg, false);
    if (e.code == E_TOO_LARGE) return FAIL_AT(E_INVALID, e.msg, str_z(q->mem, file_name));
    TRY(e);
    if (found.verdict == SCAN_CLEAN) return NO_ERR;
    log_line(LOG_WARN, "infected", "tenant %lld: %.*s, %lld bytes, refused", (long long)q->tenant_id, STR_ARG(found.name), (long long)ref->size_bytes);
    return FAIL_AT(E_INVALID, "files.infected", str_z(q->mem, file_name));
}

err upload_receive(struct req *q, struct upload *u)
{
    TRY(upload_keep(q, u));
    err e = blob_scan(q, &u->ref, u->file_name);
    if (e.code != OK) (void)blob_remove(q->app->blobs, q->tenant_id, u->ref.name);      /* the sweep takes what is left */
    return e;
}
