/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* procedures.h — online procedures: what a town offers, presented, filed, decided. Filling and following are in pages/. */
#pragma once
#include "web/route.h"

extern const struct route procedure_routes[];
extern const struct route procedure_api_routes[];
