/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "base/buf.h"
str demo_picture(arena *mem, unsigned n);       /* a PNG of 480 × 360, another one for each n */
