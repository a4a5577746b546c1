/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/said.h"
#include "view/page.h"
#include "web/req.h"

static page_filler filler;

void page_filler_set(page_filler fill) { filler = fill; }

err page_send(struct req *q, void (*draw)(struct html_out *o, const void *p), const void *p, struct layout *l)
{
    struct html_out o = {.mem = q->mem, .lang = q->lang, .zone = S("Europe/Paris")};
    int status = 200;
    if (l) {
        l->lang = q->lang;
        if (filler) filler(q, l);
        if (l->status) status = l->status;
        if (l->zone.n) o.zone = l->zone;
        o.lang = l->lang;
        o.token = l->token;
    }
    o.b = reply_html(q, status);
    draw(&o, p);
    said_forget();
    return o.b->full ? FAIL(E_TOO_LARGE, "view.page.too_large") : NO_ERR;
}
