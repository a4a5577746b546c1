/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The paper written: a tree, then its canonical bytes. paper_read.c reads it back. */
#include "formats/paper.h"
#include <stdlib.h>
#include "formats/paper_names.h"

const char *const paper_block_names[PAPER_BLOCK_TYPES] = {
    [PAPER_HEADING2] = "heading2", [PAPER_HEADING3] = "heading3", [PAPER_PARAGRAPH] = "paragraph", [PAPER_BULLETS] = "bullets", [PAPER_NUMBERS] = "numbers",
    [PAPER_FACTS] = "facts", [PAPER_TABLE] = "table", [PAPER_FIELD] = "field", [PAPER_RESERVED] = "reserved", [PAPER_BREAK] = "break"};
const char *const paper_room_names[PAPER_ROOMS] = {[ROOM_LINES] = "lines", [ROOM_BOXES] = "boxes", [ROOM_CHOICES] = "choices", [ROOM_ROWS] = "rows"};
const char *const paper_lang_names[LANG_N] = {[LANG_FR] = "fr", [LANG_EN] = "en"};

static void put(json_t *o, const char *key, str s)
{
    if (s.n) json_put_str(o, key, s);
}

static void put_true(json_t *o, const char *key, bool is)
{
    if (is) json_object_set_new(o, key, json_true());
}

static void put_list(json_t *o, const char *key, struct strs list)
{
    if (!list.n) return;
    json_t *a = json_array();
    for (size_t i = 0; i < list.n; i++) json_array_append_new(a, json_from_str(list.v[i]));
    json_object_set_new(o, key, a);
}

static void put_object(json_t *o, const char *key, json_t *member)
{
    if (json_object_size(member)) json_object_set_new(o, key, member);
    else json_decref(member);
}

static json_t *spans_json(const struct paper_spans *s)
{
    json_t *a = json_array();
    for (size_t i = 0; i < s->n; i++) {
        json_t *o = json_object();
        put(o, "words", s->v[i].words);
        put_true(o, "bold", s->v[i].bold);
        put_true(o, "italic", s->v[i].italic);
        put_true(o, "breaks", s->v[i].breaks);
        put(o, "to", s->v[i].to);
        json_array_append_new(a, o);
    }
    return a;
}

static json_t *rows_json(const struct paper_rows *rows)
{
    json_t *a = json_array();
    for (size_t i = 0; i < rows->n; i++) {
        json_t *row = json_array();
        for (size_t j = 0; j < rows->v[i].n; j++) json_array_append_new(row, spans_json(&rows->v[i].v[j]));
        json_array_append_new(a, row);
    }
    return a;
}

static json_t *block_json(const struct paper_block *b)
{
    json_t *o = json_object();
    put(o, "type", str_of(paper_block_names[b->type]));
    if (b->words.n) json_object_set_new(o, "words", spans_json(&b->words));
    if (b->rows.n) json_object_set_new(o, "rows", rows_json(&b->rows));
    if (b->type == PAPER_FIELD) {
        put(o, "help", b->help);
        put(o, "boxes", b->boxes);
        put_true(o, "required", b->required);
        put_true(o, "many", b->many);
        put(o, "room", str_of(paper_room_names[b->room]));
    }
    if (b->room_n) json_object_set_new(o, "room_n", json_integer(b->room_n));
    return o;
}

static void people_put(json_t *o, const struct paper *p)
{
    json_t *sender = json_object(), *signature = json_object(), *verify = json_object();
    put(sender, "town", p->sender.town);
    put(sender, "service", p->sender.service);
    put_list(sender, "address", p->sender.address);
    put(sender, "logo", p->sender.logo);
    put(sender, "color_main", p->sender.color_main);
    put(sender, "color_second", p->sender.color_second);
    put_object(o, "sender", sender);
    put(signature, "forename", p->signature.forename);
    put(signature, "surname", p->signature.surname);
    put(signature, "capacity", p->signature.capacity);
    put(signature, "service", p->signature.service);
    put_object(o, "signature", signature);
    put(verify, "address", p->verify.address);
    put(verify, "code", p->verify.code);
    put_object(o, "verify", verify);
}

str paper_json(arena *mem, const struct paper *p)
{
    json_t *o = json_own(mem, json_object());
    put(o, "lang", str_of(paper_lang_names[p->lang]));
    put(o, "title", p->title);
    if (p->made_us) json_object_set_new(o, "made", json_integer(p->made_us));
    people_put(o, p);
    put_list(o, "recipient", p->recipient);
    put(o, "reference", p->reference);
    put(o, "place_date", p->place_date);
    put(o, "object", p->object);
    json_t *blocks = json_array();
    for (size_t i = 0; i < p->blocks.n; i++) json_array_append_new(blocks, block_json(&p->blocks.v[i]));
    json_object_set_new(o, "blocks", blocks);
    put_list(o, "foot", p->foot);
    return json_canonical(mem, o);
}

struct paper_spans paper_words(arena *mem, str words)
{
    struct paper_spans out = {0};
    if (words.n) PUSH(mem, &out, (struct paper_span){.words = words});
    return out;
}

void paper_paragraph(arena *mem, struct paper_blocks *out, str words)
{
    if (words.n) PUSH(mem, out, (struct paper_block){.type = PAPER_PARAGRAPH, .words = paper_words(mem, words)});
}

str paper_plain(arena *mem, const struct paper_spans *s)
{
    buf b = BUF(PAPER_MAX_BYTES);
    for (size_t i = 0; i < s->n; i++) {
        if (s->v[i].breaks) buf_char(&b, '\n');
        buf_put(&b, s->v[i].words);
    }
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    return out;
}
