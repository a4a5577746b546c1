/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bounce.h — mails that come back. They wait as files in DATA/bounces, a Maildir: put there by `beffroi bounce`, which needs no server, or by the
   mail server itself; read every five seconds by the server. What is about one of our mails is noted and removed; the rest is kept in
   cur/ for thirty days, for somebody to look at. */
#pragma once
#include "pages/app.h"

void bounces_take(struct app *app, int64_t now_us);
