/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/image_form.h"
#include <string.h>

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static uint64_t be32(const uint8_t *p)
{
    return (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 | (uint64_t)p[2] << 8 | p[3];
}

static uint64_t le32(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
}

enum image_type image_type_of(str b)
{
    static const char *const brands[] = {"heic", "heix", "heim", "heis", "hevc", "hevx",
                                         "mif1", "msf1", "avif", "avis", NULL};
    if (str_starts(b, S("\xff\xd8\xff"))) return TYPE_JPEG;
    if (str_starts(b, S("\x89PNG\r\n\x1a\n"))) return TYPE_PNG;
    if (str_starts(b, S("RIFF")) && str_eq(str_cut(b, 8, 12), S("WEBP"))) return TYPE_WEBP;
    if (!str_eq(str_cut(b, 4, 8), S("ftyp"))) return TYPE_NONE;
    for (int i = 0; brands[i]; i++)
        if (str_is(str_cut(b, 8, 12), brands[i])) return TYPE_HEIF;
    return TYPE_NONE;
}

/* ITU T.81 annex B. Returns where the file ends (behind EOI), 0 when it does not. *bare: no segment but tables, frames, scans,
   JFIF (APP0) and Adobe's colour transform (APP14). */
static size_t jpeg_end(const uint8_t *p, size_t n, bool *bare)
{
    size_t at = 2;
    *bare = true;
    if (n < 4 || p[0] != 0xff || p[1] != 0xd8) return 0;
    while (at + 2 <= n) {
        uint8_t marker = p[at + 1];
        if (p[at] != 0xff) return 0;
        if (marker == 0xd9) return at + 2;
        if (marker == 0xff) { /* fill byte */
            at++;
            continue;
        }
        if (marker == 0xfe || (marker >= 0xe1 && marker <= 0xed) || marker == 0xef) *bare = false;
        if (at + 4 > n || be16(p + at + 2) < 2 || at + 2 + be16(p + at + 2) > n) return 0;
        at += 2 + be16(p + at + 2);
        if (marker != 0xda) continue;
        /* Entropy-coded data: ff is followed by 00 or a restart marker; another marker ends it. */
        while (at + 1 < n && !(p[at] == 0xff && p[at + 1] != 0 && (p[at + 1] < 0xd0 || p[at + 1] > 0xd7)))
            at++;
    }
    return 0;
}

/* PNG §5.3: length, type, data, checksum. */
static bool png_has_end(const uint8_t *p, size_t n)
{
    for (uint64_t at = 8; at + 12 <= n; at += 12 + be32(p + at))
        if (memcmp(p + at + 4, "IEND", 4) == 0) return true;
    return false;
}

/* ISO 14496-12 §4.2: size 1: 64 bits follow the type; 0: to the end of the file. */
static bool boxes_are_whole(const uint8_t *p, size_t n)
{
    uint64_t at = 0;
    while (at + 8 <= n) {
        uint64_t size = be32(p + at);
        if (size == 0) return true;
        if (size == 1 && at + 16 <= n) size = be32(p + at + 8) << 32 | be32(p + at + 12);
        if (size < 8 || size > (uint64_t)n - at) return false;
        at += size;
    }
    return at > 0;
}

bool image_is_whole(str b, enum image_type type)
{
    const uint8_t *p = (const uint8_t *)b.p;
    bool bare;
    if (type == TYPE_JPEG) return jpeg_end(p, b.n, &bare) > 0;
    if (type == TYPE_PNG) return png_has_end(p, b.n);
    if (type == TYPE_WEBP) return b.n >= 20 && le32(p + 4) + 8 <= b.n;
    if (type == TYPE_HEIF) return boxes_are_whole(p, b.n);
    return false;
}

static bool is_picture_chunk(const uint8_t *name)
{
    return memcmp(name, "VP8 ", 4) == 0 || memcmp(name, "VP8L", 4) == 0 || memcmp(name, "VP8X", 4) == 0 ||
           memcmp(name, "ALPH", 4) == 0;
}

static bool webp_is_bare(const uint8_t *p, size_t n)
{
    uint64_t at = 12;
    if (n < 20 || le32(p + 4) + 8 != n) return false;
    while (at + 8 <= n) {
        uint64_t length = le32(p + at + 4);
        if (!is_picture_chunk(p + at) || length > n - at - 8) return false;
        at += 8 + length + (length & 1);
    }
    return at == n;
}

str webp_strip(str b)
{
    uint8_t *p = (uint8_t *)(uintptr_t)b.p;
    uint64_t from = 12, to = 12;
    if (b.n < 20) return STR_NONE;
    while (from + 8 <= b.n) {
        uint64_t length = le32(p + from + 4), whole = 8 + length + (length & 1);
        if (whole > b.n - from) return STR_NONE;
        if (is_picture_chunk(p + from)) {
            memmove(p + to, p + from, whole);
            if (length > 0 && memcmp(p + to, "VP8X", 4) == 0)
                p[to + 8] &= 0x10; /* of its flags only: has transparency */
            to += whole;
        }
        from += whole;
    }
    for (int i = 0; i < 4; i++) p[4 + i] = (uint8_t)((to - 8) >> (8 * i));
    return (str){b.p, (size_t)to};
}

bool image_is_bare(str b, enum image_format format)
{
    const uint8_t *p = (const uint8_t *)b.p;
    bool bare;
    if (format == IMAGE_JPEG) return b.n > 4 && jpeg_end(p, b.n, &bare) == b.n && bare;
    return image_type_of(b) == TYPE_WEBP && webp_is_bare(p, b.n);
}
