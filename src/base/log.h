/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* log.h — one JSON object a line on stderr. Never personal data: ids, codes, counts, durations. */
#pragma once
#include "str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
void log_level_set(enum log_level least);
void log_line(enum log_level level, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with ready JSON members after "at", "level" and "what": `"status":200,"us":812`. */
void log_json(enum log_level level, const char *what, str members);
