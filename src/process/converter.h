/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* converter.h — what reads bytes from strangers, or draws what they wrote, asked from the server. Each file is read by a process of its own, that lives for
   this file only: no network, no file, no program, 20 s, bounded memory. Thread-safe and blocking: at most `parallel` files
   at once, the others wait (E_BUSY "process.busy" after 30 s). The converter leaves after `idle_s` without a request. */
#pragma once
#include "base/str.h"

struct converter;
struct converter_settings { int parallel; int idle_s; };       /* 0: 2 at once, 60 s */
err converter_open(struct converter **out, struct converter_settings s);    /* starts nothing yet */
void converter_close(struct converter *c);

enum image_format { IMAGE_JPEG, IMAGE_WEBP };
/* Fits in a square of max_px, never enlarged. max_bytes: quality, then size, are stepped down until it fits (0: as it comes). */
struct image_wish { enum image_format format; int max_px; int quality; int64_t max_bytes; };
extern const struct image_wish image_thumbnail;     /* 320 px, 15 kB, JPEG */
extern const struct image_wish image_page;          /* 1600 px, JPEG: what others see of a photo */
struct image { str bytes; int width, height; };

#define IMAGE_MAX_INPUT_BYTES (64 << 20)
#define IMAGE_MAX_OUTPUT_BYTES (16 << 20)
#define IMAGE_MAX_PIXELS 50000000

/* JPEG, PNG, WebP, HEIC or AVIF in; turned as EXIF says, then without any metadata (place, camera, author, profile), sRGB;
   transparency becomes white in JPEG; the first picture of several.
   E_INVALID: "image.type" (none of the five), "image.truncated", "image.too_large" (bytes or pixels),
   "image.unreadable" (broken, or its reading was stopped: time, memory, a forbidden call). E_BUSY: no fault of the file.
   What the worker answers is not believed: the form of the result is checked from end to end. */
err converter_image(struct converter *c, arena *mem, str bytes, struct image_wish wish, struct image *out);
err converter_image_fd(struct converter *c, arena *mem, int fd, struct image_wish wish, struct image *out); /* a file read by pread from 0 */

/* The type found by libmagic in the content ("application/pdf"); "application/octet-stream" when it knows none.
   The first megabyte is enough: callers may give only that. */
err converter_sniff(struct converter *c, arena *mem, str bytes, str *out_mime);
err converter_sniff_fd(struct converter *c, arena *mem, int fd, str *out_mime);

/* A paper (formats/paper.h), as JSON, drawn as a tagged PDF/1.4: title, language, structure, bookmarks, fonts in subsets. The same input
   gives the same bytes. logo: an image of ours, absent: none; one that cannot be read is left out. E_MALFORMED: not a paper;
   E_TOO_LARGE "paper.too_long": over PAPER_MAX_PAGES; E_BUSY; E_INTERNAL "paper.failed". */
#define PAPER_MAX_PAGES 60
#define PAPER_MAX_PDF_BYTES (8u << 20)
err converter_paper(struct converter *c, arena *mem, str json, str logo, str *out_pdf);

/* For tests: no metadata segment, and the right form from end to end. */
bool image_is_bare(str bytes, enum image_format format);
