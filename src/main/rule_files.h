/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rule_files.h — rules read from files, for the commands. */
#pragma once
#include "main/command.h"
#include "rules/engine.h"

#define RULES_BYTES_MOST ((size_t)64 << 20)

bool rule_file_is(str name);                    /* by its ending */
err rule_file_read(struct run *r, str file, json_t **out);
int rule_file_fail(struct run *r, str file, err e);     /* tells it; the exit code */
/* Of several files, one base; those that others import are packages. Not DONE: why was told. */
int rule_base_read(struct run *r, struct strs files, bool filter_choices, struct rulebase **out);
