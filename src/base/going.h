/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* going.h — asked between two slices by what may take minutes, so that a process told to end does not wait for it. */
#pragma once
#include <stdbool.h>

struct going { bool (*on)(void *arg); void *arg; };
static inline bool going_on(const struct going *g) { return !g || g->on(g->arg); }       /* NULL: to the end */
