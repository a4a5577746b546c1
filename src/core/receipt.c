/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/receipt.h"

static str text_of(const json_t *j, enum lang lang)
{
    static const char *const codes[] = {[LANG_FR] = "fr", [LANG_EN] = "en"};
    if (json_is_string(j)) return str_of(json_string_value(j));
    const json_t *in = json_object_get(j, codes[lang]);
    return str_of(json_string_value(in ? in : json_object_get(j, "fr")));
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

static str span_words(arena *mem, enum lang lang, str text)
{
    struct span s;
    if (span_parse(text, &s).code != OK) return text;
    static const char *const keys[] = {[SPAN_DAYS] = W("receipt.days"), [SPAN_WORKING_DAYS] = W("receipt.working_days"),
                                       [SPAN_WEEKS] = W("receipt.weeks"), [SPAN_MONTHS] = W("receipt.months")};
    return words_count(mem, lang, keys[s.unit], s.count);
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
    if (r->silence_us) {
        out->silence_words = words_fill(mem, lang, silence_key(out->silence, true), "date", words_date_us(mem, lang, r->silence_us, t->zone), "article", out->article, NULL);
    } else if (means.n && (out->silence || out->article.n)) {         /* a report: nothing to say of silence */
        str after = span_words(mem, lang, kind_setting_str(k, t, b, "silence.after"));
        out->silence_words = words_fill(mem, lang, silence_key(out->silence, false), "after", after, "article", out->article, NULL);
    }
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
    buf_put(&b, words_fill(mem, lang, W("receipt.mail_service"), "service", x->service, "address", x->postal_address, "mail", x->mail, "phone", x->phone, NULL));
    if (x->silence_words.n) buf_fmt(&b, "\n%.*s\n", STR_ARG(x->silence_words));
    if (x->silence == SILENCE_REJECTION && x->appeal.n) buf_fmt(&b, "\n%.*s\n", STR_ARG(x->appeal));
    buf_fmt(&b, "\n%.*s\n", STR_ARG(t->name));
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}
