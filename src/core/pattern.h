/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pattern.h — regular expressions written by towns (formatted text), matched whole by ICU with limits on time and memory. */
#pragma once
#include "base/str.h"

bool pattern_is_good(str pattern);
bool pattern_matches(str pattern, str text);        /* false also when it takes too long */
