/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* parts.h — pieces of pages that citizens' pages and the desk share. */
#pragma once
#include "pages/follow.h"

struct part_service { struct receipt r; };
struct part_danger { struct danger of; };
struct part_personal { struct personal of; };
struct part_decision { struct decision_shown d; };
