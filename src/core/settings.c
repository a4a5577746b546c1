/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/words.h"

#define ROW(name_, type_, fallback_, doc_) {#name_, fallback_, doc_, offsetof(struct settings, name_), type_}
const struct setting_row setting_rows[] = {
    ROW(data_dir, SETTING_STR, "data", "Where everything is kept: database, files, keys, mails."),
    ROW(store, SETTING_STR, "", "postgresql://… ; empty: a SQLite file in data_dir."),
    ROW(listen, SETTING_STR, "127.0.0.1:8080", "Address and port to listen on. Put a proxy in front, or set tls_cert."),
    ROW(public_scheme, SETTING_STR, "http", "http or https: how people reach the site, for the links in mails."),
    ROW(trusted_proxies, SETTING_STR, "", "Addresses of the proxies in front, comma separated; only their X-Forwarded-For is believed."),
    ROW(smtp_url, SETTING_STR, "", "smtp://host:587 or smtps://host:465; empty: mails are written to data_dir/mail."),
    ROW(smtp_user, SETTING_STR, "", "User at the mail server."),
    ROW(smtp_password, SETTING_STR, "", "Password at the mail server; better given by BEFFROI_SMTP_PASSWORD."),
    ROW(mail_from, SETTING_STR, "ne-pas-repondre@localhost", "Sender of the mails."),
    ROW(clamd, SETTING_STR, "", "unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; empty: files are not scanned."),
    ROW(files, SETTING_STR, "", "s3://BUCKET/PREFIX: where sealed files lie (several nodes need it); empty: in data_dir."),
    ROW(files_endpoint, SETTING_STR, "", "https://host of the S3-compatible server. The same DIR/keys must be on every node."),
    ROW(files_region, SETTING_STR, "us-east-1", "Its region, as the host says (the signature names it)."),
    ROW(files_key, SETTING_STR, "", "Access key: to read, write, remove and list in that bucket."),
    ROW(files_secret, SETTING_STR, "", "Its secret; better given by BEFFROI_FILES_SECRET."),
    ROW(tls_cert, SETTING_STR, "", "Certificate chain (PEM), for a machine without a proxy."),
    ROW(tls_key, SETTING_STR, "", "Its private key (PEM)."),
    ROW(log_level, SETTING_STR, "info", "debug, info, warn or error."),
    ROW(workers, SETTING_INT, "16", "Threads that run the handlers."),
    ROW(readers, SETTING_INT, "8", "SQLite: connections for reading. PostgreSQL: see workers."),
    ROW(upload_most_bytes, SETTING_INT, "209715200", "Largest file, in bytes."),
    ROW(filings_per_minute, SETTING_INT, "20", "Forms one address may begin or file in a minute, before it is slowed down."),
    ROW(with_demo, SETTING_BOOL, "no", "Lets a server with demonstration accounts listen beyond this machine."),
    {0}};

static err value_put(arena *mem, struct settings *s, const struct setting_row *row, str value, const char *where)
{
    char *at = (char *)s + row->offset;
    str copy = str_copy(mem, value);
    int64_t n = 0;
    switch (row->type) {
    case SETTING_STR: memcpy(at, &copy, sizeof copy); return NO_ERR;
    case SETTING_INT:
        if (str_i64(value, &n).code != OK || n < 1) return FAIL_AT(E_CONFIG, "settings.not_a_number", where);
        memcpy(at, &n, sizeof n);
        return NO_ERR;
    case SETTING_BOOL:
        if (!str_is(value, "yes") && !str_is(value, "no")) return FAIL_AT(E_CONFIG, "settings.not_yes_no", where);
        *(bool *)at = str_is(value, "yes");
        return NO_ERR;
    }
    return NO_ERR;
}

err setting_set(arena *mem, struct settings *s, str name, str value, const char *where)
{
    for (const struct setting_row *row = setting_rows; row->name; row++)
        if (str_is(name, row->name)) return value_put(mem, s, row, value, where);
    return FAIL_AT(E_CONFIG, "settings.unknown", where);
}

static err file_read(arena *mem, str file, struct settings *out)
{
    FILE *f = fopen(str_z(mem, file), "re");
    if (!f) return NO_ERR;
    char line[4096];
    err e = NO_ERR;
    for (int n = 1; e.code == OK && fgets(line, sizeof line, f); n++) {
        str value, l = str_trim(str_of(line));
        if (!l.n || l.p[0] == '#') continue;
        str name = str_trim(str_split(l, '=', &value));
        const char *where = str_fmt(mem, "%.*s:%d %.*s", STR_ARG(file), n, STR_ARG(name)).p;
        e = value.p ? setting_set(mem, out, name, str_trim(value), where) : FAIL_AT(E_CONFIG, "settings.no_equal", where);
    }
    fclose(f);
    return e;
}

err settings_read(arena *mem, str file, struct settings *out)
{
    *out = (struct settings){0};
    for (const struct setting_row *row = setting_rows; row->name; row++) TRY(value_put(mem, out, row, str_of(row->fallback), row->name));
    if (file.n) TRY(file_read(mem, file, out));
    for (const struct setting_row *row = setting_rows; row->name; row++) {
        char name[64] = "BEFFROI_";
        size_t n = strlen(name);
        for (const char *c = row->name; *c && n < sizeof name - 1; c++) name[n++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        const char *value = getenv(name);
        if (value) TRY(value_put(mem, out, row, str_of(value), str_copy(mem, str_of(name)).p));
    }
    return NO_ERR;
}

str settings_template(arena *mem)
{
    buf b = BUF(1 << 16);
    buf_lit(&b, "# beffroi.conf: name = value. Each line may be overridden by BEFFROI_NAME in the environment.\n");
    for (const struct setting_row *row = setting_rows; row->name; row++) buf_fmt(&b, "\n# %s\n# %s = %s\n", row->doc, row->name, row->fallback);
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

str settings_store_url(arena *mem, const struct settings *s)
{
    return s->store.n ? s->store : str_fmt(mem, "sqlite:%.*s/beffroi.db", STR_ARG(s->data_dir));
}

static bool is_plain(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-')) return false;
    }
    return str_find(s, S("//")) < 0 && str_find(s, S("..")) < 0;
}

bool settings_bucket(const struct settings *s, str *out_name, str *out_prefix)
{
    str host = s->files_endpoint;
    ptrdiff_t at = str_find(host, S("://"));
    *out_name = str_split(str_cut(s->files, 5, s->files.n), '/', out_prefix);
    while (str_ends(*out_prefix, S("/"))) out_prefix->n--;
    return str_starts(s->files, S("s3://")) && out_name->n > 0 && is_plain(*out_name) && is_plain(*out_prefix) && out_prefix->n < 200 &&
           (str_starts(host, S("https://")) || str_starts(host, S("http://"))) && host.n > (size_t)at + 3 && str_find_char(host, '?') < 0;
}

static void fault(arena *mem, struct strs *faults, const char *key, str value)
{
    PUSH(mem, faults, words_fill(mem, LANG_FR, key, "value", value, NULL));
}

void settings_check(arena *mem, const struct settings *s, struct strs *faults)
{
    struct stat st;
    if (stat(str_z(mem, s->data_dir), &st) != 0) fault(mem, faults, W("doctor.dir_missing"), s->data_dir);
    else if (access(str_z(mem, s->data_dir), W_OK) != 0) fault(mem, faults, W("doctor.dir_read_only"), s->data_dir);
    if (!str_is(s->public_scheme, "http") && !str_is(s->public_scheme, "https")) fault(mem, faults, W("doctor.scheme"), s->public_scheme);
    if (s->tls_cert.n != 0 && s->tls_key.n == 0) fault(mem, faults, W("doctor.tls_key"), s->tls_cert);
    if (!s->smtp_url.n) fault(mem, faults, W("doctor.mail_to_files"), str_fmt(mem, "%.*s/mail", STR_ARG(s->data_dir)));
    if (s->store.n && !str_starts(s->store, S("postgresql://")) && !str_starts(s->store, S("sqlite:")) && str_find(s->store, S("=")) < 0)
        fault(mem, faults, W("doctor.store"), s->store);
    str bucket, prefix;
    if (s->files.n && !settings_bucket(s, &bucket, &prefix)) fault(mem, faults, W("doctor.files"), s->files);
    if (str_find_char(s->listen, ':') < 0) fault(mem, faults, W("doctor.listen"), s->listen);
}
