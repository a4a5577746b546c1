/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* contact.h — how to reach a person who files without an account: one check for pages and API. */
#pragma once
#include "core/answers.h"
#include "core/record.h"

/* Each member in its normal form, absent when empty. One fault at most for each: path is prefix + "name", "email" or "birth_date". */
void contact_check(arena *mem, const char *prefix, struct contact *c, struct answer_faults *faults);
