/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Small pictures drawn by code, as PNG: a ground, a sky, a shape. They stand for photos in the demonstration. */
#include "main/demo_picture.h"

#include <string.h>
#include <zlib.h>

#define WIDTH 480
#define HEIGHT 360
#define ROW (1 + 3 * WIDTH)

static void put32(buf *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8) buf_char(b, (char)(v >> shift & 255));
}

static void chunk(buf *b, const char *name, str data)
{
    put32(b, (uint32_t)data.n);
    size_t from = b->n;
    buf_put(b, (str){name, 4});
    buf_put(b, data);
    put32(b, (uint32_t)crc32(0, (const Bytef *)b->p + from, (uInt)(b->n - from)));
}

static const uint8_t inks[][3] = {{126, 166, 216}, {242, 179, 61}, {221, 106, 86}, {134, 185, 139}, {90, 80, 70}, {240, 234, 220}};

static const uint8_t *ink_at(int x, int y, unsigned n)
{
    int dx = x - WIDTH / 2, dy = y - HEIGHT * 3 / 5, r = 60 + (int)(n * 7 % 40);
    bool inside = n % 3 == 0 ? dx * dx + dy * dy < r * r : n % 3 == 1 ? dx > -r && dx < r && dy > -r / 2 && dy < r : dy < r && dy > -r && dx * 2 < r + dy && -dx * 2 < r + dy;
    if (inside) return inks[(n + 1) % 4];
    if (y > HEIGHT * 3 / 5) return (x / 24 + y / 24) % 2 ? inks[4] : inks[5];
    return y > HEIGHT / 4 + (x * (int)(n % 5 + 1)) / 12 % 50 ? inks[3] : inks[0];
}

str demo_picture(arena *mem, unsigned n)
{
    uint8_t *raw = arena_alloc(mem, (size_t)ROW * HEIGHT);
    for (int y = 0; y < HEIGHT; y++) {
        raw[y * ROW] = 0;
        for (int x = 0; x < WIDTH; x++) memcpy(raw + y * ROW + 1 + 3 * x, ink_at(x, y, n), 3);
    }
    uLongf packed_n = compressBound((uLong)ROW * HEIGHT);
    Bytef *packed = arena_alloc(mem, packed_n);
    if (compress2(packed, &packed_n, raw, (uLong)ROW * HEIGHT, 9) != Z_OK) return STR_NONE;
    buf b = BUF(1 << 20), head = BUF(64);
    buf_put(&b, (str){"\x89PNG\r\n\x1A\n", 8});
    put32(&head, WIDTH);
    put32(&head, HEIGHT);
    buf_put(&head, (str){"\x08\x02\0\0\0", 5});
    chunk(&b, "IHDR", buf_str(&head));
    chunk(&b, "IDAT", (str){(const char *)packed, packed_n});
    chunk(&b, "IEND", S(""));
    str out = str_copy(mem, buf_str(&b));
    buf_free(&b);
    buf_free(&head);
    return out;
}
