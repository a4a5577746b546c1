/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* courier_work.h — inside the courier's process only. */
#pragma once
#include <curl/curl.h>
#include "process/courier.h"

struct courier_thread {
    const struct courier_settings *settings;
    CURL *smtp, *files;                 /* kept: several mails, several files in one connection */
    arena *mem;                         /* reset after each request */
};

void courier_do_mail(struct courier_thread *t, const struct mail *m, struct delivery *out);
void courier_do_webhook(struct courier_thread *t, const struct webhook *h, struct delivery *out);
void courier_do_file(struct courier_thread *t, const struct file_request *r, struct file_reply *out);
err courier_do_scan(struct courier_thread *t, int stream, struct scan *out);

/* One line of printable UTF-8, at most 400 bytes, of what a server said. */
str courier_one_line(arena *mem, str s);
/* What both libcurl users set: no signal, no proxy from the environment, our certificates. */
void courier_curl_defaults(CURL *c, const struct courier_settings *s, char *error);
