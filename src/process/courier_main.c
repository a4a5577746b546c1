/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The courier: six threads that take requests from one socket (the kernel is the queue: one packet, one thread) and answer each on
   its own. No thread waits for another. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/words.h"
#include "process/courier_work.h"
#include "process/process.h"
#include "process/sandbox.h"

#define THREADS              6
#define IDLE_MS              60000
#define REQUEST_MEMORY_BYTES (96u << 20)

static struct courier_settings settings;
static int requests;
static atomic_int at_work;

str courier_one_line(arena *mem, str s)
{
    size_t n = s.n < 400 ? s.n : 400;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) n--; /* not inside a character */
    str line = str_copy(mem, str_cut(s, 0, n));
    char *p = (char *)(uintptr_t)line.p;
    bool valid = utf8_valid(line);
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c < ' ' || c == 0x7f) p[i] = ' ';
        if (c >= 0x80 && !valid) p[i] = '?';
    }
    return str_trim(line);
}

void courier_curl_defaults(CURL *c, const struct courier_settings *s, char *error)
{
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (s->ca_file.n) curl_easy_setopt(c, CURLOPT_CAINFO, s->ca_file.p);
    error[0] = 0;
}

static void answer_delivery(int reply, const struct delivery *d)
{
    struct message a = message_of(MSG_DELIVERY);
    message_put_i64(&a, d->class);
    message_put_i64(&a, d->code);
    message_put_i64(&a, d->retry_after_s);
    message_put_str(&a, d->text);
    helper_answer(reply, &a);
}

static void do_mail(struct courier_thread *t, struct message *m, int reply)
{
    struct mail mail = {.message_id = message_take_str(m), .date_us = message_take_i64(m)};
    str *members[] = {&mail.from_name, &mail.from, &mail.reply_to, &mail.to_name, &mail.to,
                      &mail.subject,   &mail.text, &mail.html,     &mail.envelope, NULL};
    struct delivery d = {DELIVERY_REFUSED, 0, 0, S("malformed request")};
    for (str **p = members; *p; p++) **p = message_take_str(m);
    if (!m->bad) courier_do_mail(t, &mail, &d);
    answer_delivery(reply, &d);
}

static void do_webhook(struct courier_thread *t, struct message *m, int reply)
{
    struct webhook h = {0};
    str *members[] = {&h.url, &h.secret, &h.delivery_id, &h.body, NULL};
    struct delivery d = {DELIVERY_REFUSED, 0, 0, S("malformed request")};
    for (str **p = members; *p; p++) **p = message_take_str(m);
    h.at_us = message_take_i64(m);
    if (!m->bad) courier_do_webhook(t, &h, &d);
    answer_delivery(reply, &d);
}

static void do_scan(struct courier_thread *t, struct message *m, int reply)
{
    struct scan found = {0};
    int stream = message_take_fd(m, 1);
    err e = stream >= 0 ? courier_do_scan(t, stream, &found) : FAIL(E_INTERNAL, W("scan.unavailable"));
    if (stream >= 0) close(stream);
    if (e.code != OK) {
        helper_answer_error(reply, e);
        return;
    }
    struct message a = message_of(MSG_DONE);
    message_put_i64(&a, found.verdict);
    message_put_str(&a, found.name);
    helper_answer(reply, &a);
}

static void do_file(struct courier_thread *t, struct message *m, int reply)
{
    struct file_request r = {.op = (enum file_op)message_take_i64(m), .key = message_take_str(m), .from = message_take_i64(m),
                             .n_bytes = message_take_i64(m), .tries = (int)message_take_i64(m), .fd = -1};
    struct file_reply p = {.text = S("malformed request")};
    if (r.op == FILE_PUT) r.fd = message_take_fd(m, 1);
    if (!m->bad) courier_do_file(t, &r, &p);
    if (r.fd >= 0) close(r.fd);
    struct message a = message_of(MSG_DONE);
    message_put_i64(&a, p.code);
    message_put_str(&a, p.text);
    message_put_i64(&a, p.total_bytes);
    message_put_str(&a, p.bytes);
    message_put_str(&a, p.next);
    message_put_i64(&a, (int64_t)p.n);
    for (size_t i = 0; i < p.n; i++) {
        message_put_str(&a, p.v[i].key);
        message_put_i64(&a, p.v[i].size_bytes);
        message_put_i64(&a, p.v[i].modified_us);
    }
    helper_answer(reply, &a);
}

static void serve(struct courier_thread *t, struct message *m)
{
    int reply = message_take_fd(m, 0);
    if (reply >= 0) {
        if (m->kind == MSG_MAIL)
            do_mail(t, m, reply);
        else if (m->kind == MSG_HOOK)
            do_webhook(t, m, reply);
        else if (m->kind == MSG_SCAN)
            do_scan(t, m, reply);
        else if (m->kind == MSG_FILE)
            do_file(t, m, reply);
        else
            close(reply);
    }
    message_free(m);
    arena_reset(t->mem);
}

/* Returns when the socket has ended, or after idle_ms (-1: never) without a request of its own. */
static enum err_code serve_all(struct courier_thread *t, int idle_ms)
{
    struct message m;
    for (;;) {
        err e = message_receive(requests, &m, idle_ms);
        if (e.code == E_BUSY || e.code == E_GONE || e.code == E_IO) return e.code;
        if (e.code != OK) continue;
        atomic_fetch_add(&at_work, 1);
        serve(t, &m);
        atomic_fetch_sub(&at_work, 1);
    }
}

static void thread_open(struct courier_thread *t)
{
    *t = (struct courier_thread){.settings = &settings, .mem = arena_new(REQUEST_MEMORY_BYTES)};
}

static void *thread_main(void *arg)
{
    struct courier_thread t;
    (void)arg;
    thread_open(&t);
    serve_all(&t, -1);
    if (t.smtp) curl_easy_cleanup(t.smtp);
    if (t.files) curl_easy_cleanup(t.files);
    arena_free(t.mem);
    return NULL;
}

/* The strings of the message live as long as the process. NUL-terminated copies: libcurl wants them. */
static err read_settings(int sock, arena *mem)
{
    struct message m;
    TRY(message_receive(sock, &m, 10000));
    str *members[] = {&settings.smtp_url, &settings.smtp_user, &settings.smtp_password, &settings.helo,
                      &settings.mail_dir, &settings.ca_file,   &settings.clamd,         &settings.files_url,
                      &settings.files_prefix, &settings.files_region, &settings.files_key, &settings.files_secret, NULL};
    for (str **p = members; *p; p++) **p = str_copy(mem, message_take_str(&m));
    settings.smtp_clear = message_take_i64(&m) != 0;
    settings.private_addresses = message_take_i64(&m) != 0;
    bool ok = m.kind == MSG_SETTINGS && !m.bad;
    message_free(&m);
    return ok ? NO_ERR : FAIL(E_MALFORMED, W("process.died"));
}

static err close_the_door(arena *mem)
{
    struct strs readable = {0}, writable = {0};
    for (const char *const *p = sandbox_system_trees; *p; p++) PUSH(mem, &readable, str_of(*p));
    if (settings.ca_file.n) PUSH(mem, &readable, settings.ca_file);
    if (settings.mail_dir.n) {
        mkdir(settings.mail_dir.p, 0700);
        PUSH(mem, &writable, settings.mail_dir);
    }
    const char **read_only = NEW_N(mem, const char *, readable.n + 1),
               **read_write = NEW_N(mem, const char *, writable.n + 1);
    for (size_t i = 0; i < readable.n; i++) read_only[i] = readable.v[i].p;
    for (size_t i = 0; i < writable.n; i++) read_write[i] = writable.v[i].p;
    limits_no_core();
    return sandbox_enter(
        &(struct sandbox){.role = SANDBOX_COURIER, .read_only = read_only, .read_write = read_write});
}

int courier_main(int sock)
{
    pthread_t threads[THREADS - 1];
    struct courier_thread own;
    arena *mem = arena_new(0);
    requests = sock;
    hash_start();
    if (read_settings(sock, mem).code != OK) return 1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 || close_the_door(mem).code != OK) return 1;
    for (int i = 0; i < THREADS - 1; i++)
        if (pthread_create(&threads[i], NULL, thread_main, NULL) != 0) return 1;
    thread_open(&own);
    /* The idle clock is this thread's; it waits on while others work. */
    enum err_code why;
    while ((why = serve_all(&own, IDLE_MS)) == E_BUSY && atomic_load(&at_work) > 0) {
    }
    if (why != E_BUSY) {
        /* The server is gone. What is on its way goes no further: the outbox did not hear of it, and will send it again. */
        for (int i = 0; i < THREADS - 1; i++) pthread_detach(threads[i]);
        _exit(0);
    }
    /* Idle. What is already in the queue is still served; then the threads find its end. None is lost between. */
    shutdown(sock, SHUT_RD);
    serve_all(&own, 0);
    for (int i = 0; i < THREADS - 1; i++) pthread_join(threads[i], NULL);
    struct message goodbye = message_of(MSG_DONE);
    helper_answer(sock, &goodbye);
    _exit(0);
}
