/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* settings.h — what the machine's administrator sets: one commented file `beffroi.conf` (name = value), each line overridable by
   BEFFROI_NAME in the environment, then by the command line. What a town sets is in its tenant. Rows: settings.c. */
#pragma once
#include "base/str.h"

struct settings {
    str data_dir;               /* everything Beffroi keeps */
    str store;                  /* empty: sqlite:DATA/beffroi.db */
    str listen;                 /* 127.0.0.1:8080 */
    str public_scheme;          /* how people reach us, for links in mails: http | https */
    str trusted_proxies;        /* addresses whose X-Forwarded-For is believed, comma separated */
    str smtp_url;               /* smtp://host:587; empty: mails are written to DATA/mail */
    str smtp_user, smtp_password;
    str mail_from;              /* of a town that says no sender of its own */
    str bounce_address;
    str clamd;                  /* unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; empty: no scan */
    bool private_addresses;     /* webhooks may reach this machine and private networks, and http:// */
    str files;                  /* s3://BUCKET/PREFIX; empty: sealed files lie in data_dir */
    str files_endpoint, files_region, files_key, files_secret;
    str tls_cert, tls_key;      /* our own TLS for the one-box install */
    str log_level;
    int64_t workers;
    int64_t readers;
    int64_t upload_most_bytes;
    int64_t filings_per_minute; /* for one address; raised in load tests on loopback */
    bool with_demo;             /* lets demonstration accounts be served beyond loopback */
    struct strs faults;         /* of what was read, a line each ("beffroi.conf:12 workers: …"); the setting keeps what it had */
};

struct setting_row {
    const char *name, *fallback, *doc;
    size_t offset;
    enum { SETTING_STR, SETTING_INT, SETTING_BOOL } type;
    const char *one_of;         /* "http https"; NULL: anything */
    int64_t most;               /* 0: no maximum */
};
extern const struct setting_row setting_rows[];             /* ends with name NULL */

/* Fallbacks, then the file, then the environment. Faults are in out->faults. */
void settings_read(arena *mem, str file, bool must_be_there, struct settings *out);
void setting_set(arena *mem, struct settings *s, str name, str value, const char *where);
/* The commented file with every setting at its value. */
str settings_template(arena *mem);
str settings_store_url(arena *mem, const struct settings *s);
struct strs settings_commas(arena *mem, str list);          /* "a, b" */
/* What is wrong with them (s->faults too), and what is worth a word, in plain words: a line each. */
void settings_check(arena *mem, const struct settings *s, struct strs *faults, struct strs *remarks);
/* The parts of `files`, prefix without a slash at either end, empty for none. False: it or files_endpoint is at fault. */
bool settings_bucket(const struct settings *s, str *out_name, str *out_prefix);
