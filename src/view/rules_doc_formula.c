/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rules_doc_formula.c — how a rule is calculated, for a reader: its mechanisms as nested lists, its bands as a table. */
#include <stdio.h>
#include <string.h>
#include "base/said.h"
#include "view/rules_doc_inside.h"

bool doc_describes(const char *key)
{
    static const char *const keys[] = {"titre", "question", "description", "note", "exemples", "acronyme", "avec", "experimental", "identifiant court", "meta",
                                       "synonymes", "alias", "suggestions", "titre global", "privé", "résumé",        /* house: keys of the language */
                                       "références", "icônes", "métadonnées", "sévérité"};                             /* house: keys of the language */
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0) return true;
    return false;
}

static bool is_edge(str s, size_t at) { return at == 0 || at >= s.n || s.p[at] == ' ' || s.p[at] == '(' || s.p[at] == ')' || s.p[at] == '\n' || s.p[at] == '{' || s.p[at] == '}'; }

/* The longest name that stands at that place; NULL: none. */
static const struct named_reading *name_at(struct doc *d, str s, size_t at)
{
    const struct named_reading *best = NULL;
    if (at && !is_edge(s, at - 1)) return NULL;
    for (size_t i = 0; i < d->reads.n; i++) {
        const struct named_reading *r = &d->reads.v[i];
        if ((best && r->written.n <= best->written.n) || !str_starts(str_cut(s, at, s.n), r->written)) continue;
        if (is_edge(s, at + r->written.n)) best = r;
    }
    return best;
}

static void expression(struct doc *d, str s)
{
    size_t from = 0;
    for (size_t at = 0; at < s.n;) {
        const struct named_reading *r = name_at(d, s, at);
        if (!r) {
            at++;
            continue;
        }
        buf_html(d->out, str_cut(s, from, at));
        doc_link(d, r->rule, r->written);
        from = at += r->written.n;
    }
    buf_html(d->out, str_cut(s, from, s.n));
}

static bool is_simple(const json_t *v) { return !json_is_object(v) && !json_is_array(v); }

static void simple(struct doc *d, const json_t *v)
{
    if (json_is_string(v)) expression(d, json_text(v));
    else buf_put(d->out, json_canonical(d->mem, v));
}

/* Bands whose members are all simple. */
static bool is_table(const json_t *bands)
{
    size_t i;
    json_t *band, *v;
    const char *key;
    json_array_foreach(bands, i, band) {
        if (!json_is_object(band)) return false;
        json_object_foreach(band, key, v) if (!is_simple(v)) return false;
    }
    return json_array_size(bands) > 0;
}

static void table(struct doc *d, const json_t *bands)
{
    static const char *const columns[] = {"plafond", "taux", "montant"};
    bool has[3] = {false};
    size_t i;
    json_t *band;
    json_array_foreach(bands, i, band) for (int k = 0; k < 3; k++) has[k] |= json_object_get(band, columns[k]) != NULL;
    buf_lit(d->out, "<div class=\"table-wrap\" tabindex=\"0\"><table><thead><tr>");
    for (int k = 0; k < 3; k++)
        if (has[k]) buf_fmt(d->out, "<th scope=\"col\">%s</th>", columns[k]);
    buf_lit(d->out, "</tr></thead><tbody>");
    json_array_foreach(bands, i, band) {
        buf_lit(d->out, "<tr>");
        for (int k = 0; k < 3; k++) {
            const json_t *v = json_object_get(band, columns[k]);
            if (!has[k]) continue;
            buf_lit(d->out, "<td>");
            if (v) simple(d, v);
            else buf_words(d->out, d->lang, W("doc.no_ceiling"), NULL);
            buf_lit(d->out, "</td>");
        }
        buf_lit(d->out, "</tr>");
    }
    buf_lit(d->out, "</tbody></table></div>");
}

static void member(struct doc *d, const char *tag, const char *key, const json_t *v)
{
    buf_fmt(d->out, "<%s><strong>", tag);
    buf_html(d->out, str_of(key));
    buf_lit(d->out, "</strong>");
    if (is_simple(v)) buf_lit(d->out, "\u00a0: ");
    doc_formula(d, v);
    buf_fmt(d->out, "</%s>", tag);
}

void doc_formula(struct doc *d, const json_t *v)
{
    const char *key;
    size_t i;
    json_t *one;
    if (is_simple(v)) {
        simple(d, v);
        return;
    }
    if (is_table(v) && (json_object_get(json_array_get(v, 0), "taux") || json_object_get(json_array_get(v, 0), "montant"))) {
        table(d, v);
        return;
    }
    if (!json_array_size(v) && !json_object_size(v)) return;
    buf_lit(d->out, "<ul class=\"formula\">");
    json_array_foreach(v, i, one) {
        buf_lit(d->out, "<li>");
        json_t *each;
        if (json_is_object(one)) json_object_foreach(one, key, each) member(d, "div", key, each);
        else doc_formula(d, one);
        buf_lit(d->out, "</li>");
    }
    json_object_foreach((json_t *)(uintptr_t)v, key, one) member(d, "li", key, one);
    buf_lit(d->out, "</ul>");
}
