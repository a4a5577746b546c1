/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/offer.h"

#include "formats/json.h"

#define SHEETS_MOST 20

static const struct { const char *name, *words, *hint; } offers[OFFER_N] = {
    [OFFER_HERE] = {"here", W("offer.here"), W("offer.here_hint")},
    [OFFER_ELSEWHERE] = {"elsewhere", W("offer.elsewhere"), W("offer.elsewhere_hint")},
    [OFFER_COUNTER] = {"counter", W("offer.counter"), W("offer.counter_hint")},
    [OFFER_INFORMATION] = {"information", W("offer.information"), W("offer.information_hint")}};

const struct theme themes[] = {
    {"civil", W("theme.civil")}, {"citizen", W("theme.citizen")}, {"family", W("theme.family")}, {"social", W("theme.social")},
    {"housing", W("theme.housing")}, {"roads", W("theme.roads")}, {"associations", W("theme.associations")}, {"living", W("theme.living")},
    {"business", W("theme.business")}, {"town", W("theme.town")}, {0}};

const char *offer_name(enum offer o) { return offers[o].name; }
const char *offer_words(enum offer o) { return offers[o].words; }
const char *offer_hint(enum offer o) { return offers[o].hint; }

bool offer_named(str name, enum offer *out)
{
    *out = OFFER_HERE;
    if (!name.n) return true;
    for (int i = 0; i < OFFER_N; i++) {
        if (!str_is(name, offers[i].name)) continue;
        *out = (enum offer)i;
        return true;
    }
    return false;
}

enum offer kind_offer(const struct kind *k)
{
    enum offer o;
    offer_named(json_str(k->settings, "offer"), &o);
    return o;
}

const struct theme *theme_named(str name)
{
    for (const struct theme *t = themes; t->name; t++)
        if (str_is(name, t->name)) return t;
    return NULL;
}

bool address_https(str s)
{
    str rest = str_cut(s, 8, s.n), host = str_split(rest, '/', &rest);
    if (!str_starts(s, S("https://")) || s.n > 1000) return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '<' || c == '>' || c == '\\' || c == '`') return false;
    }
    ptrdiff_t dot = str_find_char(host, '.');
    return dot > 0 && (size_t)dot + 1 < host.n && str_find_char(host, '@') < 0;
}

bool sheet_id(str s)
{
    if (s.n < 2 || s.n > 12 || (s.p[0] != 'F' && s.p[0] != 'N')) return false;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

struct strs kind_sheets(const struct kind *k, arena *mem)
{
    struct strs out = {0};
    const json_t *list = json_object_get(k->settings, "sheets");
    for (size_t i = 0; i < json_array_size(list) && out.n < SHEETS_MOST; i++) {
        str id = json_text(json_array_get(list, i));
        bool twice = false;
        for (size_t j = 0; j < out.n; j++) twice |= str_eq(out.v[j], id);
        if (sheet_id(id) && !twice) PUSH(mem, &out, id);
    }
    return out;
}
