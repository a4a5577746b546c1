/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sheets_zip.h — archives of fact sheets for tests and figures: the written samples of tests/fixtures/comarquage, and as many made-up
   sheets as wanted, in the published form. */
#pragma once
#include "base/str.h"

/* with_samples: the files of the folder, but those named in `without` (NULL: none). made: made-up sheets F100000 and on. */
void comarquage_zip(const char *path, bool with_samples, const char *without, size_t made);
void zip_of(const char *path, const char *const *names, const str *bytes, size_t n);
str comarquage_made(arena *mem, size_t i);              /* the XML of one made-up sheet */
str comarquage_title(arena *mem, size_t i);
