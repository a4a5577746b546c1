/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whatever is sent to whatever route that writes, by whoever: an answer, never a 500, never the end of the process. First every
   row of the route table with bodies that no form makes; then every form that the site shows, a member at a time missing or absurd. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/id.h"
#include "core/files.h"
#include "process/converter.h"
#include "process/process.h"
#include "services.h"
#include "site_testing.h"

static struct converter *converter;

enum person { ANYBODY, HOLDER, AGENT, ADMIN, PERSONS };

/* One town for all; what a request uses up is made anew by `fresh`. */
struct world {
    struct site *s; struct town *t;
    int64_t admin, kinds_made, sent, file;
    struct record record, report;
    str session[PERSONS], draft, draft_token, record_token, kind, reset;
};

static const char form_type[] = "application/x-www-form-urlencoded";

static void kind_fresh(struct world *w)
{
    struct kind_row row;
    struct side *a = &w->t->a;
    w->kind = str_fmt(w->t->mem, "essai%lld", (long long)++w->kinds_made);
    json_t *def = town_json(w->t, str_fmt(w->t->mem, "{\"kind\":\"%.*s\",\"base\":\"procedure\",\"title\":\"Essai\",\"fields\":[{\"id\":\"p1\",\"type\":\"heading\",\"level\":1,\"label\":\"Page\"},"
        "{\"id\":\"f1\",\"name\":\"objet\",\"type\":\"text\",\"label\":\"Objet\"},{\"id\":\"f2\",\"name\":\"lieu\",\"type\":\"choice\",\"label\":\"Lieu\",\"options\":[{\"id\":\"n\",\"label\":\"Nord\"}]},"
        "{\"id\":\"f3\",\"name\":\"note\",\"type\":\"text\",\"label\":\"Note\",\"private\":true}]}", STR_ARG(w->kind)).p);
    ASSERT_OK(kind_create(a->d, S("procedures"), w->kind, a->town, a->team, def, w->admin, w->t->mem, &row));
}

static void fresh(struct world *w)
{
    struct town *t = w->t;
    struct side *a = &t->a;
    struct draft d;
    struct draft_secret secret;
    const int64_t accounts[PERSONS] = {0, a->citizen, a->agent.account, w->admin};
    for (int i = HOLDER; i < PERSONS; i++) ASSERT_OK(session_start(a->d, t->mem, accounts[i], clock_now_us(), &w->session[i]));
    ASSERT_OK(draft_start(a->d, t->mem, a->report, a->town, 0, S("web"), clock_now_us(), &d, &secret));
    ASSERT_OK(file_part_add(a->d, t->mem, d.id, S("f3"), S("photo.jpg"), S("image/jpeg"), 10, S("0123456789abcdef0123456789abcdef"), &w->file));
    w->draft = d.reference;
    w->draft_token = secret.token;
    w->record = town_file(t, a, a->permit, "{\"f1\":\"x\",\"f2\":\"n\"}", "Zoé", "zoe@ex.test");
    ASSERT_OK(draft_token_new(a->d, t->mem, w->record.id, &w->record_token));
    w->report = town_file(t, a, a->report, "{\"place\":{\"lat\":48.17,\"lon\":6.44},\"f1\":\"road\"}", NULL, NULL);
    ASSERT_OK(account_reset_start(a->d, t->mem, S("lecteur@ville.test"), clock_now_us(), &w->reset));
}

static struct world *world_open(struct test_store *store)
{
    struct site *s = site_open(store);
    s->app.converter = converter;               /* blank forms are drawn */
    struct town *t = s->t;
    struct world *w = NEW(t->mem, struct world);
    w->s = s;
    w->t = t;
    struct account admin = {.email = S("maire@ville.test"), .forename = S("Paul"), .surname = S("Maire"), .is_agent = true, .is_active = true};
    ASSERT_OK(account_add(t->a.d, t->mem, &admin, STR_NONE, &w->admin));
    ASSERT_OK(grant_add(t->a.d, w->admin, &(struct grant){.role = ROLE_ADMIN}));
    kind_fresh(w);
    fresh(w);
    return w;
}

static str flat(arena *mem, str reference) { return str_fmt(mem, "%.4s%.4s", reference.p, reference.p + 5); }

/* As that person, from an address of its own so that no limit hides a handler. */
static void become(struct world *w, enum person p)
{
    arena *mem = w->t->mem;
    struct browser *b = w->s->web;
    browser_forget(b);
    browser_headers_clear(b);
    str held = p == ANYBODY ? S("") : str_fmt(mem, "d_%.*s=%.*s; d_%.*s=%.*s; code=BCDF-GHJK-LMNP; ", STR_ARG(flat(mem, w->draft)), STR_ARG(w->draft_token),
                                               STR_ARG(flat(mem, w->record.reference)), STR_ARG(w->record_token));
    browser_header(b, str_fmt(mem, "Cookie: %.*sx=y%s%.*s", STR_ARG(held), p == ANYBODY ? "" : "; session=", STR_ARG(w->session[p])).p);
    w->sent++;
    browser_header(b, str_fmt(mem, "X-Forwarded-For: 10.%d.%d.%d", (int)(w->sent >> 16 & 255), (int)(w->sent >> 8 & 255), (int)(w->sent & 255)).p);
}

static str csrf_of(struct world *w, enum person p)
{
    become(w, p);
    struct answer a = http_get(w->s->web, "/compte");
    str token = answer_between(&a, "name=\"csrf\" value=\"", "\"");
    assert_true(p == ANYBODY || token.n > 0);
    return token;
}

static void sound(const char *method, const char *path, enum person p, str body, const struct answer *a)
{
    static const char *const names[] = {"anybody", "the holder", "an agent", "the administrator"};
    if (a->status < 200 || a->status >= 500) fail_msg("%s %s by %s with %.200s: %d", method, path, names[p], body.n ? body.p : "nothing", a->status);
}

/* ---- every route that writes */

/* What may stand for a parameter: things that are there, then something that is not. */
static struct strs values_of(struct world *w, str path, str name)
{
    arena *mem = w->t->mem;
    struct strs v = {0};
    struct side *a = &w->t->a;
    if (str_is(name, "ref") && str_starts(path, S("/signaler"))) PUSH(mem, &v, w->report.reference);
    else if (str_is(name, "ref") && str_starts(path, S("/dossiers"))) {
        PUSH(mem, &v, w->draft);
        PUSH(mem, &v, w->record.reference);
    } else if (str_is(name, "ref")) PUSH(mem, &v, w->record.reference);
    if (str_is(name, "slug")) PUSH(mem, &v, S("permit"));
    if (str_is(name, "n")) PUSH(mem, &v, S("1"));
    if (str_is(name, "name")) PUSH(mem, &v, w->kind);
    if (str_is(name, "token")) PUSH(mem, &v, w->reset);
    if (str_is(name, "id")) PUSH(mem, &v, str_starts(path, S("/admin/comptes")) ? id_text(mem, a->reader.account) : str_starts(path, S("/admin/collectivites")) ? id_text(mem, a->suburb)
                                          : str_starts(path, S("/admin/demarches")) ? S("f2") : id_text(mem, w->file));
    for (size_t i = 0; str_is(name, "act") && i < a->permit->transitions.n; i++) PUSH(mem, &v, a->permit->transitions.v[i].name);
    PUSH(mem, &v, S("rien"));
    PUSH(mem, &v, S("%C3%A9%20%22..%2F-1"));
    return v;
}

/* Every path made of a row: parameters replaced from the left. */
static void paths_of(struct world *w, str row, str done, str rest, struct strs *out)
{
    if (!rest.p) {
        PUSH(w->t->mem, out, done);
        return;
    }
    str step = str_split(rest, '/', &rest);
    if (!str_starts(step, S(":"))) {
        paths_of(w, row, str_fmt(w->t->mem, "%.*s/%.*s", STR_ARG(done), STR_ARG(step)), rest, out);
        return;
    }
    struct strs v = values_of(w, row, str_cut(step, 1, step.n));
    for (size_t i = 0; i < v.n; i++) paths_of(w, row, str_fmt(w->t->mem, "%.*s/%.*s", STR_ARG(done), STR_ARG(v.v[i])), rest, out);
}

#define B(lit_) {lit_, sizeof(lit_) - 1}
static struct body_sent { const char *type; str body; } bodies[] = {
    {form_type, {0}}, {NULL, {0}}, {form_type, B("&&&=&==;")}, {form_type, B("a=%zz&%=%")}, {form_type, B("email=\xff\xfe")}, {form_type, B("email=%00&do=%00")},
    {"application/json", {0}}, {"application/json", B("null")}, {"application/json", B("[]")}, {"application/json", B("{}")}, {"application/json", B("{\"answers\":{}}")},
    {"application/json", B("{\"answers\":{\"f1\":{\"f1\":[[[null]]]},\"\":1e308},\"contact\":{\"email\":[]}}")}, {"application/json", B("\xff")},
    {"multipart/form-data; boundary=b", B("--b--\r\n")}, {"multipart/form-data", B("x")}, {"multipart/form-data; boundary=b", B("--b\r\nContent-Disposition: form-data; name=\"f3\"; filename=\"\"\r\n\r\n\r\n--b--\r\n")},
    {"text/plain", B("x")}, {"application/offset+octet-stream", {0}}, {"application/offset+octet-stream", B("x")},
};
static const char *const tus_headers[][3] = {{NULL}, {"Tus-Resumable: 1.0.0", NULL}, {"Tus-Resumable: 1.0.0", "Upload-Length: -1", "Upload-Offset: -1"},
    {"Tus-Resumable: 1.0.0", "Upload-Length: 99999999999999999999", "Upload-Offset: 99999999999999999999"}, {"Tus-Resumable: 1.0.0", "Upload-Length: 9", "Upload-Metadata: filename \xff, \xff,,"},
    {"Idempotency-Key: \xff\xfe", "Idempotency-Key: ", NULL}, {"Idempotency-Key: cl\xc3\xa9", "Upload-Offset: 0", "Tus-Resumable: 1.0.0"}};

static void bodies_send(struct world *w, const struct route *r, const char *path, enum person p, const char *const headers[3])
{
    str csrf = csrf_of(w, p);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        become(w, p);
        if (csrf.n) browser_header(w->s->web, str_fmt(w->t->mem, "X-CSRF-Token: %.*s", STR_ARG(csrf)).p);
        for (size_t h = 0; h < 3 && headers[h]; h++) browser_header(w->s->web, headers[h]);
        struct answer a = http_send(w->s->web, method_name(r->method), path, bodies[i].type, bodies[i].body);
        sound(method_name(r->method), path, p, bodies[i].body, &a);
    }
}

/* A byte more than forms may have, then as many members as they may have and one. */
static void long_send(struct world *w, const struct route *r, const char *path, enum person p)
{
    static char long_text[(4 << 20) + 3], many[5001 * 2];
    memset(long_text, 'a', sizeof long_text);
    for (size_t i = 0; i < sizeof many; i++) many[i] = i % 2 ? '&' : 'b';
    const str texts[] = {{long_text, sizeof long_text}, {many, sizeof many}};
    str csrf = csrf_of(w, p);
    for (size_t i = 0; i < 2; i++) {
        become(w, p);
        if (csrf.n) browser_header(w->s->web, str_fmt(w->t->mem, "X-CSRF-Token: %.*s", STR_ARG(csrf)).p);
        struct answer a = http_send(w->s->web, method_name(r->method), path, form_type, texts[i]);
        sound(method_name(r->method), path, p, S("a long body"), &a);
    }
}

static void a_body_that_no_form_makes_is_answered(void **state)
{
    struct world *w = world_open(*state);
    size_t routes = 0;
    for (size_t i = 0; i < all_routes.n; i++)
        for (const struct route *r = all_routes.v[i]; r->path; r++) {
            if (r->method == GET || r->method == HEAD || r->method == OPTIONS) continue;
            routes++;
            for (enum person p = ANYBODY; p < PERSONS; p++) {
                struct strs paths = {0};
                fresh(w);
                str row = str_of(r->path);
                paths_of(w, row, S(""), str_cut(row, 1, row.n), &paths);
                bool by_headers = str_find(row, S("/fichiers")) >= 0 || r->flags & ROUTE_TOKEN;
                long_send(w, r, paths.v[0].p, p);
                for (size_t n = 0; n < paths.n; n++)
                    for (size_t h = 0; h < (by_headers && n == 0 ? sizeof tus_headers / sizeof *tus_headers : 1); h++) bodies_send(w, r, paths.v[n].p, p, tus_headers[h]);
            }
        }
    assert_true(routes >= 30);
    site_close(w->s);
}

/* ---- every form that is shown */

struct member { str name, value; bool is_button; };
struct form { str action; struct { struct member *v; size_t n; } members; };
struct forms { struct form *v; size_t n; };

static str attribute(arena *mem, str tag, const char *name)
{
    static const struct { const char *is, *reads; } escapes[] = {{"&quot;", "\""}, {"&#39;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
    ptrdiff_t at = str_find(tag, str_fmt(mem, " %s=\"", name));
    if (at < 0) return STR_NONE;
    str rest, raw = str_split(str_cut(tag, (size_t)at + strlen(name) + 3, tag.n), '"', &rest);
    buf b = BUF(1 << 20);
    for (size_t i = 0; i < raw.n;) {
        size_t e = 0;
        while (e < 5 && !str_starts(str_cut(raw, i, raw.n), str_of(escapes[e].is))) e++;
        if (e < 5) buf_lit(&b, escapes[e].reads);
        else buf_char(&b, raw.p[i]);
        i += e < 5 ? strlen(escapes[e].is) : 1;
    }
    str s = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static void tag_read(arena *mem, str tag, str after, struct forms *out)
{
    if (str_starts(tag, S("form "))) {
        if (str_is(attribute(mem, tag, "method"), "post")) PUSH(mem, out, (struct form){.action = attribute(mem, tag, "action")});
        else PUSH(mem, out, (struct form){0});
        return;
    }
    struct form *f = out->n ? &out->v[out->n - 1] : NULL;
    bool button = str_starts(tag, S("button ")), choice = str_starts(tag, S("select ")), text = str_starts(tag, S("textarea "));
    if (!f || !(button || choice || text || str_starts(tag, S("input ")))) return;
    struct member m = {attribute(mem, tag, "name"), attribute(mem, tag, "value"), button};
    if (!m.name.n) return;
    if (choice) {
        ptrdiff_t at = str_find(after, S("<option value=\""));
        m.value = at < 0 ? S("") : attribute(mem, str_cut(after, (size_t)at + 1, (size_t)at + 200), "value");
    }
    if (text) m.value = S("Zibeline");
    if (!m.value.n) m.value = S("x@ex.test");
    PUSH(mem, &f->members, m);
}

static struct forms forms_of(arena *mem, str html)
{
    struct forms all = {0}, posts = {0};
    for (size_t i = 0; i < html.n; i++) {
        if (html.p[i] != '<') continue;
        str after, tag = str_split(str_cut(html, i + 1, html.n), '>', &after);
        tag_read(mem, tag, after, &all);
    }
    for (size_t i = 0; i < all.n; i++)
        if (all.v[i].action.n) PUSH(mem, &posts, all.v[i]);
    return posts;
}

/* How one member is sent: left out, absurd, or as it is; of the buttons, one. */
struct how { size_t button, member; const str *value; };

static str form_body(struct world *w, const struct form *f, struct how how)
{
    buf b = BUF(1 << 22);
    for (size_t i = 0, button = 0; i < f->members.n; i++) {
        const struct member *m = &f->members.v[i];
        if (m->is_button && button++ != how.button) continue;
        if (i == how.member && !how.value) continue;
        str v = i == how.member ? *how.value : m->value;
        if (b.n) buf_char(&b, '&');
        buf_url(&b, m->name);
        buf_char(&b, '=');
        buf_url(&b, v);
    }
    str s = str_copy(w->t->mem, buf_str(&b));
    buf_free(&b);
    return s;
}

static bool form_at(struct world *w, const char *page, enum person p, size_t i, struct form *out)
{
    become(w, p);
    struct answer a = http_get(w->s->web, page);
    struct forms forms = forms_of(w->t->mem, a.body);
    if (i >= forms.n) return false;
    *out = forms.v[i];
    return true;
}

static int64_t form_try(struct world *w, const char *page, enum person p, size_t i, struct how how, bool anew)
{
    struct form f;
    if (anew) fresh(w);
    if (!form_at(w, page, p, i, &f)) return 0;
    str body = form_body(w, &f, how);
    struct answer a = http_send(w->s->web, "POST", f.action.p, form_type, body);
    sound("POST", str_fmt(w->t->mem, "%s (of %s)", f.action.p, page).p, p, body, &a);
    return 1;
}

/* Each button; with the first and the last, each member left out; then each member absurd with the last. */
static int64_t form_tried(struct world *w, const char *page, enum person p, size_t i, const struct form *f)
{
    static char long_text[70000];
    memset(long_text, 'a', sizeof long_text);
    const str absurd[] = {S(""), S("-1"), S("99999999999999999999"), S("\xc3\xa9<script>\"'\r\n\xf0\x9f\x94\x94 ../%s"), {long_text, sizeof long_text}, S("\x01\x7f\xe2\x80\xae")};
    int64_t n = 0;
    size_t buttons = 0;
    for (size_t m = 0; m < f->members.n; m++) buttons += f->members.v[m].is_button;
    for (size_t b = 0; b < (buttons ? buttons : 1); b++) {
        n += form_try(w, page, p, i, (struct how){b, SIZE_MAX, NULL}, false);
        for (size_t m = 0; m < f->members.n && (b == 0 || b + 1 == buttons); m++)
            if (!str_is(f->members.v[m].name, "csrf")) n += form_try(w, page, p, i, (struct how){b, m, NULL}, false);
    }
    for (size_t m = 0; m < f->members.n; m++)
        for (size_t v = f->members.n > 6 ? m % 3 : 0; v < sizeof absurd / sizeof *absurd; v += f->members.n > 6 ? 3 : 1) /* of a long form each member gets two, by turns */
            if (!str_is(f->members.v[m].name, "csrf")) n += form_try(w, page, p, i, (struct how){buttons ? buttons - 1 : 0, m, &absurd[v]}, false);
    return n;
}

static int64_t page_tried(struct world *w, const char *page, enum person p)
{
    int64_t n = 0;
    become(w, p);
    struct answer a = http_get(w->s->web, page);
    sound("GET", page, p, STR_NONE, &a);
    struct forms forms = forms_of(w->t->mem, a.body);
    for (size_t i = 0; i < forms.n; i++) {
        if (str_is(forms.v[i].action, "/compte/deconnexion") && !str_is(str_of(page), "/compte")) continue;     /* on every page of the desk */
        n += form_tried(w, page, p, i, &forms.v[i]);
    }
    return n;
}

static void a_form_without_one_of_its_members_is_answered(void **state)
{
    struct world *w = world_open(*state);
    int64_t tried = 0;
    for (size_t i = 0; i < all_routes.n; i++)
        for (const struct route *r = all_routes.v[i]; r->path; r++) {
            if (r->method != GET || r->flags & ROUTE_API) continue;
            struct strs paths = {0};
            fresh(w);
            kind_fresh(w);
            paths_of(w, str_of(r->path), S(""), str_cut(str_of(r->path), 1, strlen(r->path)), &paths);
            for (size_t n = 0; n < paths.n; n++) {
                enum person p = str_starts(paths.v[n], S("/admin")) ? ADMIN : str_starts(paths.v[n], S("/agents")) ? AGENT : str_starts(paths.v[n], S("/dossiers/")) ? HOLDER : ANYBODY;
                tried += page_tried(w, paths.v[n].p, p);
            }
        }
    print_message("%lld forms sent\n", (long long)tried);
    assert_true(tried > 300);
    site_close(w->s);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    if (converter_open(&converter, (struct converter_settings){0}).code != OK) return 1;
    static const struct CMUnitTest tests[] = {STORE_TEST(a_body_that_no_form_makes_is_answered), STORE_TEST(a_form_without_one_of_its_members_is_answered)};
    int failed = STORE_RUN(tests);
    converter_close(converter);
    return failed;
}
