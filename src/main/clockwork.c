/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/clockwork.h"
#include "main/bounce.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/log.h"
#include "core/audit.h"
#include "core/draft.h"
#include "core/files.h"
#include "core/inbox.h"
#include "core/notify.h"
#include "core/projection.h"
#include "core/returns.h"
#include "core/secret.h"
#include "core/tenant_archive.h"
#include "core/work.h"
#include "formats/json.h"
#include "process/courier.h"
#include "services.h"
#include "store/change.h"
#include "store/lease.h"
#include "web/server.h"

#define TICK_US SECOND_US
#define MAILS_AT_ONCE 20
#define REBUILD_LEASE_US (30 * MINUTE_US)
#define SWEEP_OLDER_US DAY_US
#define TEND_LEASE_US (10 * MINUTE_US)
#define CHANGE_KEPT_US HOUR_US           /* other nodes poll each second and look back ten */

struct clockwork {
    struct app *app;
    struct server *server;
    pthread_t thread, mail_thread, jobs_thread, upkeep_thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
    struct change_cursor cursor;
    _Atomic bool tenants_stale;
};

static bool wait_tick(struct clockwork *c, int64_t us)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t ns = until.tv_nsec + us * 1000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&c->lock);
    if (!c->stop) pthread_cond_timedwait(&c->wake, &c->lock, &until);
    bool go = !c->stop;
    pthread_mutex_unlock(&c->lock);
    return go;
}

static void work_one(struct clockwork *c, const struct work *work, const struct tenant *t, arena *mem)
{
    db *d = NULL;
    struct core_world w = {c->app->store, c->app->kinds, t, c->app->node, all_jobs, c->app};
    err e = store_read(c->app->store, t->id, &d);
    if (e.code == OK) e = work_run(d, mem, work, &w, clock_now_us());
    if (e.code != OK) log_line(LOG_WARN, "clockwork", "%s: %s %s", work->name, e.msg, e.at ? e.at : "");
    if (d) db_done(d);
    arena_reset(mem);
}

/* For what may take minutes: clockwork_stop waits for its thread. */
static bool not_stopped(void *arg)
{
    struct clockwork *c = arg;
    pthread_mutex_lock(&c->lock);
    bool go = !c->stop;
    pthread_mutex_unlock(&c->lock);
    return go;
}

struct each { struct clockwork *c; const struct work *work; arena *mem; };
static void each_tenant(void *arg, const struct tenant *t)
{
    struct each *e = arg;
    work_one(e->c, e->work, t, e->mem);
}

static void changed(void *arg, int64_t tenant, str topic, int64_t id)
{
    (void)id;
    struct clockwork *c = arg;
    page_cache_bump(c->server, tenant, topic);
    if (str_is(topic, TOPIC_TENANT)) c->tenants_stale = true;
    if (str_is(topic, TOPIC_INBOX)) inbox_cache_drop(c->app->inbox, tenant);
    if (!str_is(topic, TOPIC_AWAY)) return;
    inbox_cache_drop(c->app->inbox, tenant);
    kinds_forget(c->app->kinds, tenant);
    page_cache_bump(c->server, tenant, S("*"));
}

/* What other nodes changed. What this one changed was told by the store at once. */
static void changes_take(struct clockwork *c, arena *mem)
{
    db *d = NULL;
    struct changes changes = {0};
    if (store_read(c->app->store, 0, &d).code != OK) return;
    if (change_poll(d, mem, &c->cursor, &changes).code == OK)
        for (size_t i = 0; i < changes.n; i++) changed(c, changes.v[i].tenant, changes.v[i].topic, changes.v[i].id);
    db_done(d);
    if (c->tenants_stale) tenants_changed(c->app->tenants);
    c->tenants_stale = false;
}

/* What a crash or a removed row left on the disk of this node. */
static void blobs_take_out(struct clockwork *c)
{
    int64_t removed = 0;
    err e = files_sweep(c->app->store, c->app->blobs, SWEEP_OLDER_US, &(struct going){not_stopped, c}, &removed);
    if (e.code != OK || removed) log_line(e.code == OK ? LOG_INFO : LOG_WARN, "sweep", "%lld %s", (long long)removed, e.code == OK ? "" : e.msg);
}

/* Projections of another version than this program's are made again while the town is served from what there is. */
static void projections_look(struct clockwork *c)
{
    db *d = NULL;
    bool mine = store_is_sqlite(c->app->store);         /* its directory is locked: nobody else is there */
    err e = store_read(c->app->store, 0, &d);
    if (e.code == OK && !mine) e = lease_take(d, S("projections"), c->app->node, REBUILD_LEASE_US, &mine);
    if (e.code == OK && mine) e = projections_bring_up(c->app->store, core_projections, false, &(struct going){not_stopped, c}, NULL, NULL);
    /* Left in the middle too: the next start has another name, and would wait for this one's lease to end. */
    if (d && mine && !store_is_sqlite(c->app->store)) {
        err dropped = lease_drop(d, S("projections"), c->app->node);
        if (e.code == OK) e = dropped;
    }
    if (e.code != OK) log_line(LOG_WARN, "projections", "%s %s", e.msg, e.at ? e.at : "");
    if (d) db_done(d);
}

/* Statistics of the planner, the WAL folded back, changes that everybody has taken. */
static void store_look(struct clockwork *c)
{
    db *d = NULL;
    bool mine = false;
    int64_t removed = 0;
    err e = store_read(c->app->store, 0, &d);
    if (e.code == OK) e = lease_take(d, S("tend"), c->app->node, TEND_LEASE_US, &mine);
    if (e.code == OK && mine) e = change_trim(d, clock_now_us() - CHANGE_KEPT_US, &removed);
    if (e.code == OK && mine) e = store_tend(c->app->store);
    if (e.code != OK || removed) log_line(e.code == OK ? LOG_INFO : LOG_WARN, "tend", "%lld changes trimmed %s", (long long)removed, e.code == OK ? "" : e.msg);
    if (d) db_done(d);
}

static void bounces_look(struct clockwork *c) { bounces_take(c->app, clock_now_us()); }

/* What may take minutes has a thread of its own, so that seals and timers stay on time. */
static const struct { void (*run)(struct clockwork *c); int every_s, first_s; } upkeeps[] = {
    {bounces_look, 5, 2}, {projections_look, 60, 0}, {store_look, 3600, 5}, {blobs_take_out, 3600, 1800},
};

static void *upkeep(void *arg)
{
    struct clockwork *c = arg;
    int64_t second = 0;
    do {
        for (size_t i = 0; i < sizeof upkeeps / sizeof *upkeeps; i++)
            if (second % upkeeps[i].every_s == upkeeps[i].first_s && not_stopped(c)) upkeeps[i].run(c);
        second++;
    } while (wait_tick(c, TICK_US));
    return NULL;
}

static void *turn(void *arg)
{
    struct clockwork *c = arg;
    arena *mem = arena_new(0);
    for (int64_t second = 0; wait_tick(c, TICK_US); second++) {
        changes_take(c, mem);
        err e = audit_flush(c->app->audit);
        if (e.code != OK) log_line(LOG_WARN, "audit", "%s", e.msg);
        for (const struct work *work = works; work->name; work++)
            if (!work->apart && second % work->every_s == 0) tenants_each(c->app->tenants, each_tenant, &(struct each){c, work, mem});
        arena_reset(mem);
    }
    arena_free(mem);
    return NULL;
}

static void *jobs(void *arg)
{
    struct clockwork *c = arg;
    arena *mem = arena_new(0);
    for (int64_t second = 0; wait_tick(c, TICK_US); second++)
        for (const struct work *work = works; work->name; work++)
            if (work->apart && second % work->every_s == 0) tenants_each(c->app->tenants, each_tenant, &(struct each){c, work, mem});
    arena_free(mem);
    return NULL;
}

static err mail_one(struct clockwork *c, db *d, arena *mem, const struct tenant *t, const struct outbox_item *it)
{
    const struct settings *s = &c->app->settings;
    struct delivery out = {0};
    if (str_is(it->channel, "webhook")) {
        struct hash32 key = webhook_key(mem, t->id, it->to);
        struct webhook w = {.url = it->to, .secret = hash_str(&key), .body = it->body, .delivery_id = it->delivery_id, .at_us = clock_now_us()};
        TRY(courier_send_webhook(c->app->courier, mem, &w, &out));
    } else {
        str own = json_text(json_path(t->settings, "mail.from"));
        struct mail m = {.from = own.n ? own : s->mail_from, .envelope = return_address(mem, s->bounce_address, it->delivery_id), .from_name = t->name, .to = it->to, .reply_to = it->reply_to, .subject = it->subject, .text = it->text,
                         .message_id = it->delivery_id, .date_us = id_time_us(it->id)};    /* the same for a retry: it is the same letter */
        TRY(courier_send_mail(c->app->courier, mem, &m, &out));
    }
    if (out.class == DELIVERY_SENT) return outbox_sent(d, it->id, clock_now_us());
    return outbox_failed(d, it->id, out.class == DELIVERY_REFUSED, out.text, clock_now_us());
}

static void mail_tenant(void *arg, const struct tenant *t)
{
    struct each *x = arg;
    struct clockwork *c = x->c;
    db *d = NULL;
    struct outbox_items items = {0};
    err e = store_read(c->app->store, t->id, &d);
    if (e.code == OK) e = outbox_claim(d, x->mem, c->app->node, clock_now_us(), MAILS_AT_ONCE, &items);
    for (size_t i = 0; e.code == OK && i < items.n; i++) {
        e = mail_one(c, d, x->mem, t, &items.v[i]);
        if (e.code != OK) e = outbox_failed(d, items.v[i].id, false, str_of(e.msg), clock_now_us());
    }
    if (e.code != OK) log_line(LOG_WARN, "outbox", "%s %s", e.msg, e.at ? e.at : "");
    if (d) db_done(d);
    arena_reset(x->mem);
}

/* Its own thread: a slow mail server delays mails, nothing else. */
static void *mails(void *arg)
{
    struct clockwork *c = arg;
    arena *mem = arena_new(0);
    while (wait_tick(c, 2 * SECOND_US)) tenants_each(c->app->tenants, mail_tenant, &(struct each){c, NULL, mem});
    arena_free(mem);
    return NULL;
}

err clockwork_start(struct clockwork **out, struct app *app, struct server *server)
{
    struct clockwork *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->app = app;
    c->server = server;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    store_on_change(app->store, changed, c);
    if (pthread_create(&c->thread, NULL, turn, c) != 0 || pthread_create(&c->mail_thread, NULL, mails, c) != 0 || pthread_create(&c->jobs_thread, NULL, jobs, c) != 0 ||
        pthread_create(&c->upkeep_thread, NULL, upkeep, c) != 0) return FAIL(E_INTERNAL, "serve.thread");
    *out = c;
    return NO_ERR;
}

void clockwork_stop(struct clockwork *c)
{
    if (!c) return;
    pthread_mutex_lock(&c->lock);
    c->stop = true;
    pthread_cond_broadcast(&c->wake);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_join(c->mail_thread, NULL);
    pthread_join(c->jobs_thread, NULL);
    pthread_join(c->upkeep_thread, NULL);
    free(c);
}
