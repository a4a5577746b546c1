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
err image_png(str bytes, str *out);             /* a picture of ours (the town's logo) for cairo, transparency kept */

/* Load cairo, pango, the fonts; draw a paper (formats/paper.h). As above: before the sandbox, and in the worker. */
bool paper_start(void);
err paper_pdf(arena *mem, str json, str logo, str *out);
