/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A mail by SMTP, or as a file. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "base/buf.h"
#include "base/words.h"
#include "process/courier_work.h"
#include "process/mail_compose.h"

#define MAIL_MAX_BYTES  (48u << 20)
#define REPLY_MAX_BYTES 2000

struct exchange {
    str message;
    size_t sent;
    buf reply; /* the last reply of the server, all its lines */
    char code[4];
};

static size_t give(char *out, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    size_t left = x->message.n - x->sent, most = size * n;
    if (left > most) left = most;
    memcpy(out, x->message.p + x->sent, left);
    x->sent += left;
    return left;
}

/* "550-5.1.1 No such\r\n550 user": lines of one reply share their code (RFC 5321 §4.2.1). */
static size_t hear(char *line, size_t size, size_t n, void *arg)
{
    struct exchange *x = arg;
    str s = {line, size * n};
    if (s.n < 4 || str_starts(s, S("221"))) return s.n; /* the answer to our QUIT says nothing of the mail */
    if (memcmp(x->code, s.p, 3) != 0) x->reply.n = 0;
    memcpy(x->code, s.p, 3);
    if (x->reply.n) buf_char(&x->reply, ' ');
    buf_put(&x->reply, str_trim(str_cut(s, x->reply.n ? 4 : 0, s.n)));
    return s.n;
}

static bool host_is_here(str url)
{
    ptrdiff_t at = str_find(url, S("://"));
    str host = at < 0 ? url : str_cut(url, (size_t)at + 3, url.n), rest;
    return str_starts(host, S("127.")) || str_starts(host, S("[::1]")) ||
           str_eq(str_split(str_split(host, '/', &rest), ':', &rest), S("localhost"));
}

static void set_up(CURL *c, struct courier_thread *t, const struct mail *m, struct exchange *x,
                   struct curl_slist *to, char *error)
{
    const struct courier_settings *s = t->settings;
    str helo = s->helo.n ? s->helo : S("localhost");
    bool clear = !s->smtp_user.n && (s->smtp_clear || host_is_here(s->smtp_url));
    curl_easy_reset(c); /* keeps the connection */
    courier_curl_defaults(c, s, error);
    curl_easy_setopt(c, CURLOPT_URL,
                     str_fmt(t->mem, "%.*s%s%.*s", STR_ARG(s->smtp_url),
                             str_ends(s->smtp_url, S("/")) ? "" : "/", STR_ARG(helo))
                         .p);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (s->smtp_user.n) {
        curl_easy_setopt(c, CURLOPT_USERNAME, s->smtp_user.p);
        curl_easy_setopt(c, CURLOPT_PASSWORD, s->smtp_password.p);
    }
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, 15000L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 80000L);
    curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, 20L);
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, str_fmt(t->mem, "<%.*s>", STR_ARG(m->envelope.n ? m->envelope : m->from)).p);
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->message.n);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(c, CURLOPT_READDATA, x);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, hear);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
}

/* A 5xx refuses this mail only when it answers MAIL, RCPT or DATA. At the greeting or the password it is about us: the mail waits. */
static enum delivery_class class_of(CURLcode result, int code, const struct exchange *x)
{
    bool about_us = code == 530 || code == 534 || code == 535 || code == 538 ||
                    result == CURLE_LOGIN_DENIED || result == CURLE_REMOTE_ACCESS_DENIED ||
                    (result == CURLE_WEIRD_SERVER_REPLY && x->sent < x->message.n);
    if (result == CURLE_OK) return DELIVERY_SENT;
    return code >= 500 && !about_us ? DELIVERY_REFUSED : DELIVERY_RETRY;
}

static void send_by_smtp(struct courier_thread *t, const struct mail *m, str message, struct delivery *out)
{
    char error[CURL_ERROR_SIZE];
    struct exchange x = {.message = message, .reply = BUF(REPLY_MAX_BYTES)};
    struct curl_slist *to = curl_slist_append(NULL, str_fmt(t->mem, "<%.*s>", STR_ARG(m->to)).p);
    long code = 0;
    if (!t->smtp) t->smtp = curl_easy_init();
    *out = (struct delivery){DELIVERY_RETRY, 0, 0, S("no memory")};
    if (!t->smtp || !to) return;
    set_up(t->smtp, t, m, &x, to, error);
    CURLcode result = curl_easy_perform(t->smtp);
    curl_easy_getinfo(t->smtp, CURLINFO_RESPONSE_CODE, &code);
    out->class = class_of(result, (int)code, &x);
    out->code = (int)code;
    bool server_said = x.reply.n && (result == CURLE_OK || code >= 400);
    out->text = courier_one_line(t->mem, server_said ? buf_str(&x.reply)
                                                     : str_of(error[0] ? error : curl_easy_strerror(result)));
    if (result != CURLE_OK) {
        curl_easy_cleanup(t->smtp); /* after a fault, start from a fresh connection */
        t->smtp = NULL;
    }
    curl_slist_free_all(to);
    buf_free(&x.reply);
}

static int write_whole(const char *path, str bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t at = 0;
    if (fd < 0) return errno;
    while (at < bytes.n) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        at += (size_t)n;
    }
    int failed = at < bytes.n ? errno : fsync(fd) ? errno : 0;
    close(fd);
    return failed;
}

static void send_to_file(struct courier_thread *t, const struct mail *m, str message, struct delivery *out)
{
    str dir = t->settings->mail_dir, name = mail_file_name(t->mem, m);
    str path = str_fmt(t->mem, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)),
        partial = str_fmt(t->mem, "%.*s.part", STR_ARG(path));
    int failed = write_whole(partial.p, message);
    if (!failed && rename(partial.p, path.p) != 0) failed = errno;
    *out = failed
               ? (struct delivery){DELIVERY_RETRY, 0, 0, str_fmt(t->mem, "%s: %s", path.p, strerror(failed))}
               : (struct delivery){DELIVERY_SENT, 250, 0, path};
}

void courier_do_mail(struct courier_thread *t, const struct mail *m, struct delivery *out)
{
    buf message = BUF(MAIL_MAX_BYTES);
    err e = mail_compose(m, &message);
    if (e.code != OK)
        *out = (struct delivery){DELIVERY_REFUSED, 0, 0, str_fmt(t->mem, "%s %s", e.msg, e.at ? e.at : "")};
    else if (t->settings->smtp_url.n)
        send_by_smtp(t, m, buf_str(&message), out);
    else if (t->settings->mail_dir.n)
        send_to_file(t, m, buf_str(&message), out);
    else
        *out =
            (struct delivery){DELIVERY_RETRY, 0, 0, S("neither a mail server nor a folder for mails is set")};
    buf_free(&message);
}
