/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/command.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "version.h"

str run_option(const struct run *r, const char *name)
{
    for (size_t i = 0; i < r->options.n; i++)
        if (strcmp(r->options.v[i].row->name, name) == 0) return r->options.v[i].value;
    return STR_NONE;
}

bool run_has(const struct run *r, const char *name) { return run_option(r, name).p != NULL; }

str run_word(const struct run *r, size_t i) { return i < r->words.n ? r->words.v[i] : STR_NONE; }

__attribute__((format(printf, 4, 0))) static void out(arena *mem, void (*to)(void *, str), void *arg, const char *fmt, va_list ap) { to(arg, str_vfmt(mem, fmt, ap)); }

void run_print(struct run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    out(r->mem, r->print, r->print_arg, fmt, ap);
    va_end(ap);
}

void run_tell(struct run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    out(r->mem, r->tell, r->tell_arg, fmt, ap);
    va_end(ap);
}

int run_fail(struct run *r, err e)
{
    str why = words(LANG_FR, e.msg);
    if (e.at && *e.at) run_tell(r, "beffroi: %s: %.*s\n", e.at, STR_ARG(why));
    else run_tell(r, "beffroi: %.*s\n", STR_ARG(why));
    return FAULT_FOUND;
}

/* ---- which town, which body ---- */
struct find { arena *mem; str slug; const struct tenant *t; struct strs all; };
static void find_tenant(void *arg, const struct tenant *t)
{
    struct find *f = arg;
    PUSH(f->mem, &f->all, t->slug);
    if (f->slug.p ? str_eq(f->slug, t->slug) : !f->t) f->t = t;
}

int run_tenant_named(struct run *r, str slug, const struct tenant **out_tenant)
{
    struct find f = {r->mem, slug, NULL, {0}};
    tenants_each(r->app->tenants, find_tenant, &f);
    if (!f.all.n) return run_fail(r, FAIL(E_NOT_FOUND, W("command.no_tenant_yet")));
    str list = str_join(r->mem, f.all, S(", "));
    if (!f.t) return run_wrong(r, words_fill(r->mem, LANG_FR, W("command.no_tenant"), "name", f.slug, "list", list, NULL));
    if (!f.slug.p && f.all.n > 1) return run_wrong(r, words_fill(r->mem, LANG_FR, W("command.which_tenant"), "list", list, NULL));
    *out_tenant = f.t;
    return DONE;
}

int run_tenant(struct run *r, const struct tenant **out_tenant) { return run_tenant_named(r, run_option(r, "tenant"), out_tenant); }

int run_body(struct run *r, const struct tenant *t, int64_t *out_body)
{
    str code = run_option(r, "body");
    struct strs all = {0};
    *out_body = t->bodies.n ? t->bodies.v[0].id : 0;
    if (!code.p) return DONE;
    for (size_t i = 0; i < t->bodies.n; i++) {
        const struct body *b = &t->bodies.v[i];
        *out_body = b->id;
        if (code.n && (str_eq(b->insee, code) || str_eq(b->siren, code))) return DONE;
        PUSH(r->mem, &all, str_fmt(r->mem, "%.*s (%.*s)", STR_ARG(b->insee.n ? b->insee : b->siren), STR_ARG(b->name)));
    }
    return run_wrong(r, words_fill(r->mem, LANG_FR, W("command.no_body"), "code", code, "list", str_join(r->mem, all, S(", ")), NULL));
}

/* ---- the table, as help ---- */
static void usage_line(arena *mem, const struct command *c, buf *b)
{
    buf_fmt(b, "beffroi %s%s%s", c->name, *c->usage ? " " : "", c->usage);
    for (str one, rest = str_of(c->options); rest.p;) {
        one = str_split(rest, ' ', &rest);
        for (const struct option_row *o = option_rows; o->name; o++)
            if (str_is(one, o->name)) buf_fmt(b, o->value ? " [--%s %s]" : " [--%s]", o->name, o->value);
    }
    buf_char(b, '\n');
}

static bool takes(const struct command *c, const struct option_row *o)
{
    static const char *const all[] = {"data", "store", "help", "version", NULL};
    for (int i = 0; all[i]; i++)
        if (strcmp(o->name, all[i]) == 0) return true;
    for (str one, rest = str_of(c->options); rest.p;) {
        one = str_split(rest, ' ', &rest);
        if (str_is(one, o->name)) return true;
    }
    return false;
}

/* How far the words name this command: 2 whole, 1 its first word only ("tenant" of "tenant add"), 0 not at all. */
static int names(const struct command *c, const struct run *r)
{
    str second, first = str_split(str_of(c->name), ' ', &second);
    if (!str_eq(first, run_word(r, 0))) return 0;
    return !second.p || str_eq(second, run_word(r, 1)) ? 2 : 1;
}

/* Of the command the words name, of its family when only the first does, else of all. */
static str help_text(struct run *r, bool short_form)
{
    int least = 0;
    buf b = BUF(1 << 16);
    for (const struct command *c = commands; c->name; c++)
        if (names(c, r) > least) least = names(c, r);
    for (const struct command *c = commands; c->name; c++) {
        if (names(c, r) < least) continue;
        usage_line(r->mem, c, &b);
        if (short_form) continue;
        buf_fmt(&b, "    %s\n", c->doc);
        for (const struct option_row *o = option_rows; least && o->name; o++)
            if (takes(c, o)) buf_fmt(&b, "      --%s%s%s  %s\n", o->name, o->value ? " " : "", o->value ? o->value : "", o->doc);
    }
    str s = str_copy(r->mem, buf_str(&b));
    buf_free(&b);
    return s;
}

int help_run(struct run *r)
{
    bool known = !r->words.n;
    for (const struct command *c = commands; c->name; c++) known |= names(c, r) > 0;
    if (!known) return run_wrong(r, words_fill(r->mem, LANG_FR, W("command.unknown"), "name", run_word(r, 0), NULL));
    str text = help_text(r, false);
    run_print(r, "%.*s", STR_ARG(text));
    return DONE;
}

int version_run(struct run *r)
{
    run_print(r, "beffroi %s\n", BEFFROI_VERSION);
    return DONE;
}

int run_wrong(struct run *r, str why)
{
    struct run named = *r;
    named.words = (struct strs){0};
    str second = STR_NONE, first = r->command ? str_split(str_of(r->command->name), ' ', &second) : run_word(r, 0);
    PUSH(r->mem, &named.words, first);
    if (second.p) PUSH(r->mem, &named.words, second);
    str how = help_text(&named, true);
    if (why.n) run_tell(r, "beffroi: %.*s\n", STR_ARG(why));
    run_tell(r, "%.*s", STR_ARG(how));
    return WRONG_USE;
}

/* ---- words ---- */
static const struct option_row *option_find(str name)
{
    for (const struct option_row *o = option_rows; o->name; o++)
        if (str_is(name, o->name)) return o;
    return NULL;
}

static int option_wrong(struct run *r, const char *key, str name)
{
    return run_wrong(r, words_fill(r->mem, LANG_FR, key, "name", name, NULL));
}

/* --name VALUE, --name=VALUE, or --flag; after a lone -- all are words. */
static int words_parse(struct run *r, struct strs given)
{
    bool plain = false;
    for (size_t i = 0; i < given.n; i++) {
        str word = given.v[i], value = STR_NONE;
        if (plain || word.n < 2 || word.p[0] != '-') {
            PUSH(r->mem, &r->words, word);
            continue;
        }
        if ((plain = str_is(word, "--"))) continue;
        if (str_is(word, "-h")) word = S("--help");
        if (str_is(word, "-o")) word = S("--output");
        str name = str_split(str_cut(word, 2, word.n), '=', &value);
        const struct option_row *o = str_starts(word, S("--")) ? option_find(name) : NULL;
        if (!o) return option_wrong(r, W("command.unknown_option"), str_split(word, '=', &(str){0}));
        if (!o->value && value.p) return option_wrong(r, W("command.option_takes_none"), str_fmt(r->mem, "--%s", o->name));
        if (o->value && !value.p) {
            if (i + 1 >= given.n || str_starts(given.v[i + 1], S("--"))) return option_wrong(r, W("command.option_needs_value"), str_fmt(r->mem, "--%s", o->name));
            value = given.v[++i];
        }
        PUSH(r->mem, &r->options, (struct run_option){o, value.p ? value : S("")});
    }
    return DONE;
}

/* The command named, its words and options as the table says. */
static int command_find(struct run *r)
{
    const struct command *found = NULL;
    bool family = false;
    for (const struct command *c = commands; c->name; c++) {
        if (names(c, r) == 2) found = c;
        family |= names(c, r) == 1;
    }
    if (!found && family) return run_wrong(r, r->words.n > 1 ? words_fill(r->mem, LANG_FR, W("command.unknown"), "name", str_join(r->mem, (struct strs){r->words.v, 2}, S(" ")), NULL) : STR_NONE);
    if (!found) return run_wrong(r, words_fill(r->mem, LANG_FR, W("command.unknown"), "name", run_word(r, 0), NULL));
    r->command = found;
    size_t n = strchr(found->name, ' ') ? 2 : 1;
    r->words = (struct strs){r->words.v + n, r->words.n - n};
    for (size_t i = 0; i < r->options.n; i++)
        if (!takes(found, r->options.v[i].row)) return option_wrong(r, W("command.option_of_another"), str_fmt(r->mem, "--%s", r->options.v[i].row->name));
    if (r->words.n < (size_t)found->words_least) return run_wrong(r, words(LANG_FR, W("command.word_missing")));
    if (r->words.n > (size_t)found->words_most) return option_wrong(r, W("command.word_too_many"), r->words.v[found->words_most]);
    return DONE;
}

/* Files that root left in the directory of another account would stop its server. */
static void owner_become(struct run *r)
{
    struct stat st;
    if (geteuid() != 0 || stat(str_z(r->mem, r->settings.data_dir), &st) != 0 || st.st_uid == 0) return;
    struct passwd *who = getpwuid(st.st_uid);
    if (who ? initgroups(who->pw_name, who->pw_gid) != 0 || setgid(who->pw_gid) != 0 : setgroups(0, NULL) != 0 || setgid(st.st_gid) != 0) abort();
    if (setuid(st.st_uid) != 0) abort();
}

static int settings_apply(struct run *r)
{
    static const char *const pairs[][2] = {{"data", "data_dir"}, {"store", "store"}, {"listen", "listen"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        str v = run_option(r, pairs[i][0]);
        if (v.p) setting_set(r->mem, &r->settings, str_of(pairs[i][1]), v, pairs[i][0]);
    }
    if (run_has(r, "demo")) r->settings.with_demo = true;
    if (!r->app) owner_become(r);
    if (r->command->flags & ANY_SETTINGS) return DONE;
    for (size_t i = 0; i < r->settings.faults.n; i++) run_tell(r, "beffroi: %.*s\n", STR_ARG(r->settings.faults.v[i]));
    return r->settings.faults.n ? WRONG_USE : DONE;
}

/* Files named on the command line stand where whoever runs the command is: their paths are absolute before they travel. */
static str absolute(arena *mem, str path)
{
    char here[4096];
    return path.n && path.p[0] != '/' && getcwd(here, sizeof here) ? str_fmt(mem, "%s/%.*s", here, STR_ARG(path)) : path;
}

/* The command as the server is to read it: what is this machine's side (directory, store) stays here. */
static struct strs to_send(struct run *r)
{
    struct strs s = {0};
    for (size_t i = 0; i < r->options.n; i++) {
        const struct run_option *o = &r->options.v[i];
        if (strcmp(o->row->name, "data") == 0 || strcmp(o->row->name, "store") == 0) continue;
        str value = o->row->type == OPTION_FILE ? absolute(r->mem, o->value) : o->value;
        PUSH(r->mem, &s, o->row->value ? str_fmt(r->mem, "--%s=%.*s", o->row->name, STR_ARG(value)) : str_fmt(r->mem, "--%s", o->row->name));
    }
    PUSH(r->mem, &s, S("--"));
    for (str one, rest = str_of(r->command->name); rest.p;) {
        one = str_split(rest, ' ', &rest);
        PUSH(r->mem, &s, one);
    }
    size_t files_from = r->command->files_from ? (size_t)r->command->files_from : r->words.n + 1;
    for (size_t i = 0; i < r->words.n; i++) PUSH(r->mem, &s, i + 1 >= files_from ? absolute(r->mem, r->words.v[i]) : r->words.v[i]);
    return s;
}

static int run_with_store(struct run *r)
{
    int status;
    struct app app = {0};
    err e = app_open(&app, &r->settings, (r->command->flags & MAKES_STORE) ? APP_CREATE : 0);
    if (e.code == E_BUSY && !(r->command->flags & ALONE) && control_ask(r, to_send(r), &status)) return status;
    if (e.code != OK) return run_fail(r, e);
    r->app = &app;
    status = r->command->run(r);
    app_close(&app);
    return status;
}

int run_other(struct run *r, const char *name)
{
    struct run other = *r;
    other.words = (struct strs){0};
    other.options.n = 0;
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0) other.command = c;
    return other.app ? other.command->run(&other) : run_with_store(&other);
}

static int dispatch(struct run *r, struct strs given)
{
    int status = words_parse(r, given);
    if (status != DONE) return status;
    if (run_has(r, "help")) return help_run(r);
    if (run_has(r, "version")) return version_run(r);
    if (!r->words.n) return run_wrong(r, STR_NONE);
    if ((status = command_find(r)) != DONE || (status = settings_apply(r)) != DONE) return status;
    if (r->command->check && (status = r->command->check(r)) != DONE) return status;
    if (r->app && (r->command->flags & ALONE)) return run_fail(r, FAIL(E_BUSY, W("command.alone")));
    return r->app || !(r->command->flags & NEEDS_STORE) ? r->command->run(r) : run_with_store(r);
}

int command_dispatch(struct app *app, const struct settings *base, struct strs given, void (*print)(void *, str), void (*tell)(void *, str), void *arg)
{
    struct run r = {.app = app, .settings = *base, .mem = arena_new(0), .print = print, .print_arg = arg, .tell = tell, .tell_arg = arg};
    int status = dispatch(&r, given);
    arena_free(r.mem);
    return status;
}
