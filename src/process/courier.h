/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* courier.h — the only process that opens outgoing connections. Calls block until the answer (at most 90 s; a scan 5 minutes, a
   file put 10): they are for job threads; a handler gives its turn away first, and bounds how many wait (pages/scan.h, core/bucket.h).
   Thread-safe: six requests at work at once. Nothing is kept here: the outbox, its ids and its retries are the core's. The courier is started at the first request, leaves after a minute without one. */
#pragma once
#include "base/str.h"

struct courier;
struct courier_settings {
    str smtp_url;               /* "smtp://host:587", "smtps://host:465"; absent: mails become files in mail_dir */
    str smtp_user, smtp_password;
    bool smtp_clear;            /* do not insist on STARTTLS with smtp:// (a relay on this machine). Never with a password. */
    str helo;                   /* our name, said to the server; absent: "localhost" */
    str mail_dir;               /* one .eml file a mail, named by date and Message-ID */
    str ca_file;                /* certificates to trust instead of the system's; absent: the system's */
    bool private_addresses;     /* webhooks may reach this machine and private networks, and http:// */
    str clamd;                  /* "unix:/run/clamav/clamd.ctl" or "tcp:127.0.0.1:3310"; absent: no scan */
    str files_url;              /* "https://host[:port]/BUCKET": the bucket's address, path-style; absent: none */
    str files_prefix;           /* before each key: "" or "some/where/" */
    str files_region, files_key, files_secret;
};
err courier_open(struct courier **out, const struct courier_settings *s);      /* starts nothing yet */
void courier_close(struct courier *c);

enum delivery_class {
    DELIVERY_SENT,
    DELIVERY_RETRY,             /* server away or busy, 4xx, a password refused: the same again, later */
    DELIVERY_REFUSED            /* 5xx, a bad address, a refused network: the same again would fail again */
};
struct delivery {
    enum delivery_class class;
    int code;                   /* of SMTP or HTTP; 0: nobody answered */
    int retry_after_s;          /* what the server asked for (HTTP Retry-After), 0: nothing */
    str text;                   /* the server's words, or what failed; one line of UTF-8, for agents and logs, in English */
};

/* A mail to one person. No member may hold a line end but text and html. Addresses are ASCII: the domain as A-labels (xn--…),
   no quoted local part. What cannot be a mail is DELIVERY_REFUSED. */
struct mail {
    str message_id;             /* stable over retries, without <>; without "@" the domain of from is added */
    int64_t date_us;
    str from_name, from, reply_to;          /* reply_to may be absent */
    str envelope;               /* where it comes back to (MAIL FROM); absent: from */
    str to_name, to;
    str subject, text;
    str html;                   /* absent: text alone */
};
/* Always fills *out. The error is only for what is no fault of the delivery: E_BUSY, E_GONE (outcome unknown: retry). */
err courier_send_mail(struct courier *c, arena *mem, const struct mail *m, struct delivery *out);

/* POST of JSON, signed as Standard Webhooks says (standardwebhooks.com, HMAC-SHA256):
     webhook-id: the delivery id     webhook-timestamp: seconds since 1970
     webhook-signature: v1,base64(HMAC(secret, id "." timestamp "." body))
   https only, no redirect, 10 s; private addresses refused at the moment of connecting, whatever the name says. */
struct webhook { str url, secret, delivery_id, body; int64_t at_us; };
err courier_send_webhook(struct courier *c, arena *mem, const struct webhook *h, struct delivery *out);

/* A file shown to clamd (INSTREAM), in pieces given by next: *got 0 at the end. Flat memory.
   E_BUSY "scan.unavailable": no answer from clamd, try later. E_CONFIG: none is set. E_TOO_LARGE "scan.refused": over clamd's own limit. */
enum scan_verdict { SCAN_CLEAN, SCAN_INFECTED };
struct scan { enum scan_verdict verdict; str name; };
bool courier_can_scan(const struct courier *c);
err courier_scan(struct courier *c, arena *mem, err (*next)(void *arg, void *out, size_t n_bytes, size_t *got), void *arg,
                 struct scan *out);

/* One request to the bucket of an S3-compatible server, signed (AWS Signature Version 4, the body's SHA-256 in x-amz-content-sha256, which
   the server checks). Keys stand under files_prefix, and are of [A-Za-z0-9._/-] alone. When nobody answers or the server says 5xx or 429,
   tries again after 0.2 and 1 s, `tries` times in all. */
enum file_op {
    FILE_PUT,                   /* fd: a regular file, all of it; read from the courier's process, so that memory stays flat */
    FILE_GET,                   /* at most 2 MiB */
    FILE_REMOVE,                /* 204 also when there was none */
    FILE_LIST                   /* in the order of keys, at most n_bytes (1,000) of them; key: the `next` of the answer before */
};
struct file_request { enum file_op op; str key; int fd; int64_t from, n_bytes; int tries; };
struct file_row { str key; int64_t size_bytes, modified_us; };
struct file_reply {
    int code;                   /* of HTTP; 0: nobody answered */
    str text;                   /* when code is no 2xx: what the server said, or what failed; one line, for agents and logs */
    int64_t total_bytes;        /* FILE_GET: of the whole file */
    str bytes, next;            /* FILE_GET; FILE_LIST: absent at the end */
    struct file_row *v; size_t n;
};
/* As for deliveries, the error is only for what is no fault of the server. */
err courier_file(struct courier *c, arena *mem, const struct file_request *r, struct file_reply *out);
