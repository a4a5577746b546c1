/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* exchange.h — what comes in from other systems and goes out to them. */
#pragma once
#include "main/command.h"

int defaults_run(struct run *r);
int import_ds_run(struct run *r);
int import_kind_run(struct run *r);
int import_list_run(struct run *r);
int import_sheets_run(struct run *r);
int import_staff_run(struct run *r);
int export_check(struct run *r);
int export_run(struct run *r);
/* A descriptor of Démarches simplifiées: new, a new revision, or the same. Tells what remains to be filled. */
err exchange_import_ds(struct run *r, const struct tenant *t, db *d, str path, int64_t body, int64_t team, bool publish);
err file_text(arena *mem, str path, str *out);      /* a whole file, ≤ 64 MB */
