/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* unzip.h — the files of a ZIP, over libzip, one at a time and in memory only: nothing is written to disk, a name is never a path. Limits are
   checked on what is read, not on what the archive says of itself. */
#pragma once
#include "base/str.h"

struct unzip;
struct unzip_limits { size_t files, file_bytes, total_bytes; };            /* more: E_TOO_LARGE */
err unzip_open(struct unzip **out, const char *path, struct unzip_limits limits);      /* E_NOT_FOUND, E_MALFORMED, E_TOO_LARGE: too many files */
size_t unzip_count(const struct unzip *z);
str unzip_name(const struct unzip *z, size_t i);                           /* lives as long as z; absent: not UTF-8 */
err unzip_bytes(struct unzip *z, arena *mem, size_t i, str *out);          /* E_MALFORMED, E_TOO_LARGE */
void unzip_close(struct unzip *z);
