/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* converter_image.h — the libraries that read strangers' bytes; called in the converter's processes only. */
#pragma once
#include "process/converter.h"

/* Load libvips and libmagic, before the sandbox. false: not installed, or broken; their requests then fail. */
bool image_start(void);
bool type_start(void);

struct image_made { str bytes; int width, height; };
/* In the worker. Memory is never given back: the process ends. Errors as in converter.h. */
err image_convert(str bytes, struct image_wish wish, struct image_made *out);
str type_sniff(str bytes);
