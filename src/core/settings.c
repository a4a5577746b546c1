/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/words.h"

#define ROW(name_, type_, fallback_, doc_, ...) {#name_, fallback_, doc_, offsetof(struct settings, name_), type_, __VA_ARGS__}
const struct setting_row setting_rows[] = {
    ROW(data_dir, SETTING_STR, "data", "Where everything is kept: database, files, keys, mails."),
    ROW(store, SETTING_STR, "", "postgresql://… ; empty: a SQLite file in data_dir."),
    ROW(listen, SETTING_STR, "127.0.0.1:8080", "Address and port to listen on. Put a proxy in front, or set tls_cert."),
    ROW(public_scheme, SETTING_STR, "http", "http or https: how people reach the site, for the links in mails.", .one_of = "http https"),
    ROW(trusted_proxies, SETTING_STR, "", "Addresses of the proxies in front, comma separated; only their X-Forwarded-For is believed."),
    ROW(smtp_url, SETTING_STR, "", "smtp://host:587 or smtps://host:465; empty: mails are written to data_dir/mail."),
    ROW(smtp_user, SETTING_STR, "", "User at the mail server."),
    ROW(smtp_password, SETTING_STR, "", "Password at the mail server; better given by BEFFROI_SMTP_PASSWORD."),
    ROW(mail_from, SETTING_STR, "ne-pas-repondre@localhost", "Sender of the mails."),
    ROW(bounce_address, SETTING_STR, "", "retours@ville.fr: where mails that do not arrive come back (as retours+NUMBER@…); empty: to the sender."),
    ROW(clamd, SETTING_STR, "", "unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; empty: files are not scanned."),
    ROW(private_addresses, SETTING_BOOL, "no", "Webhooks may go to this machine, to private networks and to http:// addresses."),
    ROW(files, SETTING_STR, "", "s3://BUCKET/PREFIX: where sealed files lie (several nodes need it); empty: in data_dir."),
    ROW(files_endpoint, SETTING_STR, "", "https://host of the S3-compatible server. The same DIR/keys must be on every node."),
    ROW(files_region, SETTING_STR, "us-east-1", "Its region, as the host says (the signature names it)."),
    ROW(files_key, SETTING_STR, "", "Access key: to read, write, remove and list in that bucket."),
    ROW(files_secret, SETTING_STR, "", "Its secret; better given by BEFFROI_FILES_SECRET."),
    ROW(tls_cert, SETTING_STR, "", "Certificate chain (PEM), for a machine without a proxy."),
    ROW(tls_key, SETTING_STR, "", "Its private key (PEM)."),
    ROW(log_level, SETTING_STR, "info", "debug, info, warn or error.", .one_of = "debug info warn error"),
    ROW(workers, SETTING_INT, "16", "Threads that run the handlers (512 at most).", .most = 512),
    ROW(readers, SETTING_INT, "8", "SQLite: connections for reading (256 at most). PostgreSQL: see workers.", .most = 256),
    ROW(upload_most_bytes, SETTING_INT, "209715200", "Largest file, in bytes."),
    ROW(filings_per_minute, SETTING_INT, "20", "Forms one address may begin or file in a minute, before it is slowed down."),
    ROW(with_demo, SETTING_BOOL, "no", "Lets a server with demonstration accounts listen beyond this machine."),
    {0}};

static void fault(struct settings *s, arena *mem, const char *where, str text)
{
    PUSH(mem, &s->faults, *where ? str_fmt(mem, "%s: %.*s", where, STR_ARG(text)) : text);
}

static bool is_one_of(str value, const char *choices)
{
    for (str one, rest = str_of(choices); rest.p;) {
        one = str_split(rest, ' ', &rest);
        if (str_eq(one, value)) return true;
    }
    return false;
}

/* What is wrong with a value; absent: nothing. */
static str value_fault(arena *mem, const struct setting_row *row, str value)
{
    int64_t n = 0;
    switch (row->type) {
    case SETTING_STR:
        return !row->one_of || is_one_of(value, row->one_of) ? STR_NONE : words_fill(mem, LANG_FR, W("settings.one_of"), "choices", str_of(row->one_of), "value", value, NULL);
    case SETTING_INT:
        if (str_i64(value, &n).code != OK || n < 1) return words(LANG_FR, W("settings.not_a_number"));
        if (row->most && n > row->most) return words_fill(mem, LANG_FR, W("settings.too_much"), "most", words_number(mem, LANG_FR, row->most), NULL);
        return STR_NONE;
    case SETTING_BOOL: return str_is(value, "yes") || str_is(value, "no") ? STR_NONE : words(LANG_FR, W("settings.not_yes_no"));
    }
    return STR_NONE;
}

static void value_put(arena *mem, struct settings *s, const struct setting_row *row, str value, const char *where)
{
    char *at = (char *)s + row->offset;
    str copy = str_copy(mem, value), wrong = value_fault(mem, row, value);
    int64_t n = 0;
    if (wrong.p) {
        fault(s, mem, where, wrong);
        return;
    }
    if (row->type == SETTING_STR) memcpy(at, &copy, sizeof copy);
    if (row->type == SETTING_INT && str_i64(value, &n).code == OK) memcpy(at, &n, sizeof n);
    if (row->type == SETTING_BOOL) *(bool *)at = str_is(value, "yes");
}

void setting_set(arena *mem, struct settings *s, str name, str value, const char *where)
{
    for (const struct setting_row *row = setting_rows; row->name; row++) {
        if (!str_is(name, row->name)) continue;
        value_put(mem, s, row, value, where);
        return;
    }
    fault(s, mem, where, words(LANG_FR, W("settings.unknown")));
}

static void file_read(arena *mem, str file, bool must_be_there, struct settings *out)
{
    const char *path = str_z(mem, file);
    FILE *f = fopen(path, "re");
    if (!f) {
        if (must_be_there || errno != ENOENT) fault(out, mem, path, words(LANG_FR, W("settings.no_file")));
        return;
    }
    char line[4096];
    for (int n = 1; fgets(line, sizeof line, f); n++) {
        str value, l = str_trim(str_of(line));
        if (!l.n || l.p[0] == '#') continue;
        str name = str_trim(str_split(l, '=', &value));
        const char *where = str_fmt(mem, "%.*s:%d %.*s", STR_ARG(file), n, STR_ARG(name)).p;
        if (value.p) setting_set(mem, out, name, str_trim(value), where);
        else fault(out, mem, where, words(LANG_FR, W("settings.no_equal")));
    }
    if (ferror(f)) fault(out, mem, path, words(LANG_FR, W("settings.no_file")));
    fclose(f);
}

void settings_read(arena *mem, str file, bool must_be_there, struct settings *out)
{
    *out = (struct settings){0};
    for (const struct setting_row *row = setting_rows; row->name; row++) value_put(mem, out, row, str_of(row->fallback), row->name);
    if (file.n) file_read(mem, file, must_be_there, out);
    for (const struct setting_row *row = setting_rows; row->name; row++) {
        char name[64] = "BEFFROI_";
        size_t n = strlen(name);
        for (const char *c = row->name; *c && n < sizeof name - 1; c++) name[n++] = *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
        const char *value = getenv(name);
        if (value) value_put(mem, out, row, str_of(value), str_copy(mem, str_of(name)).p);
    }
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

struct strs settings_commas(arena *mem, str list)
{
    struct strs out = {0};
    for (str rest = list; rest.p;) {
        str one = str_trim(str_split(rest, ',', &rest));
        if (one.n) PUSH(mem, &out, one);
    }
    return out;
}

static void say(arena *mem, struct strs *to, const char *key, str value) { PUSH(mem, to, said_in(words_fill(mem, LANG_FR, key, "value", value, NULL), LANG_FR)); }

static bool listen_good(str listen)
{
    ptrdiff_t colon = -1;
    for (size_t i = 0; i < listen.n; i++)
        if (listen.p[i] == ':') colon = (ptrdiff_t)i;
    int64_t port;
    return colon >= 0 && str_i64(str_cut(listen, (size_t)colon + 1, listen.n), &port).code == OK && port >= 0 && port <= 65535;
}

static bool begins(str value, const char *const *with)
{
    for (; *with; with++)
        if (str_starts(value, str_of(*with))) return true;
    return !value.n;
}

static void readable(arena *mem, str file, struct strs *faults)
{
    if (file.n && access(str_z(mem, file), R_OK) != 0) say(mem, faults, W("doctor.file"), file);
}

void settings_check(arena *mem, const struct settings *s, struct strs *faults, struct strs *remarks)
{
    static const char *const stores[] = {"postgresql://", "postgres://", "sqlite:", NULL}, *const mails[] = {"smtp://", "smtps://", NULL},
                      *const scanners[] = {"unix:", "tcp:", NULL};
    struct stat st;
    for (size_t i = 0; i < s->faults.n; i++) PUSH(mem, faults, s->faults.v[i]);
    if (stat(str_z(mem, s->data_dir), &st) != 0) say(mem, faults, W("doctor.dir_missing"), s->data_dir);
    else if (access(str_z(mem, s->data_dir), W_OK) != 0) say(mem, faults, W("doctor.dir_read_only"), s->data_dir);
    if (s->tls_cert.n != 0 && s->tls_key.n == 0) say(mem, faults, W("doctor.tls_key"), s->tls_cert);
    if (s->tls_key.n != 0 && s->tls_cert.n == 0) say(mem, faults, W("doctor.tls_cert"), s->tls_key);
    readable(mem, s->tls_cert, faults);
    readable(mem, s->tls_key, faults);
    if (!begins(s->smtp_url, mails)) say(mem, faults, W("doctor.smtp_url"), s->smtp_url);
    if (str_find_char(s->mail_from, '@') < 0) say(mem, faults, W("doctor.mail_from"), s->mail_from);
    if (!begins(s->clamd, scanners)) say(mem, faults, W("doctor.clamd"), s->clamd);
    if (!begins(s->store, stores)) say(mem, faults, W("doctor.store"), s->store);
    str bucket, prefix;
    if (s->files.n && !settings_bucket(s, &bucket, &prefix)) say(mem, faults, W("doctor.files"), s->files);
    if (!listen_good(s->listen)) say(mem, faults, W("doctor.listen"), s->listen);
    if (!s->smtp_url.n) say(mem, remarks, W("doctor.mail_to_files"), str_fmt(mem, "%.*s/mail", STR_ARG(s->data_dir)));
}
