/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_sample.h — a letter of two pages and a blank form, as a town writes them. */
#pragma once
#include "formats/paper.h"

struct paper sample_letter(arena *mem);
struct paper sample_form(arena *mem);
