/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_names.h — how a paper's JSON names things; for its writer and its reader. */
#pragma once
#include "formats/paper.h"

extern const char *const paper_block_names[PAPER_BLOCK_TYPES];
extern const char *const paper_room_names[PAPER_ROOMS];
extern const char *const paper_lang_names[LANG_N];
/* http, https, mailto, tel; no blank, no control character. */
bool paper_address_ok(str to);
