/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* source.h — the program's own source: a tar of everything in the repository, gzipped. Lives as long as the process. */
#pragma once
#include "base/str.h"

str source_archive(void);
