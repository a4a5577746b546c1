/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the law wants in a letter, a row a mention. Publishing looks at `needs` (kind_lacks.c), the editor shows each row, greyed. */
#include "core/letter_fill.h"

static str setting(const struct letter_filling *f, const char *path)
{
    return kind_setting_text(f->s->kind, f->s->tenant, f->s->record->body, path, f->lang);
}

static void line(struct letter_filling *f, struct strs *out, str s)
{
    for (str rest = s; rest.p;) {
        str one = str_trim(str_split(rest, '\n', &rest));
        if (one.n) PUSH(f->mem, out, one);
    }
}

static void fill_town(struct letter_filling *f, struct paper *out)
{
    const struct body *b = tenant_body(f->s->tenant, f->s->record->body);
    out->sender.town = b ? b->name : f->s->tenant->name;
    out->sender.service = f->receipt.service;
    line(f, &out->sender.address, f->receipt.postal_address);
    line(f, &out->sender.address, f->receipt.mail);
    line(f, &out->sender.address, f->receipt.phone);
    line(f, &out->sender.address, f->receipt.hours);
}

static void fill_reference(struct letter_filling *f, struct paper *out)
{
    out->reference = f->s->record->reference;
    out->place_date = words_fill(f->mem, f->lang, W("letter.dated"), "date", words_date_us(f->mem, f->lang, f->s->now_us, f->s->tenant->zone), NULL);
}

static bool attests(const struct kind *k, const struct transition *t, const struct letter *l) { return transition_attests(k, t); }

/* CRPA L232-3: what was asked and when, and since when it is granted. */
static void fill_attestation(struct letter_filling *f, struct paper *out)
{
    const struct letter_source *s = f->s;
    letter_say(f, out, words_fill(f->mem, f->lang, W("letter.attested"), "title", text_in(&s->kind->title, f->lang), "reference", s->record->reference, "received",
                                  f->receipt.received_words, "accepted", words_date_us(f->mem, f->lang, s->record->entered_us, s->tenant->zone), "article", f->receipt.article, NULL));
}

static bool refuses(const struct kind *k, const struct transition *t, const struct letter *l) { return l->outcome == LETTER_REFUSED; }

/* CRPA L211-2, L211-5: written, and made of the considerations of law and of fact. */
static void fill_reasons(struct letter_filling *f, struct paper *out)
{
    static const struct { const char *ask, *title; } reasons[] = {{"reason_in_law", W("letter.reason_in_law")}, {"reason_in_fact", W("letter.reason_in_fact")}};
    const struct transition *t = f->s->transition;
    for (size_t r = 0; r < sizeof reasons / sizeof *reasons; r++)
        for (size_t i = 0; i < t->asks.n; i++) {
            if (!str_is(t->asks.v[i].name, reasons[r].ask) || letter_body_says(f, t->asks.v[i].name)) continue;
            letter_heading(f, out, words(f->lang, reasons[r].title));
            letter_say(f, out, letter_answer(f, &t->asks.v[i]));
        }
}

static bool decides(const struct kind *k, const struct transition *t, const struct letter *l) { return t->decision; }

/* CJA R421-5: time limits can be opposed only if they were said, with the routes, in the notification of the decision. */
static void fill_appeal(struct letter_filling *f, struct paper *out)
{
    letter_heading(f, out, words(f->lang, W("letter.appeal")));
    letter_say(f, out, f->receipt.appeal);
}

static void fill_author(struct letter_filling *f, struct paper *out) { out->signature = f->s->author; }

static void fill_in_charge(struct letter_filling *f, struct paper *out)
{
    const struct paper_signature *p = f->s->in_charge.surname.n ? &f->s->in_charge : &f->s->author;
    PUSH(f->mem, &out->foot, words_fill(f->mem, f->lang, W("letter.in_charge"), "forename", p->forename, "surname", p->surname, "capacity",
                                        p->capacity.n ? p->capacity : words(f->lang, W("letter.agent")), "office", f->receipt.service, "address",
                                        str_join_lines(f->mem, f->receipt.postal_address, S(", ")), "mail", f->receipt.mail, "phone", f->receipt.phone, NULL));
}

/* GDPR, article 13. */
static void fill_personal(struct letter_filling *f, struct paper *out)
{
    str purpose = setting(f, "personal_data.purpose"), basis = setting(f, "personal_data.legal_basis"), contact = setting(f, "personal_data.contact");
    PUSH(f->mem, &out->foot, words_fill(f->mem, f->lang, W("letter.personal"), "purpose", purpose, "basis", basis.n ? basis : setting(f, "legal_basis"), "kept",
                                        setting(f, "personal_data.retention"), "contact", contact.n ? contact : f->receipt.mail, NULL));
}

static void fill_verify(struct letter_filling *f, struct paper *out) { out->verify = f->s->verify; }

#define NEEDS(...) (const char *const[]){__VA_ARGS__, NULL}
const struct letter_part letter_parts[] = {
    {"town", W("letter.part.town"), W("letter.article.l111_2"), true, NULL, NEEDS("service.name", "service.postal_address"), W("kind.lack.letter_sender"), fill_town},
    {"reference", W("letter.part.reference"), NULL, true, NULL, NULL, NULL, fill_reference},
    {"attestation", W("letter.part.attestation"), W("letter.article.l232_3"), false, attests, NULL, NULL, fill_attestation},
    {"reasons", W("letter.part.reasons"), W("letter.article.l211_5"), false, refuses, NULL, NULL, fill_reasons},
    {"appeal", W("letter.part.appeal"), W("letter.article.r421_5"), false, decides, NEEDS("appeal.text"), W("kind.lack.letter_appeal"), fill_appeal},
    {"author", W("letter.part.author"), W("letter.article.l212_1"), false, NULL, NULL, NULL, fill_author},
    {"in_charge", W("letter.part.in_charge"), W("letter.article.l111_2"), false, NULL, NEEDS("service.mail", "service.phone"), W("kind.lack.letter_contact"), fill_in_charge},
    {"personal", W("letter.part.personal"), W("letter.article.gdpr"), false, NULL, NEEDS("personal_data.purpose", "personal_data.retention"), W("kind.lack.letter_personal"), fill_personal},
    {"verify", W("letter.part.verify"), NULL, false, NULL, NULL, NULL, fill_verify},
    {0}};
