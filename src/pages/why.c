/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "pages/why.h"

#include "base/said.h"
#include "formats/json.h"
#include "gen/html/pages/why.html.h"
#include "rules/engine.h"
#include "view/why.h"

struct names { struct req *q; const struct kind *k; struct why_names own; };

static str title_of(void *arg, str rule)
{
    const struct names *n = arg;
    str title = result_rule_title(n->q->mem, n->q->lang, n->k, rule);
    return title.n || !n->own.title ? title : n->own.title(n->own.arg, rule);
}

static str value_of(void *arg, str rule, str value)
{
    const struct names *n = arg;
    return result_value_title(n->q->lang, n->k, rule, value);
}

static json_t *definition_of(void *arg, str rule)
{
    const struct names *n = arg;
    return n->own.definition && !kind_field_named(n->k, rule) ? n->own.definition(n->own.arg, rule) : NULL;
}

struct why_names why_names_of_kind(struct req *q, const struct kind *k)
{
    struct names *mine = NEW(q->mem, struct names);
    *mine = (struct names){q, k, why_names_of(kind_rulebase(k))};
    return (struct why_names){.arg = mine, .title = title_of, .value = value_of, .definition = definition_of};
}

static err results_here(struct req *q, const struct held *h, struct results *out)
{
    return h->is_draft ? results_of_answers(q->mem, h->kind, h->draft.doc, &h->env, out) : results_kept(q->db, q->mem, h->record.id, out);
}

static str key_of(const struct result *r) { return r->path.n ? r->path : r->name; }

static err result_asked(struct req *q, const struct held *h, const struct result **out)
{
    struct results all;
    str key = query(q, "de");
    TRY(results_here(q, h, &all));
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(key_of(&all.v[i]), key)) return *out = &all.v[i], NO_ERR;
    return FAIL(E_NOT_FOUND, W("why.unknown"));
}

static struct url at(struct req *q, const struct held *h, bool at_desk, str key)
{
    return at_desk ? URL(q->mem, "/agents/dossiers/{}/pourquoi?de={}", h->reference, key) : URL(q->mem, "/dossiers/{}/pourquoi?de={}", h->reference, key);
}

struct url why_url(struct req *q, const struct held *h, bool at_desk, const struct answer_line *l)
{
    return l->field && l->field->computed ? at(q, h, at_desk, l->path) : (struct url){0};
}

/* What is still asked, by its labels. */
static str missing_words_of(struct req *q, const struct kind *k, const json_t *trace)
{
    const json_t *missing = json_object_get(trace, "missing");
    struct strs out = {0};
    for (size_t i = 0; i < json_array_size(missing); i++) {
        str name = json_text(json_array_get(missing, i)), title = result_rule_title(q->mem, q->lang, k, name);
        PUSH(q->mem, &out, said_within(q->mem, title.n ? title : said_in(name, LANG_FR), q->lang));
    }
    return out.n ? str_join(q->mem, out, S(", ")) : STR_NONE;
}

static bool decides(struct req *q, const struct kind *k, str rule)
{
    struct rule_uses uses = rule_uses(q->mem, k);
    for (size_t i = 0; i < uses.n; i++)
        if (uses.v[i].role == RULE_ROLE_DECISION && str_eq(rulebase_rule_name(kind_rulebase(k), uses.v[i].rule->rule), rule)) return true;
    return false;
}

static err one_fill(struct req *q, const struct held *h, bool at_desk, const struct why_names *names, struct page_why *p)
{
    const struct result *r = NULL;
    TRY(result_asked(q, h, &r));
    p->title = result_rule_title(q->mem, q->lang, h->kind, r->name);
    p->tree = why_html(q->mem, q->lang, r->trace, names, &(struct why_options){.heading = 2});
    p->missing = missing_words_of(q, h->kind, r->trace);
    p->all = at_desk ? URL(q->mem, "/agents/dossiers/{}/pourquoi", h->reference) : URL(q->mem, "/dossiers/{}/pourquoi", h->reference);
    p->json = at_desk ? URL(q->mem, "/agents/dossiers/{}/pourquoi.json?de={}", h->reference, key_of(r)) : URL(q->mem, "/dossiers/{}/pourquoi.json?de={}", h->reference, key_of(r));
    p->is_open = !json_object_get(r->trace, "value");
    p->at_us = r->at_us;
    p->revision = r->revision ? r->revision : h->kind->revision;
    p->is_decision = decides(q, h->kind, r->name);
    return NO_ERR;
}

err why_page(struct req *q, const struct held *h, bool at_desk, struct page_why *p)
{
    if (!h->kind->fields.rules) return FAIL(E_NOT_FOUND, W("why.unknown"));
    struct why_names names = why_names_of_kind(q, h->kind);
    struct results all;
    p->kind_title = text_in(&h->kind->title, q->lang);
    p->is_draft = h->is_draft;
    p->back = at_desk ? URL(q->mem, "/agents/dossiers/{}", h->reference) : h->is_draft ? URL(q->mem, "/dossiers/{}/verifier", h->reference) : URL(q->mem, "/dossiers/{}", h->reference);
    p->back_label = words_fill(q->mem, q->lang, W("letters.back"), "reference", h->reference, NULL);
    p->l.no_index = true;
    if (query(q, "de").n) {
        TRY(one_fill(q, h, at_desk, &names, p));
    } else {
        TRY(results_here(q, h, &all));
        for (size_t i = 0; i < all.n; i++)
            PUSH(q->mem, &p->lines, (struct why_line){.title = result_rule_title(q->mem, q->lang, h->kind, all.v[i].name),
                                                      .sentence = why_sentence_marked(q->mem, q->lang, all.v[i].trace, &names), .at = at(q, h, at_desk, key_of(&all.v[i]))});
    }
    reply_private(q);
    return page_why(q, p);
}

err why_json(struct req *q, const struct held *h)
{
    const struct result *r = NULL;
    TRY(result_asked(q, h, &r));
    reply_private(q);
    buf *b = reply_buf(q, 200, "application/json");
    buf_put(b, json_canonical(q->mem, r->trace));
    return NO_ERR;
}

static err get_why(struct req *q)
{
    struct held h;
    struct page_why p = {0};
    TRY(held_get(q, &h));
    return why_page(q, &h, false, &p);
}

static err get_json(struct req *q)
{
    struct held h;
    TRY(held_get(q, &h));
    return why_json(q, &h);
}

const struct route why_routes[] = {
    {GET, "/dossiers/:ref/pourquoi", RIGHT_HOLDER, get_why, "why the results of a dossier are what they are", 0, NULL, NULL},
    {GET, "/dossiers/:ref/pourquoi.json", RIGHT_HOLDER, get_json, "the same, for a program: the trace", 0, NULL, NULL},
    {0}};
