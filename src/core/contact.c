/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/contact.h"

#include "base/utf8.h"
#include "core/field_types.h"

static const char *name_fault(str s, str *arg)
{
    *arg = S("200");
    return utf8_length(s) > 200 ? W("field.text.too_long") : NULL;
}

static const char *mail_fault(str s, str *arg) { return (void)arg, email_fault(s); }
static const char *birth_fault(str s, str *arg)
{
    int64_t days;
    (void)arg;
    return date_parse_iso(s, &days).code == OK ? NULL : W("filling.birth_date_bad");
}

static const struct { const char *name; size_t at; const char *(*fault)(str s, str *arg); } members[] = {
    {"name", offsetof(struct contact, name), name_fault}, {"email", offsetof(struct contact, email), mail_fault},
    {"birth_date", offsetof(struct contact, birth_date), birth_fault}};

void contact_check(arena *mem, const char *prefix, struct contact *c, struct answer_faults *faults)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        str *s = (str *)(void *)((char *)c + members[i].at), arg = STR_NONE;
        bool clean = utf8_clean(*s);
        *s = text_line(mem, *s);
        if (!s->n) *s = STR_NONE;
        const char *msg = !clean ? W("field.text.bytes") : s->n ? members[i].fault(*s, &arg) : NULL;
        if (msg) PUSH(mem, faults, (struct answer_fault){.path = str_fmt(mem, "%s%s", prefix, members[i].name), .msg = msg, .arg = arg});
    }
}
