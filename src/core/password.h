/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* password.h — argon2id (libsodium), one at a time on a thread of its own, at most 32 waiting: two cores must still serve pages. */
#pragma once
#include "base/str.h"

/* Memory of one hash in MiB: 19 on a machine of one or two cores, 64 above (OWASP's second profile, libsodium's interactive one). */
void password_start(void);
void password_stop(void);
/* fn(arg, true) before a thread sleeps until its hash is made, fn(arg, false) after: a waiting login holds no worker. NULL: nobody is told. */
void password_on_wait(void (*fn)(void *arg, bool waits), void *arg);
err password_hash(arena *mem, str password, str *out);                        /* E_BUSY: 32 are waiting */
/* stored absent: spends the same time and says no. out_old: hashed with weaker settings than today's. */
err password_verify(arena *mem, str stored, str password, bool *out_right, bool *out_old);
