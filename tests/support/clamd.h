/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* clamd.h — a small clamd made to its manual, since Debian's has no signatures without a download. Three verdicts: finds "EICAR" in what it
   is shown, refuses beyond 4 MiB, and says what it got. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct clamd { int listening, port; atomic_size_t received; atomic_int asked; atomic_bool held; /* says nothing while set */ pthread_t thread; };
void clamd_start(struct clamd *c);      /* on port of 127.0.0.1, 0: a free one, noted there. Fails the test on error. */
void clamd_stop(struct clamd *c);
