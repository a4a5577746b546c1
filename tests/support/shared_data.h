/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* shared_data.h — inputs made by others, beside the repository (../shared/data), never copied into it. Tests that need one say so and
   pass when it is not there. */
#pragma once
#include "base/str.h"

bool file_bytes(arena *mem, const char *path, str *out);            /* false: not there */
bool shared_data(arena *mem, const char *path, str *out);           /* "procedures/dirty-csv/x.csv" */
struct strs shared_names(arena *mem, const char *folder);           /* file names, sorted; none when the folder is not there */
