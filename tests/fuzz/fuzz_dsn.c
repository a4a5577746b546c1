/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <stdlib.h>
#include "base/utf8.h"
#include "formats/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void text_good(str s)
{
    if (!utf8_valid(s)) abort();
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20) abort();
}

/* Whatever comes: clean text, few recipients, statuses that read as such. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena *mem = arena_new(0);
    struct dsn d;
    if (dsn_read(mem, (str){(const char *)data, size}, &d).code == OK && d.recipients.n == 0) abort();
    if (d.recipients.n > DSN_MOST_RECIPIENTS || d.sent_to.n > DSN_MOST_RECIPIENTS) abort();
    text_good(d.message_id);
    for (size_t i = 0; i < d.sent_to.n; i++) text_good(d.sent_to.v[i]);
    for (size_t i = 0; i < d.recipients.n; i++) {
        const struct dsn_recipient *r = &d.recipients.v[i];
        text_good(r->address);
        text_good(r->diagnostic);
        if (r->status.n && (r->status.n < 5 || r->status.p[1] != '.')) abort();
    }
    arena_free(mem);
    return 0;
}
