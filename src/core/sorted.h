/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sorted.h — names in the order in which people look for them: "Écrire" among the E, case and accents last (ICU, French). */
#pragma once
#include "base/arena.h"
#include "base/str.h"

str sort_key(arena *mem, str words);            /* compared as bytes (str_cmp) */
/* n rows of size bytes, sorted in place by key(row), a key of sort_key's; equal ones stay in their order. */
typedef str (*sorted_key)(arena *mem, const void *row);
void sort_rows(arena *mem, void *rows, size_t n, size_t size, sorted_key key);
