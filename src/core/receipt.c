/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/receipt.h"

#include "base/quantity.h"
#include "base/said.h"

static str text_of(const json_t *j, enum lang lang)
{
    static const char *const codes[] = {[LANG_FR] = "fr", [LANG_EN] = "en"};
    const json_t *in = json_object_get(j, codes[lang]);
    if (in && lang != LANG_FR) return str_of(json_string_value(in));
    return said_in(str_of(json_string_value(json_is_string(j) ? j : json_object_get(j, "fr"))), LANG_FR);
}

str kind_setting_text(const struct kind *k, const struct tenant *t, int64_t body, const char *path, enum lang lang)
{
    return text_of(kind_setting(k, t, body, path), lang);
}

struct strs kind_setting_list(const struct kind *k, const struct tenant *t, int64_t body, const char *path, enum lang lang, arena *mem)
{
    struct strs out = {0};
    const json_t *list = kind_setting(k, t, body, path);
    if (!json_is_array(list)) {
        str one = text_of(list, lang);
        if (one.n) PUSH(mem, &out, one);
        return out;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        str one = text_of(json_array_get(list, i), lang);
        if (one.n) PUSH(mem, &out, one);
    }
    return out;
}

static const char *silence_key(enum silence s, bool dated)
{
    switch (s) {
    case SILENCE_ACCEPTANCE: return dated ? W("receipt.accepts_on") : W("receipt.accepts_after");
    case SILENCE_REJECTION: return dated ? W("receipt.rejects_on") : W("receipt.rejects_after");
    default: return W("receipt.no_silence");
    }
}

static str span_said(arena *mem, enum lang lang, str text)
{
    struct span s;
    return span_parse(text, &s).code == OK ? quantity_span(mem, lang, s) : text;
}

/* Missing items were asked for: the period stands still, by a rule of its own for each meaning of silence (CRPA L114-5). */
static str suspended_words(arena *mem, const struct tenant *t, const struct record *r, enum lang lang, const struct receipt *x, str after)
{
    str said = words(lang, W("receipt.suspended"));
    str date = r->due_us ? words_date_us(mem, lang, r->due_us, t->zone) : STR_NONE;
    str then = x->silence == SILENCE_ACCEPTANCE ? words_fill(mem, lang, W("receipt.suspended_accepts"), "after", after, "article", x->article, NULL)
               : !date.n                        ? STR_NONE
                                                : words_fill(mem, lang, W("receipt.suspended_rejects"), "date", date, "article", x->article, NULL);
    return then.n ? str_fmt(mem, "%.*s %.*s", STR_ARG(said), STR_ARG(then)) : said;
}

/* The period is over and nobody answered: what that gave, and what may be asked for (CRPA L232-3, L232-4). */
static str silent_end(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, enum lang lang, const struct receipt *x)
{
    for (size_t i = 0; i < k->transitions.n; i++) {
        const struct transition *tr = &k->transitions.v[i];
        if (tr->by != BY_SYSTEM || !str_is(tr->after_setting, "silence.after") || !str_eq(tr->to, r->state)) continue;
        return words_fill(mem, lang, x->silence == SILENCE_ACCEPTANCE ? W("receipt.accepted_silently") : W("receipt.rejected_silently"), "date",
                          words_date_us(mem, lang, r->entered_us, t->zone), "article", x->article, NULL);
    }
    return STR_NONE;                    /* decided: silence means nothing more */
}

static str silence_said(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, enum lang lang, const struct receipt *x)
{
    const struct state *s = r->state.n ? kind_state(k, r->state) : NULL;
    str span = kind_setting_str(k, t, r->body, "silence.after"), after = span_said(mem, lang, span.n ? span : S("2 months"));
    if (s && s->is_final) return silent_end(mem, t, k, r, lang, x);
    if (r->suspended_us) return suspended_words(mem, t, r, lang, x, after);
    if (r->silence_us) return words_fill(mem, lang, silence_key(x->silence, true), "date", words_date_us(mem, lang, r->silence_us, t->zone), "article", x->article, NULL);
    if (!x->silence && !x->article.n) return STR_NONE;          /* a report: nothing to say of silence */
    return words_fill(mem, lang, silence_key(x->silence, false), "after", after, "article", x->article, NULL);
}

err receipt_of(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, enum lang lang, struct receipt *out)
{
    int64_t b = r->body;
    *out = (struct receipt){.received_us = r->created_us, .silence_us = r->silence_us};
    out->service = kind_setting_text(k, t, b, "service.name", lang);
    out->postal_address = kind_setting_str(k, t, b, "service.postal_address");
    out->mail = kind_setting_str(k, t, b, "service.mail");
    out->phone = kind_setting_str(k, t, b, "service.phone");
    out->hours = kind_setting_text(k, t, b, "service.hours", lang);
    str means = kind_setting_str(k, t, b, "silence.means");
    out->silence = str_is(means, "acceptance") ? SILENCE_ACCEPTANCE : str_is(means, "rejection") ? SILENCE_REJECTION : SILENCE_NONE;
    out->article = kind_setting_text(k, t, b, "silence.article", lang);
    if (r->created_us) out->received_words = words_date_us(mem, lang, r->created_us, t->zone);
    if (means.n) out->silence_words = silence_said(mem, t, k, r, lang, out);
    out->appeal = kind_setting_text(k, t, b, "appeal.text", lang);
    if (!out->appeal.n) out->appeal = words(lang, W("receipt.appeal"));         /* a decision is never shown without (CJA R421-5) */
    return NO_ERR;
}

str receipt_text(arena *mem, const struct tenant *t, const struct kind *k, const struct record *r, const struct receipt *x, str code, str link, enum lang lang)
{
    buf b = BUF(1 << 20);
    buf_put(&b, words_fill(mem, lang, W("receipt.mail"), "kind", text_in(&k->title, lang), "date", x->received_words, "reference", r->reference, NULL));
    if (code.n) buf_put(&b, words_fill(mem, lang, W("receipt.mail_code"), "code", code, NULL));
    if (link.n) buf_put(&b, words_fill(mem, lang, W("receipt.mail_link"), "link", link, NULL));
    const str service[] = {words(lang, W("receipt.mail_service")), x->service, x->postal_address, x->mail, x->phone};
    buf_char(&b, '\n');
    for (size_t i = 0; i < sizeof service / sizeof *service; i++)
        if (service[i].n) buf_fmt(&b, "%.*s\n", STR_ARG(service[i]));
    if (x->silence_words.n) buf_fmt(&b, "\n%.*s\n", STR_ARG(x->silence_words));
    if (x->silence == SILENCE_REJECTION && x->appeal.n) buf_fmt(&b, "\n%.*s\n", STR_ARG(x->appeal));
    buf_fmt(&b, "\n%.*s\n", STR_ARG(t->name));
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}
