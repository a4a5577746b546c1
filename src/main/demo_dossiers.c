/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Two thousand dossiers over two years, and what became of each: taken by somebody of the team, asked about, corrected, decided after the time
   such a decision takes, or left to silence. All invented. */
#include <string.h>

#include "base/id.h"
#include "core/account.h"
#include "core/draft.h"
#include "core/files.h"
#include "core/life.h"
#include "core/secret.h"
#include "facets/thread.h"
#include "formats/json.h"
#include "main/demo_calendar.h"
#include "main/demo_data.h"

#define BATCH 20                /* dossiers in one transaction */

struct living { struct demo *x; const struct kind *k; struct record *r; const struct demo_custom *custom; struct who agent; int64_t at_us; bool over; };

static bool happens(struct living *l, uint64_t percent) { return dice_below(&l->x->dice, 100) < percent; }

/* What is not yet, or what the clock of silence forestalled, does not happen. */
static bool too_late(const struct living *l, int64_t at_us)
{
    return at_us > l->x->now_us || (l->r->silence_us && !l->r->suspended_us && at_us > l->r->silence_us);
}

/* What the letter of a decision wants to say: the sum, the day, the school, the hall. */
static void decision_fill(struct living *l, const struct transition *t, int64_t at_us, json_t *asks)
{
    static const struct { const char *ask, *words; int days; } given[] = {
        {"jour_enlevement", NULL, 9}, {"fin_validite", NULL, 365}, {"ecole_affectation", "École du Centre", 0}, {"salle_reservee", "Salle polyvalente", 0}};
    const struct field *sum = kind_field_named(l->k, S("montant"));
    for (size_t i = 0; i < t->asks.n; i++) {
        const char *ask = str_z(l->x->mem, t->asks.v[i].id);
        for (size_t g = 0; g < sizeof given / sizeof *given; g++)
            if (strcmp(ask, given[g].ask) == 0) json_object_set_new(asks, ask, given[g].words ? json_string(given[g].words) : json_from_str(date_iso(l->x->mem, at_us / DAY_US + given[g].days)));
        double asked = sum ? json_number_value(json_object_getn(l->r->doc, sum->id.p, sum->id.n)) : 0;
        if (strcmp(ask, "montant_accorde") == 0) json_object_set_new(asks, ask, json_integer(asked < 100 ? 100 : (json_int_t)(asked * 0.6 / 50) * 50));
    }
}

/* What this procedure asks besides: a date of expiry, an amount, a place. */
static void rest_answered(struct living *l, const struct transition *t, json_t *asks, int64_t at_us)
{
    for (size_t i = 0; i < t->asks.n; i++) {
        const struct field *f = &t->asks.v[i];
        const char *type = f->type->name, *id = str_z(l->x->mem, f->id);
        if (!f->required || json_object_get(asks, id)) continue;
        if (!strcmp(type, "date")) json_object_set_new(asks, id, json_from_str(date_iso(l->x->mem, at_us / DAY_US + 365)));
        else if (!strcmp(type, "integer") || !strcmp(type, "decimal")) json_object_set_new(asks, id, json_integer((f->has_min ? (json_int_t)f->min : 0) + 150));
        else if (f->options.n) json_object_set_new(asks, id, json_from_str(f->options.v[0].id));
        else json_object_set_new(asks, id, json_string("Selon la demande."));
    }
}

static err does(struct living *l, const char *transition, int64_t at_us, json_t *asks)
{
    struct demo *x = l->x;
    json_own(x->mem, asks);
    const struct transition *t = kind_transition(l->k, str_of(transition));
    if (l->over || !t || too_late(l, at_us)) {
        l->over = true;
        return NO_ERR;
    }
    if (t->decision) decision_fill(l, t, at_us, asks);
    rest_answered(l, t, asks, at_us);
    struct who author = {.holds_record = l->r->id};
    struct act a = {.who = t->by == BY_AUTHOR ? &author : &l->agent, .kind = l->k, .tenant = x->t, .transition = t->name, .asks = asks, .now_us = at_us};
    TRY(life_act(x->d, x->mem, l->r, &a));
    l->at_us = at_us;
    return NO_ERR;
}

static err says(struct living *l, bool is_author, bool is_note, int64_t at_us, const char *words)
{
    struct who author = {.holds_record = l->r->id};
    int64_t id;
    if (l->over || at_us > l->x->now_us) return NO_ERR;
    l->at_us = at_us;
    return thread_post(l->x->d, l->x->mem, &(struct post){.who = is_author ? &author : &l->agent, .tenant = l->x->t, .kind = l->k, .record = l->r->id, .is_note = is_note,
                                                         .words = str_of(words), .now_us = at_us}, &id);
}

static int64_t worked(struct living *l, int64_t days) { return demo_worked(&l->x->dice, l->x->t->zone, l->at_us, days); }
static int64_t at_home(struct living *l, int64_t days) { return demo_at_home(&l->x->dice, l->x->t->zone, l->at_us, days); }

static err talk(struct living *l)
{
    const struct demo_custom *c = l->custom;
    if (happens(l, 14)) TRY(says(l, false, true, worked(l, 0), "Vu avec l’équipe ce matin : rien ne s’y oppose."));
    if (!happens(l, 22)) return NO_ERR;
    TRY(says(l, false, false, worked(l, 1), c->question));
    if (happens(l, 80)) TRY(says(l, true, false, at_home(l, 1 + (int64_t)dice_below(&l->x->dice, 3)), c->reply));
    return happens(l, 60) ? says(l, false, false, worked(l, 1), "Merci, c’est noté. Votre dossier avance.") : NO_ERR;
}

static err correction(struct living *l)
{
    int64_t asked_us = worked(l, 2), due = asked_us / DAY_US + 21;
    json_t *asks = json_pack("{s:s, s:s, s:s}", "correction_kind", "missing", "missing_items", l->custom->missing, "message", "Pouvez-vous nous l’envoyer ? Nous reprendrons aussitôt l’examen de votre dossier.");
    json_object_set_new(asks, "due_date", json_from_str(date_iso(l->x->mem, due)));
    TRY(does(l, "ask_correction", asked_us, asks));
    if (happens(l, 12)) return does(l, "close", demo_worked(&l->x->dice, l->x->t->zone, l->at_us, 24), json_pack("{s:s}", "reason", "La pièce demandée ne nous est pas parvenue dans le délai. Vous pouvez déposer une nouvelle demande."));
    return does(l, "correct", at_home(l, 2 + (int64_t)dice_below(&l->x->dice, 18)), json_object());
}

static err decided(struct living *l)
{
    const struct demo_custom *c = l->custom;
    int64_t at_us = worked(l, demo_about(&l->x->dice, c->days));
    if (!happens(l, (uint64_t)c->refused)) return does(l, "accept", at_us, happens(l, 35) ? json_pack("{s:s}", "conditions", c->condition) : json_object());
    TRY(does(l, "refuse", at_us, json_pack("{s:s, s:s}", "reason_in_law", c->law, "reason_in_fact", c->fact)));
    if (!happens(l, 9)) return NO_ERR;
    TRY(does(l, "reopen", worked(l, 6), json_pack("{s:s}", "reason", "La personne apporte un élément nouveau après son recours gracieux.")));
    return happens(l, 70) ? does(l, "accept", worked(l, 5), json_object()) : NO_ERR;
}

static err live(struct demo *x, const struct kind *k, struct record *r, const struct demo_custom *custom)
{
    struct living l = {.x = x, .k = k, .r = r, .custom = custom, .at_us = r->created_us};
    int64_t agents[DEMO_ACCOUNTS] = {0};
    size_t n = 0;
    for (size_t i = 0; i < DEMO_ACCOUNTS; i++)
        if (demo_accounts[i].team >= 0 && x->teams[demo_accounts[i].team] == r->team) agents[n++] = x->accounts[i];
    if (!n || happens(&l, 2)) return NO_ERR;                    /* nobody looked at it: silence answers */
    l.agent.account = agents[dice_below(&x->dice, n)];
    TRY(grants_of(x->d, x->mem, l.agent.account, &l.agent.grants));
    if (happens(&l, 3)) return does(&l, "withdraw", at_home(&l, 1 + (int64_t)dice_below(&x->dice, 6)), json_object());
    TRY(does(&l, "take", worked(&l, (int64_t)dice_below(&x->dice, 3) + (happens(&l, 15) ? 6 : 0)), json_object()));
    if (happens(&l, 2)) {
        str body = str_fmt(x->mem, "%lld", (long long)x->bodies[r->body == x->bodies[0]]);
        return does(&l, "transfer", worked(&l, 1), json_pack("{s:s#, s:s}", "body", body.p, body.n, "reason", "La demande relève d’une autre collectivité, à qui nous la transmettons (CRPA, article L114-2)."));
    }
    if (happens(&l, 3)) return does(&l, "close", worked(&l, 3), json_pack("{s:s}", "reason", "La personne a confirmé par téléphone que la demande n’a plus d’objet."));
    TRY(talk(&l));
    if (happens(&l, 18)) TRY(correction(&l));
    if (l.over || happens(&l, 1) || kind_state(k, r->state)->is_final) return NO_ERR;
    return decided(&l);
}

/* The files of one dossier. */
struct papers { struct demo *x; int64_t owner; err e; struct strs images; };

static str paper_make(void *arg, bool is_image)
{
    struct papers *p = arg;
    struct demo *x = p->x;
    int64_t id = 0;
    if (p->e.code != OK) return STR_NONE;
    p->e = file_add(x->d, x->r->app->blobs, x->mem, p->owner, S(""), is_image ? S("photo.png") : S("document.pdf"), is_image ? S("image/png") : S("application/pdf"),
                    is_image ? &x->picture : &x->paper, &id);
    if (is_image) PUSH(x->mem, &p->images, id_text(x->mem, id));
    return id ? id_text(x->mem, id) : STR_NONE;
}

static bool file_known(void *arg, str id, struct answer_file *out)
{
    const struct papers *p = arg;
    *out = (struct answer_file){S("document.pdf"), S("application/pdf"), p->x->paper.size_bytes, true};
    for (size_t i = 0; i < p->images.n; i++)
        if (str_eq(p->images.v[i], id)) *out = (struct answer_file){S("photo.png"), S("image/png"), p->x->picture.size_bytes, true};
    return id.n > 0;
}

static const struct demo_custom *custom_of(str kind)
{
    const struct demo_custom *c = demo_customs;
    while (c->kind && !str_is(kind, c->kind)) c++;
    return c;
}

static err file_in(db *w, arena *mem, const struct filing *f, struct record *r)
{
    bool again;
    return record_file(w, mem, f, r, &again);
}

static err dossier_make(struct demo *x, const struct kind_row *row, const struct demo_custom *custom, size_t n)
{
    const struct kind *k;
    json_t *doc;
    struct record r;
    struct papers papers = {.x = x};
    struct hash32 code_hashed;
    TRY(kinds_get(x->r->app->kinds, x->d, row->name, row->revision, &k));
    bool at_counter = dice_one_in(&x->dice, 11), has_account = dice_one_in(&x->dice, 250);
    int64_t filed_us = demo_moment(&x->dice, x->t->zone, x->now_us, custom->months, at_counter);
    struct answers_env env = {.lang = LANG_FR, .zone = x->t->zone, .now_us = filed_us, .file = file_known, .file_arg = &papers};
    struct filing f = {.id = id_new(), .body = row->body, .team = row->team, .tenant = x->t, .kind = k, .now_us = filed_us, .lang = LANG_FR};
    papers.owner = f.id;
    TRY(demo_answers(x->mem, &x->dice, k, &env, &(struct demo_files){paper_make, &papers}, &doc));
    TRY(papers.e);
    f.doc = doc;
    f.channel = at_counter ? S("counter") : S("web");
    if (has_account) f.author = x->accounts[DEMO_RESIDENT];
    else f.contact = (struct contact){.name = demo_person(x->mem, &x->dice), .email = str_fmt(x->mem, "personne%zu@exemple.fr", n)};
    /* One in six is somebody who filed before. */
    if (n % 6 == 0) x->known = (struct contact){.name = str_copy(x->r->mem, f.contact.name), .email = str_copy(x->r->mem, f.contact.email)};
    if (n % 6 == 5 && !f.author && x->known.email.n) f.contact = x->known;
    code_hash(x->mem, x->t->id, f.id, code_new(x->mem), &code_hashed);
    f.code_hash = &code_hashed;
    TRY(file_in(x->d, x->mem, &f, &r));
    return live(x, k, &r, custom);
}

/* A whole batch is one transaction: two thousand dossiers are twenty thousand small writes. Run again, it says the same. */
struct batch { struct demo *x; size_t from; struct dice dice; };
static err batch_in_txn(db *w, void *arg)
{
    struct batch *b = arg;
    struct demo x = *b->x;
    int total = 0;
    x.d = w;
    for (size_t i = 0; i < x.kinds.n; i++) total += custom_of(x.kinds.v[i].name)->weight;
    for (size_t n = b->from; n < b->from + BATCH; n++) {
        int at = (int)dice_below(&x.dice, (uint64_t)total);
        size_t i = 0;
        while ((at -= custom_of(x.kinds.v[i].name)->weight) >= 0) i++;
        arena_reset(x.mem);
        TRY(dossier_make(&x, &x.kinds.v[i], custom_of(x.kinds.v[i].name), n));
    }
    b->dice = x.dice;
    return NO_ERR;
}

err demo_dossiers(struct demo *x)
{
    for (size_t n = 0; n < DEMO_DOSSIERS; n += BATCH) {
        struct batch b = {.x = x, .from = n};
        TRY(db_txn(x->d, batch_in_txn, &b));
        x->dice = b.dice;
        run_tell(x->r, "\r%zu / %d", n + BATCH, DEMO_DOSSIERS);
    }
    run_tell(x->r, "\n");
    return NO_ERR;
}
