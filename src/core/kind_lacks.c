/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the law, or good sense, wants said before people are asked anything. */
#include <string.h>

#include "core/account.h"
#include "core/kinds.h"
#include "core/letter_template.h"
#include "core/rule_check.h"
#include "core/value_list.h"

struct lacking {
    db *d;
    arena *mem;
    const struct tenant *tenant;
    const struct kind *k;
    int64_t body;
    struct lacks *out;
    const char *path;           /* of what is looked at */
    str field;
};

static void lack(struct lacking *l, const char *msg, str arg) { PUSH(l->mem, l->out, (struct lack){msg, arg, l->path, l->field}); }

static void lack_of(struct lacking *l, const char *path, const char *msg)
{
    l->path = path;
    lack(l, msg, STR_NONE);
}

static void needs(struct lacking *l, const char *path, const char *msg)
{
    const json_t *v = kind_setting(l->k, l->tenant, l->body, path);
    bool filled = v && (json_is_array(v) || json_is_object(v) ? json_object_size(v) || json_array_size(v) : json_string_length(v) > 0);
    for (size_t i = 0; i < l->out->n; i++)
        if (l->out->v[i].path && strcmp(l->out->v[i].path, path) == 0) return;          /* said already, of the receipt */
    if (!filled) lack_of(l, path, msg);
}

static bool may_happen(const struct lacking *l, const struct transition *t)
{
    return !t->if_setting.n || str_eq(kind_setting_str(l->k, l->tenant, l->body, str_z(l->mem, t->if_setting)), t->if_value);
}

/* What every letter carries (letter_parts), for the letters that this kind sends. */
static void letters_lack(struct lacking *l)
{
    for (size_t i = 0; i < l->k->transitions.n; i++) {
        const struct transition *t = &l->k->transitions.v[i];
        const struct letter *letter = transition_letter(l->k, t);
        if (!letter || !may_happen(l, t)) continue;
        for (const struct letter_part *p = letter_parts; p->name; p++)
            for (size_t n = 0; p->needs && p->needs[n] && (!p->applies || p->applies(l->k, t, letter)); n++) needs(l, p->needs[n], p->lack);
    }
}

/* A rule that sends records to a team that is not there would leave them to another. */
static err routing_lacks(struct lacking *l)
{
    l->path = "routing";
    for (size_t i = 0; i < l->k->routing.n; i++) {
        int64_t team;
        err e = team_named(l->d, l->mem, l->k->routing.v[i].team, l->body, &team);
        if (e.code == E_NOT_FOUND) lack(l, W("kind.lack.routing_team"), l->k->routing.v[i].team);
        else TRY(e);
    }
    return NO_ERR;
}

/* A rule that is wrong whatever people answer: nobody is given its result. What is only doubtful is shown beside the rules. */
static void rules_lack(struct lacking *l)
{
    struct kind_findings found;
    kind_rules_check(l->mem, l->k->definition, LANG_FR, &found);
    l->path = "rules";
    for (size_t i = 0; i < found.n; i++) {
        if (!found.v[i].is_error) continue;
        l->field = found.v[i].field;
        lack(l, W("kind.lack.rule"), kind_finding_said(l->mem, LANG_FR, &found.v[i]));
    }
    l->field = STR_NONE;
}

/* CRPA R112-5: the receipt of what silence accepts promises an attestation (L232-3). */
static void attestation_lacks(struct lacking *l)
{
    for (size_t i = 0; i < l->k->transitions.n; i++)
        if (transition_attests(l->k, &l->k->transitions.v[i])) return;
    lack_of(l, "transitions", W("kind.lack.attestation"));
}

/* CRPA R112-5: what a receipt names. */
static void service_lacks(struct lacking *l)
{
    needs(l, "service.name", W("kind.lack.service"));
    needs(l, "service.postal_address", W("kind.lack.postal_address"));
    needs(l, "service.mail", W("kind.lack.mail"));
    needs(l, "service.phone", W("kind.lack.phone"));
}

/* CRPA L231-1, L231-4, R112-5. */
static void silence_lacks(struct lacking *l)
{
    str means = kind_setting_str(l->k, l->tenant, l->body, "silence.means"), after = kind_setting_str(l->k, l->tenant, l->body, "silence.after");
    bool none = str_is(means, "none"), rejects = str_is(means, "rejection");
    struct span span;
    if (!none && !rejects && !str_is(means, "acceptance")) {
        lack_of(l, "silence.means", W("kind.lack.silence"));
        return;
    }
    needs(l, "silence.article", W("kind.lack.silence_article"));
    if (!none && (span_parse(after, &span).code != OK || span.count <= 0)) lack_of(l, "silence.after", W("kind.lack.silence_after"));
    if (rejects) needs(l, "appeal.text", W("kind.lack.appeal"));
    if (str_is(means, "acceptance")) attestation_lacks(l);
}

static err list_there(struct lacking *l, const struct field *f)
{
    struct options options;
    if (str_starts(f->list, S("@")) || list_yaml_shipped(str_z(l->mem, f->list))) return NO_ERR;
    err e = list_search(l->d, l->mem, f->list, S(""), 1, &options);
    if (e.code == E_NOT_FOUND) {
        lack(l, W("kind.lack.list"), f->list);
        return NO_ERR;
    }
    return e;
}

static err field_lacks(struct lacking *l, const struct field *f)
{
    l->field = f->id;
    bool has_option = f->other || f->list.n;
    for (size_t i = 0; i < f->options.n; i++) has_option |= !f->options.v[i].retired;
    bool is_choice = strcmp(f->type->name, "choice") == 0 || strcmp(f->type->name, "choices") == 0 || strcmp(f->type->name, "linked_choice") == 0;
    if (is_choice && f->required && !has_option) lack(l, W("kind.lack.options"), f->label.v[LANG_FR]);
    if (f->list.n && f->type->has_options) TRY(list_there(l, f));
    if (strcmp(f->type->name, "repeat") == 0 && f->required && !f->children.n) lack(l, W("kind.lack.rows"), f->label.v[LANG_FR]);
    if (f->pattern.n && !f->example.n) lack(l, W("kind.lack.example"), f->label.v[LANG_FR]);
    for (size_t i = 0; i < f->children.n; i++) TRY(field_lacks(l, &f->children.v[i]));
    return NO_ERR;
}

/* What is not filed here asks for no regime of silence and no notice: who, by what right, and the service that answers without a screen. */
static void entry_lacks(struct lacking *l, enum offer offer)
{
    needs(l, "audience", W("kind.lack.audience"));
    if (offer != OFFER_INFORMATION) needs(l, "legal_basis", W("kind.lack.legal_basis"));
    needs(l, "service.name", W("kind.lack.service"));
    needs(l, "service.postal_address", W("kind.lack.postal_address"));
    needs(l, "service.phone", W("kind.lack.phone"));
    if (offer != OFFER_ELSEWHERE) return;
    needs(l, "online.operator", W("kind.lack.operator"));
    if (!address_https(kind_setting_str(l->k, NULL, 0, "online.url"))) lack_of(l, "online.url", W("kind.lack.online_url"));
}

/* Of every entry: what is there must be right. */
static void presented_lacks(struct lacking *l)
{
    str theme = kind_setting_str(l->k, NULL, 0, "theme"), source = kind_setting_str(l->k, NULL, 0, "source");
    const json_t *sheets = kind_setting(l->k, NULL, 0, "sheets");
    if (theme.n && !theme_named(theme)) lack_of(l, "theme", W("kind.lack.theme"));
    if (source.n && !address_https(source)) lack_of(l, "source", W("kind.lack.source"));
    if (json_array_size(sheets) != kind_sheets(l->k, l->mem).n) lack_of(l, "sheets", W("kind.lack.sheets"));
}

/* A page of the form with nothing to answer nor to read. One that came with an imported form is its author's, and is not shown. */
static void pages_lack(struct lacking *l)
{
    const struct field *heading = NULL;
    bool empty = true;
    for (size_t i = 0; i <= l->k->fields.n; i++) {
        const struct field *f = i < l->k->fields.n ? &l->k->fields.v[i] : NULL;
        if (f && f->is_private) continue;
        bool is_heading = f && strcmp(f->type->name, "heading") == 0;
        if (f && !(is_heading && f->level == 1)) {
            empty &= is_heading;
            continue;
        }
        l->field = heading ? heading->id : STR_NONE;
        if (heading && empty) lack(l, W("kind.lack.page"), heading->label.v[LANG_FR]);
        heading = f;
        empty = true;
    }
    l->field = STR_NONE;
}

err kind_lacks(db *d, const struct tenant *t, arena *mem, const struct kind *k, const struct kind_row *row, struct lacks *out)
{
    struct lacking l = {.d = d, .mem = mem, .tenant = t, .k = k, .body = row->body, .out = out};
    size_t asked = 0;
    *out = (struct lacks){0};
    for (size_t i = 0; i < k->fields.n; i++) asked += k->fields.v[i].type->holds_value && !k->fields.v[i].is_private;
    if (!str_trim(k->title.v[LANG_FR]).n) lack_of(&l, "title", W("kind.lack.title"));
    if (t && t->bodies.n && !row->body) lack_of(&l, "body", W("kind.lack.body"));
    presented_lacks(&l);
    if (kind_offer(k) != OFFER_HERE) {
        entry_lacks(&l, kind_offer(k));
        return NO_ERR;
    }
    if (!asked) lack_of(&l, "fields", W("kind.lack.fields"));
    service_lacks(&l);
    silence_lacks(&l);
    needs(&l, "legal_basis", W("kind.lack.legal_basis"));
    needs(&l, "personal_data.purpose", W("kind.lack.personal_data_purpose"));
    if (!k->foreign) needs(&l, "personal_data.legal_basis", W("kind.lack.personal_data_basis"));         /* an import only names them as remaining */
    if (!k->foreign) needs(&l, "personal_data.recipients", W("kind.lack.personal_data_recipients"));
    needs(&l, "personal_data.retention", W("kind.lack.personal_data_retention"));
    letters_lack(&l);
    TRY(routing_lacks(&l));
    rules_lack(&l);
    l.path = NULL;
    if (asked && !k->foreign) pages_lack(&l);
    for (size_t i = 0; i < k->fields.n; i++) TRY(field_lacks(&l, &k->fields.v[i]));
    return NO_ERR;
}

str lack_words(arena *mem, enum lang lang, const struct lack *l) { return words_fill(mem, lang, l->msg, "arg", l->arg, NULL); }
