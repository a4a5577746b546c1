/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "core/form_paper.h"

#include <string.h>

#include "core/field_types.h"

enum { OPTIONS_MOST = 60, ROWS_TO_FILL = 4, COLUMNS_MOST = 5 };

struct drawing { arena *mem; const struct form_paper *f; struct paper *out; enum lang lang; struct receipt receipt; struct strs documents; };

static void add(struct drawing *d, struct paper_block b) { PUSH(d->mem, &d->out->blocks, b); }
static void heading(struct drawing *d, int level, str s) { if (s.n) add(d, (struct paper_block){.type = level <= 2 ? PAPER_HEADING2 : PAPER_HEADING3, .words = paper_words(d->mem, s)}); }
static void say(struct drawing *d, str s) { if (s.n) paper_paragraph(d->mem, &d->out->blocks, s); }

static struct paper_row cell(struct drawing *d, str s)
{
    struct paper_row row = {0};
    PUSH(d->mem, &row, paper_words(d->mem, s));
    return row;
}

static void fact(struct drawing *d, struct paper_rows *rows, const char *key, str value)
{
    if (!value.n) return;
    struct paper_row row = cell(d, words(d->lang, key));
    PUSH(d->mem, &row, paper_words(d->mem, value));
    PUSH(d->mem, rows, row);
}

static void choice(struct drawing *d, struct paper_block *b, str label) { PUSH(d->mem, &b->rows, cell(d, label)); }

/* Numbers of registers and dates: a box a sign. */
static const struct { const char *type, *boxes; } boxed[] = {
    {"date", W("paper.form.date_boxes")}, {"datetime", W("paper.form.datetime_boxes")}, {"siret", W("paper.form.siret_boxes")}, {"phone", W("paper.form.phone_boxes")},
    {"iban", W("paper.form.iban_boxes")}};

static void options_room(struct drawing *d, const struct field *f, struct paper_block *b)
{
    struct options all = {0};
    size_t total = 0;
    options_of(f, d->mem, d->f->env, OPTIONS_MOST, &all, &total);
    if (!total || total > OPTIONS_MOST) return;
    b->room = ROOM_CHOICES;
    b->many = f->type->check == check_choices;
    for (size_t i = 0; i < all.n; i++) choice(d, b, text_in(&all.v[i].label, d->lang));
    if (f->other) choice(d, b, words(d->lang, W("field.other_blank")));
}

static void room(struct drawing *d, const struct field *f, struct paper_block *b)
{
    const struct field_type *t = f->type;
    b->room = ROOM_LINES;
    b->room_n = t->check == check_textarea ? 6 : t->check == check_address ? 3 : t->check == check_spot ? 2 : 1;
    if (t->has_options) options_room(d, f, b);
    bool two = t->check == check_yesno || t->check == check_civility;
    if (two || t->check == check_checkbox || t->check == check_file) b->room = ROOM_CHOICES;
    if (two) {
        choice(d, b, words(d->lang, t->check == check_yesno ? W("field.yes") : W("field.mme")));
        choice(d, b, words(d->lang, t->check == check_yesno ? W("field.no") : W("field.m")));
    } else if (t->check == check_checkbox) {
        choice(d, b, words(d->lang, W("field.yes")));
    } else if (t->check == check_file) {
        choice(d, b, words(d->lang, W("field.print.join")));
    }
    for (size_t i = 0; i < sizeof boxed / sizeof *boxed; i++)
        if (strcmp(t->name, boxed[i].type) == 0) b->room = ROOM_BOXES, b->boxes = words(d->lang, boxed[i].boxes);
}

static str help_of(struct drawing *d, const struct field *f)
{
    str help = text_in(&f->help, d->lang);
    if (f->help_is_html && d->f->words_of) help = d->f->words_of(d->mem, help);
    bool french = said_tag(text_in(&f->help, d->lang), d->lang) != NULL;
    help = str_join_lines(d->mem, help, S(" "));
    if (!f->when) return french ? said_in(help, LANG_FR) : help;
    str only = words_fill(d->mem, d->lang, W("field.print.only_if"), "condition", said_bare(d->mem, condition_words(d->mem, d->f->env, f->when)), NULL);
    return help.n ? str_fmt(d->mem, "%.*s %.*s", STR_ARG(only), STR_ARG(help)) : only;
}

static void field(struct drawing *d, const struct field *f);

/* Rows to fill: a table when it is narrow enough, else the questions one under the other. */
static void repeat(struct drawing *d, const struct field *f)
{
    struct paper_block b = {.type = PAPER_FIELD, .words = paper_words(d->mem, text_in(&f->label, d->lang)), .help = help_of(d, f), .required = f->required, .room = ROOM_ROWS,
                            .room_n = f->many && f->many < ROWS_TO_FILL ? f->many : ROWS_TO_FILL};
    struct paper_row head = {0};
    bool plain = f->children.n <= COLUMNS_MOST;
    for (size_t i = 0; i < f->children.n; i++) {
        if (f->children.v[i].computed) continue;
        PUSH(d->mem, &head, paper_words(d->mem, text_in(&f->children.v[i].label, d->lang)));
        plain &= f->children.v[i].type->holds_value && f->children.v[i].type->check != check_file && f->children.v[i].type->check != check_choices;
    }
    if (plain && head.n) {
        PUSH(d->mem, &b.rows, head);
        add(d, b);
        return;
    }
    heading(d, 3, text_in(&f->label, d->lang));
    say(d, words(d->lang, W("paper.form.repeat")));
    for (size_t i = 0; i < f->children.n; i++) field(d, &f->children.v[i]);
}

static void field(struct drawing *d, const struct field *f)
{
    str label = text_in(&f->label, d->lang);
    if (f->is_private) return;
    if (strcmp(f->type->name, "heading") == 0) {
        if (f->level > 1) heading(d, 3, label);
        return;
    }
    if (strcmp(f->type->name, "repeat") == 0) {
        repeat(d, f);
        return;
    }
    if (f->computed) {                              /* nobody fills it in */
        say(d, words_fill(d->mem, d->lang, W("paper.form.computed"), "label", label, NULL));
        return;
    }
    if (!f->type->holds_value) {                    /* a note */
        say(d, label);
        say(d, help_of(d, f));
        return;
    }
    struct paper_block b = {.type = PAPER_FIELD, .words = paper_words(d->mem, label), .help = help_of(d, f), .required = f->required};
    room(d, f, &b);
    if (f->type->check == check_file) PUSH(d->mem, &d->documents, label);
    add(d, b);
}

static str service_line(struct drawing *d)
{
    struct strs lines = {0};
    const str all[] = {d->receipt.service, str_join_lines(d->mem, d->receipt.postal_address, S(", ")), d->receipt.hours, d->receipt.phone, d->receipt.mail};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].n) PUSH(d->mem, &lines, all[i]);
    return str_join(d->mem, lines, S(" — "));
}

static void head(struct drawing *d)
{
    const struct body *b = tenant_body(d->f->tenant, d->f->body);
    d->out->sender.town = b ? b->name : d->f->tenant->name;
    d->out->sender.service = d->receipt.service;
    for (str rest = d->receipt.postal_address; rest.p;) {
        str one = str_trim(str_split(rest, '\n', &rest));
        if (one.n) PUSH(d->mem, &d->out->sender.address, one);
    }
    struct paper_block where = {.type = PAPER_PARAGRAPH, .words = paper_words(d->mem, words_fill(d->mem, d->lang, W("paper.form.where"), "service", S(""), NULL))};
    PUSH(d->mem, &where.words, (struct paper_span){.words = said_in(service_line(d), LANG_FR)});
    add(d, where);
    if (d->f->address.n) say(d, words_fill(d->mem, d->lang, W("paper.form.online"), "address", d->f->address, NULL));
    say(d, words(d->lang, W("paper.form.required")));
    add(d, (struct paper_block){.type = PAPER_RESERVED, .words = paper_words(d->mem, words(d->lang, W("paper.form.reserved"))), .room_n = 2});
}

/* How the service answers and the dossier is followed: what the start of the form asks online. */
static void contact(struct drawing *d)
{
    heading(d, 2, words(d->lang, W("paper.form.contact")));
    add(d, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(d->mem, words(d->lang, W("paper.form.mail"))), .help = words(d->lang, W("paper.form.mail_help")), .room = ROOM_LINES, .room_n = 1});
    add(d, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(d->mem, words(d->lang, W("paper.form.birth"))), .room = ROOM_BOXES, .boxes = words(d->lang, W("paper.form.date_boxes"))});
    add(d, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(d->mem, words(d->lang, W("paper.form.post"))), .room = ROOM_LINES, .room_n = 3});
}

static void documents(struct drawing *d)
{
    struct paper_block b = {.type = PAPER_BULLETS};
    if (!d->documents.n) return;
    heading(d, 2, words(d->lang, W("paper.form.documents")));
    for (size_t i = 0; i < d->documents.n; i++) PUSH(d->mem, &b.rows, cell(d, d->documents.v[i]));
    add(d, b);
}

static void sign(struct drawing *d)
{
    heading(d, 2, words(d->lang, W("paper.form.sign")));
    add(d, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(d->mem, words(d->lang, W("paper.form.date"))), .required = true, .room = ROOM_BOXES, .boxes = words(d->lang, W("paper.form.date_boxes"))});
    add(d, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(d->mem, words(d->lang, W("paper.form.signature"))), .required = true, .room = ROOM_LINES, .room_n = 3});
}

/* GDPR, article 13. */
static void personal(struct drawing *d)
{
    static const struct { const char *path, *key; } said[] = {
        {"personal_data.purpose", W("filling.personal.purpose")}, {"personal_data.legal_basis", W("filling.personal.basis")}, {"personal_data.recipients", W("filling.personal.recipients")},
        {"personal_data.retention", W("filling.personal.retention")}};
    struct paper_block b = {.type = PAPER_FACTS};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) fact(d, &b.rows, said[i].key, kind_setting_text(d->f->kind, d->f->tenant, d->f->body, said[i].path, d->lang));
    if (!b.rows.n) return;
    str contact_given = kind_setting_text(d->f->kind, d->f->tenant, d->f->body, "personal_data.contact", d->lang), to = contact_given.n ? contact_given : d->receipt.mail;
    str rights = str_fmt(d->mem, "%.*s %.*s", STR_ARG(words(d->lang, W("filling.personal.ask"))), STR_ARG(to));
    fact(d, &b.rows, W("filling.personal.rights"), rights);
    heading(d, 2, words(d->lang, W("filling.personal_data_title")));
    add(d, b);
}

str form_edition(arena *mem, enum lang lang, int64_t number, int64_t revision)
{
    return words_fill(mem, lang, W("paper.form.edition_short"), "number", str_fmt(mem, "%lld", (long long)number), "revision", str_fmt(mem, "%lld", (long long)revision), NULL);
}

err form_paper(arena *mem, const struct form_paper *f, struct paper *out)
{
    struct drawing d = {.mem = mem, .f = f, .out = out, .lang = f->env->lang};
    struct record none = {.body = f->body, .kind = f->kind->name};
    *out = (struct paper){.lang = d.lang, .title = text_in(&f->kind->title, d.lang), .made_us = f->published_us};
    TRY(receipt_of(mem, f->tenant, f->kind, &none, d.lang, &d.receipt));
    head(&d);
    struct form_pages pages = kind_pages(mem, f->kind);
    for (size_t i = 0; i < pages.n; i++) {
        if (pages.n > 1) heading(&d, 2, text_in(&pages.v[i].title, d.lang));
        for (size_t j = pages.v[i].from; j < pages.v[i].to; j++) field(&d, &f->kind->fields.v[j]);
    }
    contact(&d);
    documents(&d);
    sign(&d);
    personal(&d);
    PUSH(mem, &out->foot, words_fill(mem, d.lang, W("paper.form.edition"), "edition", form_edition(mem, d.lang, f->number, f->revision), NULL));
    return NO_ERR;
}
