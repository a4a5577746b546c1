/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Photos as strangers send them. libvips writes them here, in the test; the converter under test reads them in its own process. */
#include <malloc.h>
#include <pthread.h>
#include <unistd.h>
#include <vips/vips.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/test.h"
#include "process/converter.h"
#include "process/process.h"

/* The test's own encoder for HEIC keeps some memory; the converter is not concerned. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265";
}

/* GLib and libvips are not built for the thread sanitizer, which does not see how they synchronise: there, only what is ours. */
#ifdef __SANITIZE_THREAD__
#define UNDER_TSAN true
#else
#define UNDER_TSAN false
#endif

static struct converter *converter;
static arena *mem;

static int setup(void **state)
{
    mem = arena_new(0);
    return converter_open(&converter, (struct converter_settings){0}).code != OK;
}

static int teardown(void **state)
{
    converter_close(converter);
    arena_free(mem);
    return 0;
}

/* ---- what people send --------------------------------------------------------------------------------------------- */

static VipsImage *canvas(int width, int height)
{
    VipsImage *noise, *three, *bytes;
    assert_int_equal(vips_gaussnoise(&noise, width, height, "mean", 128.0, "sigma", 40.0, "seed", 7, NULL),
                     0);
    assert_int_equal(vips_cast_uchar(noise, &bytes, NULL), 0);
    VipsImage *bands[] = {bytes, bytes, bytes};
    assert_int_equal(vips_bandjoin(bands, &three, 3, NULL), 0);
    VipsImage *srgb = NULL;
    assert_int_equal(vips_copy(three, &srgb, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    VipsImage *own = vips_image_copy_memory(srgb);
    g_object_unref(noise);
    g_object_unref(three);
    g_object_unref(bytes);
    g_object_unref(srgb);
    return own;
}

/* EXIF with a place, XMP with a name, IPTC, a colour profile: what a telephone writes, and more. */
static VipsImage *telling(int width, int height, int orientation)
{
    static const char xmp[] = "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRETXMP</x:xmpmeta>";
    static const char iptc[] = "Photoshop 3.0\0008BIM\x04\x04\0\0\0\0\0\x0eSECRETIPTC1234";
    VipsImage *image = canvas(width, height);
    vips_image_set_string(image, "exif-ifd0-Make", "SECRETMAKE (SECRETMAKE, ASCII, 11 components, 11 bytes)");
    vips_image_set_string(image, "exif-ifd3-GPSLatitudeRef", "N (N, ASCII, 2 components, 2 bytes)");
    vips_image_set_string(image, "exif-ifd3-GPSLatitude",
                          "48/1 10/1 2820/100 (48, 10, 28.20, Rational, 3 components, 24 bytes)");
    vips_image_set_int(image, "orientation", orientation);
    vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, xmp, sizeof xmp - 1);
    vips_image_set_blob_copy(image, VIPS_META_IPTC_NAME, iptc, sizeof iptc - 1);
    const void *profile;
    size_t n;
    VipsBlob *blob;
    assert_int_equal(vips_profile_load("p3", &blob, NULL), 0);
    profile = vips_blob_get(blob, &n);
    vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profile, n);
    vips_area_unref((VipsArea *)blob);
    return image;
}

static str keep(void *p, size_t n)
{
    str s = str_copy(mem, (str){p, n});
    g_free(p);
    return s;
}

static str as_jpeg(VipsImage *image)
{
    void *p;
    size_t n;
    assert_int_equal(vips_jpegsave_buffer(image, &p, &n, NULL), 0);
    return keep(p, n);
}

static str as_png(VipsImage *image)
{
    void *p;
    size_t n;
    assert_int_equal(vips_pngsave_buffer(image, &p, &n, NULL), 0);
    return keep(p, n);
}

static str as_webp(VipsImage *image)
{
    void *p;
    size_t n;
    assert_int_equal(vips_webpsave_buffer(image, &p, &n, NULL), 0);
    return keep(p, n);
}

/* STR_NONE when this libheif has no encoder for it. */
static str as_heif(VipsImage *image, VipsForeignHeifCompression compression)
{
    void *p;
    size_t n;
    if (vips_heifsave_buffer(image, &p, &n, "compression", compression, "effort", 1, NULL) != 0)
        return STR_NONE;
    return keep(p, n);
}

static bool contains(str hay, const char *needle)
{
    return memmem(hay.p, hay.n, needle, strlen(needle)) != NULL;
}

static const char *const traces[] = {"Exif", "EXIF",        "SECRET", "xpacket", "xmpmeta", "adobe",
                                     "8BIM", "ICC_PROFILE", "ICCP",   "acsp",    "XMP "};

static void assert_no_trace(str bytes)
{
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++)
        if (contains(bytes, traces[i])) fail_msg("%s is still there", traces[i]);
}

static VipsImage *decode(str bytes)
{
    VipsImage *image = vips_image_new_from_buffer(bytes.p, bytes.n, "", NULL);
    assert_non_null(image);
    return image;
}

/* ---- stories -------------------------------------------------------------------------------------------------------- */

static void a_photo_keeps_its_picture_and_loses_its_place(void **state)
{
    VipsImage *photo = telling(1200, 800, 1);
    str files[] = {as_jpeg(photo), as_png(photo), as_webp(photo),
                   as_heif(photo, VIPS_FOREIGN_HEIF_COMPRESSION_HEVC),
                   as_heif(photo, VIPS_FOREIGN_HEIF_COMPRESSION_AV1)};
    assert_true(contains(files[0], "SECRETMAKE") && contains(files[0], "SECRETXMP") &&
                contains(files[0], "ICC_PROFILE"));
    assert_true(files[3].n > 0); /* Debian's libheif writes HEIC */
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (int format = IMAGE_JPEG; format <= IMAGE_WEBP && files[i].n; format++) {
            struct image out = {0};
            assert_ok(converter_image(converter, mem, files[i],
                                      (struct image_wish){(enum image_format)format, 600, 80, 0}, &out));
            assert_int_equal(out.width, 600);
            assert_int_equal(out.height, 400);
            assert_true(image_is_bare(out.bytes, (enum image_format)format));
            assert_no_trace(out.bytes);
            VipsImage *back = decode(out.bytes);
            assert_int_equal(vips_image_get_width(back), 600);
            double mean;
            assert_int_equal(vips_avg(back, &mean, NULL), 0);
            assert_true(mean > 110 && mean < 146); /* it is still the picture */
            g_object_unref(back);
        }
    }
    g_object_unref(photo);
}

static void a_turned_photo_is_set_upright(void **state)
{
    VipsImage *photo = telling(400, 200, 6);
    struct image out;
    assert_ok(converter_image(converter, mem, as_jpeg(photo), image_page, &out));
    assert_int_equal(out.width, 200);
    assert_int_equal(out.height, 400); /* and not enlarged */
    assert_no_trace(out.bytes);
    g_object_unref(photo);
}

static void a_thumbnail_weighs_fifteen_kilobytes_at_most(void **state)
{
    VipsImage *photo = telling(3000, 2000, 1); /* noise: the worst that can be compressed */
    struct image out;
    assert_ok(converter_image(converter, mem, as_jpeg(photo), image_thumbnail, &out));
    assert_true(out.bytes.n <= 15000);
    assert_true(out.width >= 100 && out.width <= 320);
    struct image_wish webp = image_thumbnail;
    webp.format = IMAGE_WEBP;
    assert_ok(converter_image(converter, mem, as_jpeg(photo), webp, &out));
    assert_true(out.bytes.n <= 15000);
    g_object_unref(photo);
}

static void transparency_becomes_white_in_jpeg(void **state)
{
    VipsImage *black, *clear;
    struct image out;
    double mean;
    assert_int_equal(vips_black(&black, 64, 64, "bands", 4, NULL), 0);
    assert_int_equal(vips_copy(black, &clear, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    assert_ok(converter_image(converter, mem, as_png(clear), image_page, &out));
    VipsImage *back = decode(out.bytes);
    assert_int_equal(vips_avg(back, &mean, NULL), 0);
    assert_true(mean > 254);
    g_object_unref(back);
    g_object_unref(clear);
    g_object_unref(black);
}

static void grey_and_cmyk_photos_are_read(void **state)
{
    VipsImage *photo = canvas(300, 300), *grey, *cmyk;
    struct image out;
    assert_int_equal(vips_colourspace(photo, &grey, VIPS_INTERPRETATION_B_W, NULL), 0);
    assert_ok(converter_image(converter, mem, as_jpeg(grey), image_page, &out));
    assert_int_equal(vips_icc_export(photo, &cmyk, "output_profile", "cmyk", NULL), 0);
    assert_ok(converter_image(converter, mem, as_jpeg(cmyk), image_page, &out));
    assert_no_trace(out.bytes);
    g_object_unref(cmyk);
    g_object_unref(grey);
    g_object_unref(photo);
}

/* A PNG whose header promises width × height, with the right checksums and no data. */
static uint32_t crc_of(const uint8_t *p, size_t n)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < n; i++) {
        c ^= p[i];
        for (int bit = 0; bit < 8; bit++) c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
    }
    return ~c;
}

static str png_of_size(uint32_t width, uint32_t height)
{
    uint8_t *p = arena_alloc(mem, 57);
    uint8_t head[] = {'I',
                      'H',
                      'D',
                      'R',
                      (uint8_t)(width >> 24),
                      (uint8_t)(width >> 16),
                      (uint8_t)(width >> 8),
                      (uint8_t)width,
                      (uint8_t)(height >> 24),
                      (uint8_t)(height >> 16),
                      (uint8_t)(height >> 8),
                      (uint8_t)height,
                      8,
                      2,
                      0,
                      0,
                      0};
    uint32_t crc = crc_of(head, sizeof head);
    memcpy(p, "\x89PNG\r\n\x1a\n\0\0\0\x0d", 12);
    memcpy(p + 12, head, sizeof head);
    for (int i = 0; i < 4; i++) p[29 + i] = (uint8_t)(crc >> (24 - 8 * i));
    memcpy(p + 33, "\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82", 24);
    return (str){(const char *)p, 57};
}

static void assert_refused(str bytes, const char *key)
{
    struct image out;
    err e = converter_image(converter, mem, bytes, image_page, &out);
    assert_int_equal(e.code, E_INVALID);
    assert_string_equal(e.msg, key);
}

static void bombs_are_refused(void **state)
{
    int64_t start = clock_monotonic_us();
    assert_refused(png_of_size(60000, 60000), "image.too_large");
    assert_refused(png_of_size(1000000, 51), "image.too_large");
    /* 8000 × 7000 of one colour: 170 kB that become 168 MB. */
    VipsImage *flat;
    assert_int_equal(vips_black(&flat, 8000, 7000, "bands", 3, NULL), 0);
    assert_refused(as_png(flat), "image.too_large");
    g_object_unref(flat);
    assert_true(clock_monotonic_us() - start < 10 * SECOND_US);
    struct image out;
    assert_int_equal(vips_black(&flat, 7000, 7000, "bands", 3, NULL), 0); /* just under the limit */
    assert_ok(converter_image(converter, mem, as_png(flat), image_page, &out));
    g_object_unref(flat);
}

static void a_file_cut_short_is_named_so(void **state)
{
    VipsImage *photo = telling(900, 600, 1);
    str files[] = {as_jpeg(photo), as_png(photo), as_webp(photo),
                   as_heif(photo, VIPS_FOREIGN_HEIF_COMPRESSION_HEVC)};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        for (int tenths = 3; tenths < 10; tenths += 3)
            assert_refused(str_cut(files[i], 0, files[i].n * (size_t)tenths / 10), "image.truncated");
    g_object_unref(photo);
}

static void what_is_no_photo_is_refused(void **state)
{
    assert_refused(S(""), "image.type");
    assert_refused(S("%PDF-1.7\n"), "image.type");
    assert_refused(S("GIF89a\1\0\1\0\0\0\0;"), "image.type");
    assert_refused(S("<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"),
                   "image.type");
    assert_refused(S("push graphic-context\nimage over 0,0 0,0 'https://example.org/'\n"), "image.type");
    assert_refused(S("II*\0\10\0\0\0"), "image.type");
    assert_refused(S("\xff\xd8\xff\xe0\0\6what\xff\xd9"), "image.unreadable");
    assert_refused(S("\xff\xd8\xff\xe0 nothing of a photo \xff\xd9"), "image.truncated");
}

/* Whatever is done to a photo, the answer is a photo without a trace, or a clear no; and the next one is served. */
static void broken_photos_harm_nobody(void **state)
{
    VipsImage *photo = telling(200, 150, 3);
    str files[] = {as_jpeg(photo), as_png(photo), as_webp(photo),
                   as_heif(photo, VIPS_FOREIGN_HEIF_COMPRESSION_HEVC)};
    for (int i = 0; i < 120; i++) {
        str file = files[i % 4];
        char *p = (char *)(uintptr_t)str_copy(mem, file).p;
        for (int k = 0; k < 8; k++) p[random_below(k < 4 ? 400 : file.n)] = (char)random_below(256);
        struct image out;
        err e = converter_image(converter, mem, (str){p, file.n}, image_thumbnail, &out);
        if (e.code == OK)
            assert_true(
                image_is_bare(out.bytes, IMAGE_JPEG)); /* three letters may come by chance in 120 files */
        else
            assert_int_equal(e.code, E_INVALID);
    }
    struct image out;
    assert_ok(converter_image(converter, mem, files[0], image_page, &out));
    g_object_unref(photo);
}

static void types_are_told_by_content(void **state)
{
    static const struct {
        str bytes;
        const char *mime;
    } samples[] = {
        {S("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "application/pdf"},
        {S("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"), "image/png"},
        {S("#!/bin/sh\nexit 0\n"), "text/x-shellscript"},
        {S("<!DOCTYPE html><html><body>"), "text/html"},
        {S("Bonjour, voici ma lettre.\n"), "text/plain"},
        {S(""), "application/x-empty"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        str mime;
        assert_ok(converter_sniff(converter, mem, samples[i].bytes, &mime));
        assert_str(mime, samples[i].mime);
    }
    VipsImage *photo = canvas(64, 64);
    str mime;
    assert_ok(converter_sniff(converter, mem, as_heif(photo, VIPS_FOREIGN_HEIF_COMPRESSION_HEVC), &mime));
    assert_str(mime, "image/heic");
    assert_ok(converter_sniff(converter, mem, as_webp(photo), &mime));
    assert_str(mime, "image/webp");
    g_object_unref(photo);
}

struct crowd {
    str file;
    int served;
};

static void *one_of_many(void *arg)
{
    struct crowd *c = arg;
    arena *own = arena_new(0);
    for (int i = 0; i < 5; i++) {
        struct image out;
        if (converter_image(converter, own, c->file, image_thumbnail, &out).code == OK) c->served++;
    }
    arena_free(own);
    return NULL;
}

static str small_photo(void)
{
    FILE *f = fopen(BEFFROI_SOURCE_DIR "/tests/fuzz/corpus/image/seed.jpg", "rb");
    assert_non_null(f);
    char *p = arena_alloc(mem, 4096);
    size_t n = fread(p, 1, 4096, f);
    fclose(f);
    return (str){p, n};
}

static void many_ask_at_once(void **state)
{
    struct crowd crowd[8];
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) {
        crowd[i] = (struct crowd){small_photo(), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &crowd[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(crowd[i].served, 5);
    }
}

static void only_bare_results_are_believed(void **state)
{
    VipsImage *photo = telling(64, 64, 1);
    str jpeg = as_jpeg(photo), webp = as_webp(photo);
    assert_false(image_is_bare(jpeg, IMAGE_JPEG));
    assert_false(image_is_bare(webp, IMAGE_WEBP));
    assert_false(image_is_bare(S("\xff\xd8\xff\xd9<script>"), IMAGE_JPEG));
    struct image out;
    assert_ok(converter_image(converter, mem, jpeg, image_page, &out));
    assert_false(image_is_bare(str_cut(out.bytes, 0, out.bytes.n - 2), IMAGE_JPEG));
    assert_false(image_is_bare(str_cut(out.bytes, 1, out.bytes.n), IMAGE_JPEG));
    assert_false(image_is_bare(out.bytes, IMAGE_WEBP));
    g_object_unref(photo);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_keeps_its_picture_and_loses_its_place),
        cmocka_unit_test(a_turned_photo_is_set_upright),
        cmocka_unit_test(a_thumbnail_weighs_fifteen_kilobytes_at_most),
        cmocka_unit_test(transparency_becomes_white_in_jpeg),
        cmocka_unit_test(grey_and_cmyk_photos_are_read),
        cmocka_unit_test(bombs_are_refused),
        cmocka_unit_test(a_file_cut_short_is_named_so),
        cmocka_unit_test(what_is_no_photo_is_refused),
        cmocka_unit_test(broken_photos_harm_nobody),
        cmocka_unit_test(types_are_told_by_content),
        cmocka_unit_test(many_ask_at_once),
        cmocka_unit_test(only_bare_results_are_believed),
    };
    const struct CMUnitTest ours[] = {
        cmocka_unit_test(what_is_no_photo_is_refused),
        cmocka_unit_test(many_ask_at_once),
    };
    if (UNDER_TSAN) return cmocka_run_group_tests(ours, setup, teardown);
    if (VIPS_INIT(argv[0])) return 1;
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    vips_shutdown();
    return failed;
}
