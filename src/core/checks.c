/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/checks.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/bucket.h"
#include "core/returns.h"
#include "core/tenant_archive.h"
#include "formats/json.h"

#define GB ((int64_t)1 << 30)
#define WAITS_LONG_US HOUR_US
#define BACKUP_OLD_US (2 * DAY_US)
#define NAMED_MOST 5

struct checking { const struct check_world *w; const struct check_row *row; struct findings *out; };
struct check_row { const char *name, *title, *at, *page; unsigned where; err (*run)(struct checking *c); };

static void found(struct checking *c, enum check_state state, str said, const char *todo)
{
    const struct check_row *r = c->row;
    struct finding f = {.state = state, .name = r->name, .title = words(c->w->lang, r->title), .said = said, .todo = todo ? words(c->w->lang, todo) : STR_NONE};
    if (r->at) f.page.at = r->at, f.page.label = words(c->w->lang, r->page);
    PUSH(c->w->mem, c->out, f);
}

static void found_key(struct checking *c, enum check_state state, const char *said, const char *name, str value, const char *todo)
{
    found(c, state, words_fill(c->w->mem, c->w->lang, said, name, value, NULL), todo);
}

static void fine(struct checking *c, const char *said) { found(c, CHECK_FINE, words(c->w->lang, said), NULL); }

/* ---- the machine ---- */
static err check_settings(struct checking *c)
{
    struct strs faults = {0}, remarks = {0};
    settings_check(c->w->mem, c->w->settings, &faults, &remarks);
    for (size_t i = 0; i < faults.n; i++) found(c, CHECK_FAULT, faults.v[i], NULL);
    for (size_t i = 0; i < remarks.n; i++) found(c, CHECK_REMARK, remarks.v[i], NULL);
    if (!faults.n && !remarks.n) fine(c, W("check.settings.fine"));
    return NO_ERR;
}

static err check_disk(struct checking *c)
{
    struct statvfs v;
    if (statvfs(str_z(c->w->mem, c->w->settings->data_dir), &v) != 0) return NO_ERR;        /* settings say that it is not there */
    int64_t room = (int64_t)v.f_bavail * (int64_t)v.f_frsize, whole = (int64_t)v.f_blocks * (int64_t)v.f_frsize;
    enum check_state state = room < GB / 2 ? CHECK_FAULT : room < 2 * GB || room < whole / 20 ? CHECK_REMARK : CHECK_FINE;
    found_key(c, state, W("check.disk.room"), "size", words_size(c->w->mem, c->w->lang, room), state == CHECK_FINE ? NULL : W("check.disk.todo"));
    return NO_ERR;
}

static str backup_mark(arena *mem, const struct settings *s) { return str_fmt(mem, "%.*s/last-backup", STR_ARG(s->data_dir)); }

void checks_backup_made(arena *mem, const struct settings *s)
{
    int fd = open(backup_mark(mem, s).p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
}

static err check_backup(struct checking *c)
{
    struct stat st;
    if (stat(backup_mark(c->w->mem, c->w->settings).p, &st) != 0) {
        found(c, CHECK_REMARK, words(c->w->lang, W("check.backup.none")), W("check.backup.todo"));
        return NO_ERR;
    }
    int64_t at_us = (int64_t)st.st_mtim.tv_sec * SECOND_US;
    bool old = c->w->now_us - at_us > BACKUP_OLD_US;
    found_key(c, old ? CHECK_REMARK : CHECK_FINE, W("check.backup.last"), "when", words_date_us(c->w->mem, c->w->lang, at_us, S("Europe/Paris")), old ? W("check.backup.todo") : NULL);
    return NO_ERR;
}

static err check_keys(struct checking *c)
{
    struct stat st;
    if (stat(str_fmt(c->w->mem, "%.*s/keys", STR_ARG(c->w->settings->data_dir)).p, &st) != 0) return NO_ERR;      /* not made yet */
    if (st.st_mode & (S_IRWXG | S_IRWXO)) found(c, CHECK_FAULT, words(c->w->lang, W("check.keys.open")), W("check.keys.todo"));
    else fine(c, W("check.keys.fine"));
    return NO_ERR;
}

static bool is_here(str listen) { return str_starts(listen, S("127.")) || str_starts(listen, S("localhost")) || str_starts(listen, S("[::1]")); }

/* Passwords and dossiers in clear; or every visitor taken for the proxy, and slowed down together. */
static err check_tls(struct checking *c)
{
    const struct settings *s = c->w->settings;
    bool https = str_is(s->public_scheme, "https");
    if (!https && !is_here(s->listen)) found(c, CHECK_FAULT, words(c->w->lang, W("check.tls.clear")), W("check.tls.clear_todo"));
    else if (!https) found(c, CHECK_REMARK, words(c->w->lang, W("check.tls.local")), W("check.tls.clear_todo"));
    else if (!s->tls_cert.n && !s->trusted_proxies.n) found(c, CHECK_FAULT, words(c->w->lang, W("check.tls.no_proxy")), W("check.tls.no_proxy_todo"));
    else fine(c, W("check.tls.fine"));
    return NO_ERR;
}

static err check_scanner(struct checking *c)
{
    if (c->w->settings->clamd.n) fine(c, W("check.scanner.fine"));
    else found(c, CHECK_REMARK, words(c->w->lang, W("check.scanner.none")), W("check.scanner.todo"));
    return NO_ERR;
}

static err check_store(struct checking *c)
{
    struct strs faults = {0}, away = {0};
    TRY(store_check(c->w->store, c->w->mem, &faults));
    TRY(tenants_away(c->w->store, c->w->mem, &away));
    for (size_t i = 0; i < faults.n; i++) found(c, CHECK_FAULT, faults.v[i], NULL);
    for (size_t i = 0; i < away.n; i++) found_key(c, CHECK_FAULT, W("doctor.tenant_away"), "name", away.v[i], NULL);
    if (!faults.n && !away.n) fine(c, W("check.store.fine"));
    return NO_ERR;
}

static err check_bucket(struct checking *c)
{
    str why;
    if (!c->w->bucket) return NO_ERR;
    if (bucket_answers(c->w->bucket, c->w->mem, &why)) fine(c, W("check.bucket.fine"));
    else found_key(c, CHECK_FAULT, W("doctor.files_away"), "value", why, NULL);
    return NO_ERR;
}

/* ---- the town ---- */
static str town_setting(const struct checking *c, const char *path) { return json_text(json_path(c->w->tenant->settings, path)); }

static str body_setting(const struct checking *c, const char *path)
{
    const struct tenant *t = c->w->tenant;
    return t->bodies.n ? json_text(json_path(t->bodies.v[0].settings, path)) : STR_NONE;
}

static err check_start(struct checking *c)
{
    bool open = json_bool(json_object_get(c->w->tenant->settings, "first_start"), "open", false);
    if (open) found(c, CHECK_REMARK, words(c->w->lang, W("check.start.open")), NULL);
    else fine(c, W("check.start.fine"));
    return NO_ERR;
}

static err check_mail(struct checking *c)
{
    struct mails_counted n;
    TRY(mails_counted(c->w->d, c->w->mem, c->w->now_us, &n));
    if (n.failed) found_key(c, CHECK_REMARK, W("check.mail.failed"), "n", words_number(c->w->mem, c->w->lang, n.failed), W("check.mail.todo"));
    if (n.waiting && c->w->now_us - n.oldest_us > WAITS_LONG_US) found_key(c, CHECK_FAULT, W("check.mail.waiting"), "n", words_number(c->w->mem, c->w->lang, n.waiting), W("check.mail.waiting_todo"));
    if (n.returned) found_key(c, CHECK_REMARK, W("check.mail.returned"), "n", words_number(c->w->mem, c->w->lang, n.returned), W("check.mail.returned_todo"));
    if (!c->out->n || c->out->v[c->out->n - 1].name != c->row->name) fine(c, W("check.mail.fine"));
    return NO_ERR;
}

/* What we cannot look up is said: who receives asks the domain of the sender (SPF: RFC 7208, DMARC: RFC 7489). */
static err check_sender(struct checking *c)
{
    str from = town_setting(c, "mail.from"), domain;
    if (!from.n) from = c->w->settings->mail_from;
    str_split(from, '@', &domain);
    if (str_find_char(domain, '.') < 0) found_key(c, CHECK_REMARK, W("check.sender.bad"), "mail", from, W("check.sender.bad_todo"));
    else found(c, CHECK_FINE, words_fill(c->w->mem, c->w->lang, W("check.sender.note"), "mail", from, "domain", domain, NULL), NULL);
    return NO_ERR;
}

/* CRPA R112-5: what a receipt names. */
static err check_contacts(struct checking *c)
{
    static const char *const paths[] = {"service.name", "service.postal_address", "service.mail", "service.phone"};
    bool lacks = false;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) lacks |= !body_setting(c, paths[i]).n;
    if (lacks) found(c, CHECK_REMARK, words(c->w->lang, W("check.contacts.lack")), W("check.contacts.todo"));
    else fine(c, W("check.contacts.fine"));
    return NO_ERR;
}

/* GDPR, article 37 §1 a and §7: a public authority has an officer, and publishes how to reach them. */
static err check_dpo(struct checking *c)
{
    if (body_setting(c, "personal_data.contact").n) fine(c, W("check.dpo.fine"));
    else found(c, CHECK_REMARK, words(c->w->lang, W("check.dpo.none")), W("check.dpo.todo"));
    return NO_ERR;
}

/* Law 2004-575 (LCEN), article 1-1: director of publication, host. */
static err check_legal(struct checking *c)
{
    bool own = town_setting(c, "legal_notice").n > 0;
    if (own || (town_setting(c, "legal.director").n && town_setting(c, "legal.host").n)) fine(c, W("check.legal.fine"));
    else found(c, CHECK_REMARK, words(c->w->lang, W("check.legal.lack")), W("check.legal.todo"));
    return NO_ERR;
}

/* Published ones are in memory; a body that loses its telephone makes them lack it. */
static err check_procedures(struct checking *c)
{
    struct kind_rows rows;
    struct strs lacking = {0};
    size_t published = 0;
    TRY(kind_rows_list(c->w->d, c->w->mem, S("procedures"), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct kind *k;
        struct lacks lacks;
        if (rows.v[i].status != KIND_PUBLISHED) continue;
        published++;
        TRY(kinds_get(c->w->kinds, c->w->d, rows.v[i].name, rows.v[i].revision, &k));
        TRY(kind_lacks(c->w->d, c->w->tenant, c->w->mem, k, &rows.v[i], &lacks));
        if (lacks.n && lacking.n < NAMED_MOST)
            PUSH(c->w->mem, &lacking, words_fill(c->w->mem, c->w->lang, W("check.procedures.one"), "title", rows.v[i].title, "lack", lack_words(c->w->mem, c->w->lang, &lacks.v[0]), NULL));
    }
    if (lacking.n) found_key(c, CHECK_REMARK, W("check.procedures.lack"), "list", str_join(c->w->mem, lacking, S(" ")), W("check.procedures.todo"));
    else if (!published) found(c, CHECK_REMARK, words(c->w->lang, W("check.procedures.none")), W("check.procedures.none_todo"));
    else found_key(c, CHECK_FINE, W("check.procedures.fine"), "n", words_number(c->w->mem, c->w->lang, (int64_t)published), NULL);
    return NO_ERR;
}

static const struct check_row rows[] = {
    {"start", W("first.title"), "/admin/premiers-pas", W("first.banner_go"), CHECK_TOWN, check_start},
    {"procedures", W("check.procedures.title"), "/admin/demarches", W("admin.kinds"), CHECK_TOWN, check_procedures},
    {"contacts", W("check.contacts.title"), "/admin/collectivites", W("admin.bodies"), CHECK_TOWN, check_contacts},
    {"dpo", W("check.dpo.title"), "/admin/collectivites", W("admin.bodies"), CHECK_TOWN, check_dpo},
    {"legal", W("check.legal.title"), "/admin/reglages", W("admin.settings"), CHECK_TOWN, check_legal},
    {"mail", W("check.mail.title"), "/admin/courriels", W("mails.title"), CHECK_TOWN, check_mail},
    {"sender", W("check.sender.title"), "/admin/premiers-pas", W("first.title"), CHECK_TOWN, check_sender},
    {"settings", W("check.settings.title"), NULL, NULL, CHECK_HERE, check_settings},
    {"tls", W("check.tls.title"), NULL, NULL, CHECK_HERE, check_tls},
    {"disk", W("check.disk.title"), NULL, NULL, CHECK_HERE, check_disk},
    {"backup", W("check.backup.title"), NULL, NULL, CHECK_HERE, check_backup},
    {"keys", W("check.keys.title"), NULL, NULL, CHECK_HERE, check_keys},
    {"scanner", W("check.scanner.title"), NULL, NULL, CHECK_HERE, check_scanner},
    {"store", W("check.store.title"), NULL, NULL, CHECK_STORE | CHECK_SLOW, check_store},
    {"bucket", W("check.bucket.title"), NULL, NULL, CHECK_STORE | CHECK_SLOW, check_bucket},
    {0}};

void checks_run(const struct check_world *w, unsigned where, struct findings *out)
{
    for (const struct check_row *r = rows; r->name; r++) {
        struct checking c = {w, r, out};
        if ((r->where & where & ~(unsigned)CHECK_SLOW) == 0 || ((r->where & CHECK_SLOW) && !(where & CHECK_SLOW))) continue;
        err e = r->run(&c);
        if (e.code != OK) found(&c, CHECK_FAULT, words(w->lang, e.msg), NULL);
    }
}
