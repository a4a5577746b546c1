/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A paper read from JSON that somebody else wrote: it crosses into the process that draws it. Whatever is not known is refused. */
#include <string.h>
#include "formats/paper_names.h"

#define TEXT_MOST (64u << 10)
#define LINES_MOST 40

struct reader { arena *mem; err e; };

static void fault(struct reader *r, const char *at)
{
    if (r->e.code == OK) r->e = FAIL_AT(E_MALFORMED, W("formats.paper.malformed"), str_z(r->mem, str_of(at)));
}

bool paper_address_ok(str to)
{
    static const char *const schemes[] = {"https://", "http://", "mailto:", "tel:"};
    bool known = false;
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) known |= str_starts(to, str_of(schemes[i])) && to.n > strlen(schemes[i]);
    for (size_t i = 0; i < to.n; i++) known = known && (unsigned char)to.p[i] > ' ' && to.p[i] != 0x7f && to.p[i] != '\'' && to.p[i] != '\\' && to.p[i] != '"';
    return known && to.n <= 2000;
}

static bool words_ok(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f) return false;
    return s.n <= TEXT_MOST;
}

static bool color_ok(str s)
{
    bool ok = s.n == 7 && s.p[0] == '#';
    for (size_t i = 1; ok && i < 7; i++) ok = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f') || (s.p[i] >= 'A' && s.p[i] <= 'F');
    return ok;
}

/* No member but these (ended by NULL). */
static const json_t *object(struct reader *r, const json_t *o, const char *at, const char *const *members)
{
    const char *key;
    json_t *v;
    if (!json_is_object(o)) {
        fault(r, at);
        return NULL;
    }
    json_object_foreach((json_t *)(uintptr_t)o, key, v)
    {
        const char *const *m = members;
        while (*m && strcmp(*m, key) != 0) m++;
        if (!*m) fault(r, at);
    }
    return o;
}

static str text(struct reader *r, const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    str s = json_text(v);
    if (v && (!json_is_string(v) || !words_ok(s))) fault(r, key);
    return s.n ? str_copy(r->mem, s) : STR_NONE;
}

static bool flag(struct reader *r, const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    if (v && !json_is_boolean(v)) fault(r, key);
    return json_is_true(v);
}

static size_t one_of(struct reader *r, const json_t *o, const char *key, const char *const *names, size_t n)
{
    str s = json_str(o, key);
    for (size_t i = 0; i < n; i++)
        if (str_is(s, names[i])) return i;
    fault(r, key);
    return 0;
}

static const json_t *array(struct reader *r, const json_t *v, const char *at, size_t most)
{
    if (v && (!json_is_array(v) || json_array_size(v) > most)) fault(r, at);
    return json_is_array(v) && json_array_size(v) <= most ? v : NULL;
}

static struct strs lines(struct reader *r, const json_t *o, const char *key)
{
    struct strs out = {0};
    const json_t *a = array(r, json_object_get(o, key), key, LINES_MOST);
    for (size_t i = 0; i < json_array_size(a); i++) {
        str s = json_text(json_array_get(a, i));
        if (!s.n || !words_ok(s)) fault(r, key);
        PUSH(r->mem, &out, str_copy(r->mem, s));
    }
    return out;
}

static struct paper_spans spans(struct reader *r, const json_t *v, const char *at)
{
    static const char *const members[] = {"words", "bold", "italic", "breaks", "to", NULL};
    struct paper_spans out = {0};
    const json_t *a = array(r, v, at, 2000);
    for (size_t i = 0; i < json_array_size(a) && r->e.code == OK; i++) {
        const json_t *o = object(r, json_array_get(a, i), at, members);
        struct paper_span s = {.words = text(r, o, "words"), .bold = flag(r, o, "bold"), .italic = flag(r, o, "italic"), .breaks = flag(r, o, "breaks"), .to = text(r, o, "to")};
        if (s.to.n && !paper_address_ok(s.to)) fault(r, "to");
        PUSH(r->mem, &out, s);
    }
    return out;
}

static struct paper_rows rows(struct reader *r, const json_t *v, size_t cells)
{
    struct paper_rows out = {0};
    const json_t *a = array(r, v, "rows", PAPER_MAX_ROWS);
    for (size_t i = 0; i < json_array_size(a) && r->e.code == OK; i++) {
        const json_t *row = array(r, json_array_get(a, i), "rows", PAPER_MAX_COLUMNS);
        struct paper_row x = {0};
        for (size_t j = 0; j < json_array_size(row); j++) PUSH(r->mem, &x, spans(r, json_array_get(row, j), "rows"));
        if (!cells) cells = x.n;                /* a table is as wide as its head */
        if (!x.n || x.n != cells) fault(r, "rows");
        PUSH(r->mem, &out, x);
    }
    return out;
}

static size_t cells_of(const struct paper_block *b)
{
    if (b->type == PAPER_FACTS) return 2;
    return b->type == PAPER_TABLE || (b->type == PAPER_FIELD && b->room == ROOM_ROWS) ? 0 : 1;
}

static bool may_have_rows(const struct paper_block *b)
{
    return b->type == PAPER_BULLETS || b->type == PAPER_NUMBERS || b->type == PAPER_FACTS || b->type == PAPER_TABLE ||
           (b->type == PAPER_FIELD && (b->room == ROOM_CHOICES || b->room == ROOM_ROWS));
}

static struct paper_block block(struct reader *r, const json_t *v)
{
    static const char *const members[] = {"type", "words", "rows", "help", "boxes", "required", "many", "room", "room_n", NULL};
    const json_t *o = object(r, v, "blocks", members);
    struct paper_block b = {.type = (enum paper_block_type)one_of(r, o, "type", paper_block_names, PAPER_BLOCK_TYPES), .words = spans(r, json_object_get(o, "words"), "words")};
    if (b.type == PAPER_FIELD) {
        b.room = (enum paper_room)one_of(r, o, "room", paper_room_names, PAPER_ROOMS);
        b.help = text(r, o, "help");
        b.boxes = text(r, o, "boxes");
        b.required = flag(r, o, "required");
        b.many = flag(r, o, "many");
        if (b.boxes.n > 200) fault(r, "boxes");
    } else if (json_object_get(o, "help") || json_object_get(o, "boxes") || json_object_get(o, "required") || json_object_get(o, "many") || json_object_get(o, "room")) {
        fault(r, "blocks");
    }
    const json_t *n = json_object_get(o, "room_n");
    if (n && (!json_is_integer(n) || json_integer_value(n) < 1 || json_integer_value(n) > 60)) fault(r, "room_n");
    else b.room_n = (int)json_integer_value(n);
    b.rows = rows(r, json_object_get(o, "rows"), cells_of(&b));
    if (b.rows.n && !may_have_rows(&b)) fault(r, "rows");
    return b;
}

static void people(struct reader *r, const json_t *o, struct paper *p)
{
    static const char *const in_sender[] = {"town", "service", "address", "logo", "color_main", "color_second", NULL};
    static const char *const in_signature[] = {"forename", "surname", "capacity", "service", NULL};
    static const char *const in_verify[] = {"address", "code", NULL};
    const json_t *sender = json_object_get(o, "sender"), *signature = json_object_get(o, "signature"), *verify = json_object_get(o, "verify");
    if (sender) sender = object(r, sender, "sender", in_sender);
    if (signature) signature = object(r, signature, "signature", in_signature);
    if (verify) verify = object(r, verify, "verify", in_verify);
    p->sender = (struct paper_sender){.town = text(r, sender, "town"), .service = text(r, sender, "service"), .address = lines(r, sender, "address"), .logo = text(r, sender, "logo"),
                                      .color_main = text(r, sender, "color_main"), .color_second = text(r, sender, "color_second")};
    if ((p->sender.color_main.n && !color_ok(p->sender.color_main)) || (p->sender.color_second.n && !color_ok(p->sender.color_second))) fault(r, "color");
    p->signature = (struct paper_signature){text(r, signature, "forename"), text(r, signature, "surname"), text(r, signature, "capacity"), text(r, signature, "service")};
    p->verify = (struct paper_verify){text(r, verify, "address"), text(r, verify, "code")};
    if (p->verify.address.n && !paper_address_ok(p->verify.address)) fault(r, "verify");
}

err paper_read(arena *mem, str json, struct paper *out)
{
    static const char *const members[] = {"lang", "title", "made", "sender", "recipient", "reference", "place_date", "object", "blocks", "signature", "foot", "verify", NULL};
    struct reader r = {mem, NO_ERR};
    json_t *v;
    TRY(json_parse_max(mem, json, PAPER_MAX_BYTES, &v));
    const json_t *o = object(&r, v, "paper", members), *made = json_object_get(o, "made");
    *out = (struct paper){.lang = (enum lang)one_of(&r, o, "lang", paper_lang_names, LANG_N), .title = text(&r, o, "title"), .reference = text(&r, o, "reference"),
                          .place_date = text(&r, o, "place_date"), .object = text(&r, o, "object"), .recipient = lines(&r, o, "recipient"), .foot = lines(&r, o, "foot")};
    /* Years 1970 to 9999: what a PDF's date can say. */
    if (made && (!json_is_integer(made) || json_integer_value(made) < 0 || json_integer_value(made) > INT64_C(253402300799000000))) fault(&r, "made");
    else out->made_us = json_integer_value(made);
    people(&r, o, out);
    const json_t *blocks = array(&r, json_object_get(o, "blocks"), "blocks", PAPER_MAX_BLOCKS);
    if (!blocks) fault(&r, "blocks");
    for (size_t i = 0; i < json_array_size(blocks) && r.e.code == OK; i++) PUSH(mem, &out->blocks, block(&r, json_array_get(blocks, i)));
    return r.e;
}
