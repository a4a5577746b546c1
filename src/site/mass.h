/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mass.h — the job that carries out mass actions, for the roof's list. arg: struct app. */
#pragma once
#include "core/mass.h"

err mass_job(db *d, arena *mem, const struct job *j, void *arg);
