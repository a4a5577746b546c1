/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "main/command.h"

int rules_eval_run(struct run *r);
int rules_test_run(struct run *r);
int rules_check_run(struct run *r);        /* rule_check.c */

#define RULES_BYTES_MOST ((size_t)64 << 20)
