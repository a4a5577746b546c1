/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "main/command.h"

int rules_eval_run(struct run *r);
int rules_test_run(struct run *r);
int rules_doc_run(struct run *r);

struct rulebase;
/* --trace-page DIR of rules eval. */
int trace_page_write(struct run *r, const struct rulebase *b, json_t *situation, str rule);
int rules_replay_run(struct run *r);       /* rule_replay.c */
int rules_check_run(struct run *r);        /* rule_check.c */
