/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* landlock.h — between sandbox.c and landlock.c only. */
#pragma once
#include "process/sandbox.h"

/* Everything is refused but what *s names. Does nothing on a kernel without landlock; takes what an older one has. */
void landlock_enter(const struct sandbox *s);
