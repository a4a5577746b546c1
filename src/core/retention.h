/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* retention.h — what is kept too long goes by itself: dossiers after their final state (kind.retention), drafts nobody touches,
   mails that left, answers to API keys, sessions. In slices: call again while *out_done > 0. */
#pragma once
#include "core/kinds.h"

err retention_run(db *d, arena *mem, const struct tenant *t, struct kinds *ks, int64_t now_us, int64_t *out_done);
/* Mails a warning once to who left a draft that expires within a week. */
err retention_warn(db *d, arena *mem, const struct tenant *t, struct kinds *ks, int64_t now_us, int64_t *out_warned);
