/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One record as everybody sees it; who backs it, who follows it. */
#include "base/id.h"
#include "core/files.h"
#include "core/journal.h"
#include "core/notify.h"
#include "core/secret.h"
#include "facets/support.h"
#include "gen/html/pages/public.html.h"
#include "gen/html/pages/watch.html.h"
#include "pages/public_own.h"

#define BACKER_S (365LL * 24 * 3600)

static err shown_get(struct req *q, struct shown *s, struct record *r)
{
    TRY(room_get(q, q->route->arg, s));
    err e = record_by_reference(q->db, q->mem, param(q, "ref"), r);
    if (e.code != OK && e.code != E_NOT_FOUND) return e;
    if (e.code != OK || !str_is(r->kind, s->room->kind) || !record_show_public(q->mem, s->held.kind, r)) return FAIL(E_NOT_FOUND, "public.not_found");
    return NO_ERR;
}

static struct url under(struct req *q, const struct shown *s, str reference, const char *what)
{
    return url_web(str_fmt(q->mem, "%s/%.*s/%s", s->room->path, STR_ARG(reference), what));
}

err photos_of(struct req *q, struct shown *s, const struct record *r, struct photos *out)
{
    struct files files = {0};
    *out = (struct photos){0};
    const struct kind *k = s->held.kind;
    for (size_t i = 0; r->published_us && i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        const json_t *ids = str_is(str_of(f->type->name), "file") ? json_object_getn(r->doc, f->id.p, f->id.n) : NULL;
        if (json_array_size(ids) && !files.n) TRY(files_of(q->db, q->mem, r->id, &files));
        for (size_t j = 0; j < json_array_size(ids); j++) {
            int64_t id;
            if (id_parse(str_of(json_string_value(json_array_get(ids, j))), &id).code != OK) continue;
            for (size_t n = 0; n < files.n; n++) {
                if (files.v[n].id != id || !files.v[n].shown_copy || !files.v[n].is_public) continue;
                str name = id_text(q->mem, id), number = str_fmt(q->mem, "%zu", out->n + 1);
                PUSH(q->mem, out, (struct photo){under(q, s, r->reference, str_fmt(q->mem, "photos/%.*s", STR_ARG(name)).p),
                    under(q, s, r->reference, str_fmt(q->mem, "photos/%.*s/vignette", STR_ARG(name)).p),
                    words_fill(q->mem, q->lang, W("public.photo_alt"), "n", number, "title", subject_of(q, s, r->doc), NULL)});
            }
        }
    }
    return NO_ERR;
}

err public_photo(struct req *q)
{
    struct shown s;
    struct record r;
    struct photos photos;
    struct file f, copy;
    int64_t id;
    TRY(shown_get(q, &s, &r));
    TRY(param_id(q, "file", &id));
    TRY(photos_of(q, &s, &r, &photos));
    bool thumb = str_ends(q->path, S("/vignette")), there = false;
    str at = url_str(under(q, &s, r.reference, str_fmt(q->mem, "photos/%.*s", STR_ARG(id_text(q->mem, id))).p));
    for (size_t i = 0; i < photos.n; i++) there |= str_eq(url_str(photos.v[i].page), at);
    if (!there) return FAIL(E_NOT_FOUND, "public.not_found");
    TRY(file_get(q->db, q->mem, id, &f));
    TRY(file_get(q->db, q->mem, f.shown_copy, &copy));
    if (thumb && copy.shown_copy) TRY(file_get(q->db, q->mem, copy.shown_copy, &copy));
    reply_public_for(q, 300);
    return reply_blob(q, q->app->blobs, q->tenant_id, &copy.blob, str_z(q->mem, copy.type), STR_NONE);
}

/* What became of it: states and dates. Words and names are for its author. */
static err events_fill(struct req *q, struct shown *s, const struct record *r, struct part_timeline *out)
{
    struct events events = {0};
    TRY(journal_of(q->db, q->mem, r->id, true, &events));
    for (size_t i = 0; i < events.n; i++) {
        const struct event *e = &events.v[i];
        const struct state *to = e->to.n && !str_eq(e->to, e->from) ? kind_state(s->held.kind, e->to) : NULL;
        if (to) PUSH(q->mem, &out->items, (struct moment){.at_us = e->at_us, .title = text_in(&to->title, q->lang), .tone = S("done")});
    }
    if (out->items.n) out->items.v[out->items.n - 1].tone = S("current");
    return NO_ERR;
}

static str backer(struct req *q)
{
    return q->who->account ? support_person(q->mem, q->who->account, STR_NONE) : cookie(q, "voisin").n ? support_person(q->mem, 0, cookie(q, "voisin")) : STR_NONE;
}

static err record_page(struct req *q, struct shown *s, const struct record *r, struct page_public *p)
{
    const struct state *st = kind_state(s->held.kind, r->state);
    struct photos photos;
    p->title = subject_of(q, s, r->doc);
    p->kind_title = text_in(&s->held.kind->title, q->lang);
    p->reference = r->reference;
    p->state = text_in(&st->title, q->lang);
    p->tone = st->tone;
    p->filed_us = r->created_us;
    p->is_published = r->published_us != 0;
    struct answer_lines lines = answers_lines(q->mem, s->held.kind, r->doc, &s->held.env, true, false);
    for (size_t i = 0; i < lines.n; i++)
        if (!lines.v[i].file_ids.n && !lines.v[i].is_heading && lines.v[i].field != s->subject)
            PUSH(q->mem, &p->answers.rows, (struct answer_row){.label = lines.v[i].label, .text = lines.v[i].text});
    TRY(photos_of(q, s, r, &photos));
    for (size_t i = 0; i < photos.n; i++) PUSH(q->mem, &p->photos, photos.v[i]);
    TRY(events_fill(q, s, r, &p->events));
    map_ground(q, &p->map);
    struct place_point point = point_shown(q, s, r);
    point.at = (struct url){0};
    if (!point.nowhere) PUSH(q->mem, &p->map.points, point);
    p->map.label = words(q->lang, W("public.map"));
    TRY(support_count(q->db, q->mem, r->id, "support", &p->backers));
    str who = backer(q);
    if (who.n) TRY(support_has(q->db, q->mem, r->id, "support", who, &p->backed));
    p->back = under(q, s, r->reference, "soutien");
    p->follow = under(q, s, r->reference, "suivre");
    p->l.title = str_fmt(q->mem, "%.*s (%.*s)", STR_ARG(p->title), STR_ARG(p->reference));
    p->l.scripts |= SCRIPT_MAP;
    PUSH(q->mem, &p->l.crumbs, (struct nav_item){words(q->lang, s->room->title), url_web(str_of(s->room->path)), false});
    return page_public(q, p);
}

err public_record(struct req *q)
{
    struct shown s;
    struct record r;
    struct page_public p = {0};
    TRY(shown_get(q, &s, &r));
    str done = query(q, "fait");
    if (str_is(done, "soutien")) p.l.notice = words(q->lang, W("public.backed"));
    if (str_is(done, "lien")) p.l.notice = words(q->lang, W("public.link_sent"));
    if (str_is(done, "suivi")) p.l.notice = words(q->lang, W("public.followed"));
    if (str_is(done, "fin")) p.l.notice = words(q->lang, W("public.unfollowed"));
    return record_page(q, &s, &r, &p);
}

static err done(struct req *q, const struct shown *s, str reference, const char *what)
{
    return reply_redirect(q, str_fmt(q->mem, "%s/%.*s?fait=%s", s->room->path, STR_ARG(reference), what));
}

/* One browser, or one account, once: a cookie that says nothing else. */
err public_back(struct req *q)
{
    struct shown s;
    struct record r;
    bool is_new;
    TRY(shown_get(q, &s, &r));
    TRY(limit_take(q, "back", 20, 20));
    str person = backer(q);
    if (!person.n) {
        struct hash32 unused;
        str token = token_new(q->mem, &unused);
        cookie_set(q, "voisin", token, BACKER_S, 0);
        person = support_person(q->mem, 0, token);
    }
    TRY(support_add(q->db, r.id, "support", person, STR_NONE, clock_now_us(), &is_new));
    return done(q, &s, r.reference, "soutien");
}

/* ---- follow: nobody is written to twice who did not ask ---- */
struct link_mail { struct mail_out m; arena *mem; str cause; };
static err link_mail_in_txn(db *w, void *arg)
{
    struct link_mail *x = arg;
    return outbox_mail(w, x->mem, x->cause, S("mail:follow"), &x->m, clock_now_us());
}

err public_follow(struct req *q)
{
    struct shown s;
    struct record r;
    TRY(shown_get(q, &s, &r));
    TRY(limit_take(q, "follow", 5, 5));
    str email = str_fold(q->mem, str_trim(field(q, "email")));
    int64_t at = str_find_char(email, '@');
    if (at < 1 || (size_t)at + 1 >= email.n || email.n > 254 || str_find_char(email, ' ') >= 0) {
        struct page_public p = {.l.status = 422, .email = field(q, "email")};
        PUSH(q->mem, &p.faults, (struct link){.label = words(q->lang, W("account.email_bad")), .at = URL_LIT("#email")});
        return record_page(q, &s, &r, &p);
    }
    struct link_mail x = {.mem = q->mem};
    struct url link = URL(q->mem, "/{}/{}/suivre?m={}&k={}", str_cut(str_of(s.room->path), 1, strlen(s.room->path)), r.reference, email, link_key(q->mem, q->tenant_id, r.id, email));
    str where = str_fmt(q->mem, "%.*s://%.*s%.*s", STR_ARG(q->app->settings.public_scheme), STR_ARG(q->host), STR_ARG(url_str(link)));
    x.m.to = email;
    x.m.subject = words_fill(q->mem, q->lang, W("public.follow_mail.subject"), "title", subject_of(q, &s, r.doc), NULL);
    x.m.text = words_fill(q->mem, q->lang, W("public.follow_mail.text"), "title", subject_of(q, &s, r.doc), "link", where, "town", q->tenant->name, NULL);
    struct hash32 h = hash_blake2b(email);
    x.cause = str_fmt(q->mem, "follow-%lld-%.*s", (long long)r.id, STR_ARG(hex_of(q->mem, h.b, 8)));
    TRY(limit_take_for(q, "follow", email, 3, 3));
    TRY(db_txn(q->db, link_mail_in_txn, &x));
    return done(q, &s, r.reference, "lien");
}

err public_watch(struct req *q)
{
    struct shown s;
    struct record r;
    TRY(shown_get(q, &s, &r));
    struct page_watch p = {.title = subject_of(q, &s, r.doc), .reference = r.reference, .email = query(q, "m"), .key = query(q, "k"),
                           .action = under(q, &s, r.reference, "suivi"), .record = record_url(q, s.room, r.reference), .l.no_index = true};
    reply_private(q);
    return page_watch(q, &p);
}

err public_watch_set(struct req *q)
{
    struct shown s;
    struct record r;
    bool is_new;
    TRY(shown_get(q, &s, &r));
    TRY(limit_take(q, "follow", 10, 10));
    str email = field(q, "m");
    if (!secret_eq(link_key(q->mem, q->tenant_id, r.id, email), field(q, "k"))) return FAIL(E_NOT_FOUND, "public.bad_link");
    str person = support_person(q->mem, 0, email);
    bool stop = str_is(field(q, "do"), "stop");
    TRY(stop ? support_remove(q->db, r.id, "follow", person) : support_add(q->db, r.id, "follow", person, email, clock_now_us(), &is_new));
    return done(q, &s, r.reference, stop ? "fin" : "suivi");
}
