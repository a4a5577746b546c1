/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "main/command.h"
int demo_run(struct run *r);
