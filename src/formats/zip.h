/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* zip.h — a folder into one ZIP, over libzip: names in UTF-8, contents read when they are written, so that memory does not grow with them. */
#pragma once
#include "base/str.h"

/* Everything below dir, by its path from there. E_EXISTS: file is there; E_IO: a file could not be read, or the ZIP not written. */
err zip_folder(arena *mem, const char *dir, const char *file);
