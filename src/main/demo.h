/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "main/command.h"
err demo_mails(db *d, arena *mem, int64_t now_us);
int demo_run(struct run *r);
