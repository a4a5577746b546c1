/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The client of the courier. */
#include "process/courier.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/words.h"
#include "process/process.h"

#define ANSWER_TIMEOUT_MS 90000
#define SCAN_TIMEOUT_MS   300000
#define PUT_TIMEOUT_MS    600000
#define SCAN_PIECE_BYTES  (64 << 10)

struct courier {
    arena *mem;
    struct helper *helper;
    bool can_scan;
};

err courier_open(struct courier **out, const struct courier_settings *s)
{
    arena *mem = arena_new(1 << 20);
    struct courier *c = NEW(mem, struct courier);
    struct message m = message_of(MSG_SETTINGS);
    str members[] = {s->smtp_url, s->smtp_user, s->smtp_password, s->helo, s->mail_dir, s->ca_file, s->clamd,
                     s->files_url, s->files_prefix, s->files_region, s->files_key, s->files_secret};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) message_put_str(&m, members[i]);
    message_put_i64(&m, s->smtp_clear);
    message_put_i64(&m, s->private_addresses);
    c->mem = mem;
    c->can_scan = s->clamd.n > 0;
    err e = helper_open(&c->helper, HELPER_COURIER, buf_str(&m.body));
    message_free(&m);
    *out = c;
    return e;
}

void courier_close(struct courier *c)
{
    if (!c) return;
    helper_close(c->helper);
    arena_free(c->mem);
}

static err ask_delivery(struct courier *c, arena *mem, struct message *m, struct delivery *out)
{
    struct message answer;
    *out = (struct delivery){DELIVERY_RETRY, 0, 0, S("no answer from the courier")};
    err e = helper_ask(c->helper, m, ANSWER_TIMEOUT_MS, &answer);
    message_free(m);
    TRY(e);
    out->class = (enum delivery_class)message_take_i64(&answer);
    out->code = (int)message_take_i64(&answer);
    out->retry_after_s = (int)message_take_i64(&answer);
    out->text = str_copy(mem, message_take_str(&answer));
    bool bad = answer.bad || answer.kind != MSG_DELIVERY;
    message_free(&answer);
    return bad ? FAIL(E_INTERNAL, W("process.died")) : NO_ERR;
}

err courier_send_mail(struct courier *c, arena *mem, const struct mail *m, struct delivery *out)
{
    struct message msg = message_of(MSG_MAIL);
    message_put_str(&msg, m->message_id);
    message_put_i64(&msg, m->date_us);
    str members[] = {m->from_name, m->from, m->reply_to, m->to_name, m->to, m->subject, m->text, m->html, m->envelope};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) message_put_str(&msg, members[i]);
    return ask_delivery(c, mem, &msg, out);
}

err courier_send_webhook(struct courier *c, arena *mem, const struct webhook *h, struct delivery *out)
{
    struct message msg = message_of(MSG_HOOK);
    str members[] = {h->url, h->secret, h->delivery_id, h->body};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) message_put_str(&msg, members[i]);
    message_put_i64(&msg, h->at_us);
    return ask_delivery(c, mem, &msg, out);
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static bool take_reply(arena *mem, struct message *a, struct file_reply *out)
{
    out->code = (int)message_take_i64(a);
    out->text = str_copy(mem, message_take_str(a));
    out->total_bytes = message_take_i64(a);
    out->bytes = str_copy(mem, message_take_str(a));
    str next = message_take_str(a);
    out->next = next.p ? str_copy(mem, next) : STR_NONE;
    int64_t n = message_take_i64(a);
    if (a->bad || a->kind != MSG_DONE || n < 0 || n > 1000) return false;
    out->v = NEW_N(mem, struct file_row, n + 1);
    for (out->n = 0; out->n < (size_t)n; out->n++) {
        str key = str_copy(mem, message_take_str(a));
        int64_t size = message_take_i64(a);
        out->v[out->n] = (struct file_row){key, size, message_take_i64(a)};
    }
    return !a->bad;
}

err courier_file(struct courier *c, arena *mem, const struct file_request *r, struct file_reply *out)
{
    struct message answer, m = message_of(MSG_FILE);
    *out = (struct file_reply){.text = S("no answer from the courier")};
    message_put_i64(&m, r->op);
    message_put_str(&m, r->key);
    message_put_i64(&m, r->from);
    message_put_i64(&m, r->n_bytes);
    message_put_i64(&m, r->tries);
    if (r->op == FILE_PUT) message_put_fd(&m, r->fd);
    err e = helper_ask(c->helper, &m, r->op == FILE_PUT ? PUT_TIMEOUT_MS : ANSWER_TIMEOUT_MS, &answer);
    message_free(&m);
    TRY(e);
    bool good = take_reply(mem, &answer, out);
    message_free(&answer);
    return good ? NO_ERR : FAIL(E_INTERNAL, W("process.died"));
}

/* ---- scan: the pieces flow through a socket while a second thread waits for the verdict ----------------------------- */

bool courier_can_scan(const struct courier *c)
{
    return c && c->can_scan;
}

struct verdict {
    struct courier *c;
    int stream; /* the courier's end */
    struct message answer;
    err e;
};

static void *await_verdict(void *arg)
{
    struct verdict *v = arg;
    struct message m = message_of(MSG_SCAN);
    message_put_fd(&m, v->stream);
    v->e = helper_ask(v->c->helper, &m, SCAN_TIMEOUT_MS, &v->answer);
    message_free(&m);
    /* Our copy of the courier's end: closed, whoever still writes sees it. */
    close(v->stream);
    return NULL;
}

/* E_GONE: the courier reads no more; its answer says why. */
static err feed(int sock, err (*next)(void *arg, void *out, size_t n_bytes, size_t *got), void *arg)
{
    char piece[SCAN_PIECE_BYTES];
    for (;;) {
        size_t got = 0, at = 0;
        TRY(next(arg, piece, sizeof piece, &got));
        if (got == 0) return NO_ERR;
        while (at < got) {
            ssize_t n = send(sock, piece + at, got - at, MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return FAIL(E_GONE, W("process.died"));
            at += (size_t)n;
        }
    }
}

/* Clean counts only when the whole file was given: a fault of the reader is returned before it. */
err courier_scan(struct courier *c, arena *mem,
                 err (*next)(void *arg, void *out, size_t n_bytes, size_t *got), void *arg, struct scan *out)
{
    int pair[2];
    pthread_t thread;
    if (!courier_can_scan(c)) return FAIL(E_CONFIG, W("scan.unavailable"));
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return FAIL(E_BUSY, W("process.busy"));
    /* Nobody may come to read it: all threads of the courier at work elsewhere. */
    struct timeval silence = {.tv_sec = SCAN_TIMEOUT_MS / 1000};
    setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &silence, sizeof silence);
    struct verdict v = {.c = c, .stream = pair[1]};
    if (pthread_create(&thread, NULL, await_verdict, &v) != 0) {
        close(pair[0]);
        close(pair[1]);
        return FAIL(E_BUSY, W("process.busy"));
    }
    err fed = feed(pair[0], next, arg);
    shutdown(pair[0], SHUT_WR);
    pthread_join(thread, NULL);
    close(pair[0]);
    if (v.e.code != OK) return v.e;
    struct scan found = {(enum scan_verdict)message_take_i64(&v.answer),
                         str_copy(mem, message_take_str(&v.answer))};
    bool bad = v.answer.bad || v.answer.kind != MSG_DONE;
    message_free(&v.answer);
    if (found.verdict != SCAN_INFECTED) TRY(fed);
    if (bad) return FAIL(E_BUSY, W("scan.unavailable"));
    *out = found;
    return NO_ERR;
}
