/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* image_form.h — the outer form of image files, segment by segment, without decoding anything. */
#pragma once
#include "process/converter.h"

enum image_type { TYPE_NONE, TYPE_JPEG, TYPE_PNG, TYPE_WEBP, TYPE_HEIF };     /* HEIF: HEIC and AVIF */
enum image_type image_type_of(str bytes);
/* False for a file cut short: decoders show what is there and keep silent. What follows the end (videos of telephones) is no matter. */
bool image_is_whole(str bytes, enum image_type type);
/* Removes in place, from a whole WebP, all but the picture and its transparency (RFC 9649 §2.7): libvips 8.14 leaves the profile whatever it is told.
   Absent when it is no WebP. */
str webp_strip(str bytes);
