/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* serve — everything opened, the server started, the clockwork turning, until SIGTERM. */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/account.h"
#include "core/password.h"
#include "main/command.h"
#include "main/clockwork.h"
#include "main/exchange.h"
#include "pages/scan.h"
#include "process/converter.h"
#include "process/courier.h"
#include "process/notify.h"
#include "process/process.h"
#include "process/sandbox.h"
#include "services.h"
#include "site/door.h"
#include "site/site.h"
#include "web/address.h"

static void demo_seen(void *arg, const struct tenant *t) { *(bool *)arg |= t->is_demo; }

static bool is_loopback(str listen)
{
    return str_starts(listen, S("127.")) || str_starts(listen, S("localhost:")) || str_starts(listen, S("[::1]"));
}

static err helpers_open(struct app *app)
{
    const struct settings *s = &app->settings;
    struct courier_settings cs = {.smtp_url = s->smtp_url, .smtp_user = s->smtp_user, .smtp_password = s->smtp_password, .clamd = s->clamd, .private_addresses = s->private_addresses,
                                  .mail_dir = str_fmt(app->mem, "%.*s/mail", STR_ARG(s->data_dir))};
    TRY(courier_open(&app->courier, &cs));
    return converter_open(&app->converter, (struct converter_settings){0});
}

static err server_prepare(struct server **out, struct app *app, int listen_fd)
{
    const struct settings *s = &app->settings;
    struct hash32 csrf;
    app->routes = &all_routes;
    blobs_secret_hash(app->blobs, S("forms"), &csrf);
    struct server_options opt = {
        .listen_fd = listen_fd, .routes = all_routes, .hooks = door_hooks, .app = app, .blobs = app->blobs, .assets = &assets_built,
        .csrf_key = {(const char *)csrf.b, sizeof csrf.b}, .trusted_proxies = settings_commas(app->mem, s->trusted_proxies), .access_log = "-",
        .workers = (int)s->workers, .file_bytes_max = s->upload_most_bytes, .hsts = str_is(s->public_scheme, "https"),
    };
    if (s->tls_cert.n) TRY(file_text(app->mem, s->tls_cert, &opt.tls_cert_pem));
    if (s->tls_key.n) TRY(file_text(app->mem, s->tls_key, &opt.tls_key_pem));
    TRY(server_make(out, &opt));
    store_on_wait(app->store, server_worker_waits, *out);
    password_on_wait(server_worker_waits, *out);
    scan_on_wait(server_worker_waits, *out);
    first_on_wait(server_worker_waits, *out);
    site_server_set(*out);
    return NO_ERR;
}

int serve(struct run *r)
{
    int64_t began_us = clock_monotonic_us();
    int listen_fd = parent_kept();          /* already there when a server before this one was killed */
    err e = NO_ERR;
    if (listen_fd < 0 && (listen_fd = notify_kept(r->settings.listen)) < 0) {
        e = listen_open(r->settings.listen, &listen_fd);
        if (e.code == OK) notify_keep(r->settings.listen, listen_fd);
    }
    if (e.code == OK) e = parent_start(listen_fd);      /* returns in the server; the parent holds the port and starts helpers */
    if (e.code != OK) return run_fail(r, e);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* Every file: a command sent over DIR/control reads and writes where the administrator says. */
    bool alone = !str_starts(r->settings.store, S("postgres"));
    struct sandbox box = {.role = SANDBOX_SERVER, .all_files = true, .no_connect = alone, .no_tcp = alone};
    e = sandbox_enter(&box);
    if (e.code != OK) return run_fail(r, e);
    limits_no_core();
    mallopt(M_ARENA_MAX, 8);                /* one for each of sixty threads would keep what a peak needed, sixty times */
    struct app app = {0};
    e = app_open(&app, &r->settings, APP_CREATE);
    if (e.code != OK) return run_fail(r, e);
    bool demo = false;
    tenants_each(app.tenants, demo_seen, &demo);
    struct server *server = NULL;
    struct control *control = NULL;
    struct clockwork *clockwork = NULL;
    if (demo && !is_loopback(r->settings.listen) && !r->settings.with_demo) e = FAIL_AT(E_CONFIG, "serve.demo_beyond_loopback", "--demo");
    if (e.code == OK) e = helpers_open(&app);
    if (e.code == OK) site_start(&app);
    if (e.code == OK) e = server_prepare(&server, &app, listen_fd);
    if (e.code == OK) e = clockwork_start(&clockwork, &app, server);
    if (e.code == OK) e = control_listen(&control, &app);
    if (e.code == OK) e = server_listen(server);        /* last: connections may be waiting since before this process */
    if (e.code == OK) {
        log_line(LOG_INFO, "ready", "port %d after %lld us", server_port(server), (long long)(clock_monotonic_us() - began_us));
        run_print(r, "http://127.0.0.1:%d/\n", server_port(server));
        notify_tell("READY=1", -1);
        int sig;
        sigwait(&stop, &sig);
        log_line(LOG_INFO, "stopping", "signal %d", sig);
        notify_tell("STOPPING=1", -1);
    }
    control_close(control);
    server_halt(server, 5000);
    clockwork_stop(clockwork);          /* it tells the server what changed until its last turn */
    server_free(server);
    if (app.courier) courier_close(app.courier);
    if (app.converter) converter_close(app.converter);
    int status = e.code == OK ? DONE : run_fail(r, e);
    app_close(&app);
    return status;
}
