/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* libvips is loaded at run time, here only: linked, its hundred libraries would cost every start of the server 49 ms. */
#include "process/converter_image.h"
#include <dlfcn.h>
#include <magic.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vips/vips.h>
#include "base/log.h"
#include "base/words.h"
#include "process/image_form.h"

/* clang-format off */
#define FUNCTIONS(X)                                                                                         \
    X(vips_init) X(vips_version) X(vips_operation_block_set) X(vips_concurrency_set) X(vips_cache_set_max)   \
    X(vips_image_new_from_buffer) X(vips_image_get_width) X(vips_image_get_height) X(vips_image_hasalpha)    \
    X(vips_image_copy_memory) X(vips_thumbnail_buffer) X(vips_thumbnail_image) X(vips_flatten)               \
    X(vips_array_double_newv) X(vips_jpegsave_buffer) X(vips_webpsave_buffer) X(vips_pngsave_buffer)         \
    X(g_log_set_default_handler) X(g_module_open)
/* clang-format on */

/* v.vips_init(…) is libvips's own function, with its own type. */
static struct {
#define MEMBER(f_) __typeof__(f_) *f_;
    FUNCTIONS(MEMBER)
#undef MEMBER
} v;
static bool v_ready;

static bool bind_all(void *library)
{
    static const struct {
        const char *name;
        size_t offset;
    } functions[] = {
#define ROW(f_) {#f_, offsetof(__typeof__(v), f_)},
        FUNCTIONS(ROW)
#undef ROW
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *f = dlsym(library, functions[i].name); /* follows its dependencies: GLib's are found too */
        if (!f) return false;
        memcpy((char *)&v + functions[i].offset, &f, sizeof f);
    }
    return true;
}

static void keep_silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data)
{
    (void)domain, (void)level, (void)text, (void)data;
}

/* HEIC is a module beside the library; its neighbours (ImageMagick, PDF, OpenSlide) are never loaded. */
static void load_heif(void)
{
    Dl_info where;
    char path[512];
    void *start;
    memcpy(&start, &v.vips_init, sizeof start);
    if (!dladdr(start, &where) || !strrchr(where.dli_fname, '/')) return;
    int folder = (int)(strrchr(where.dli_fname, '/') - where.dli_fname);
    snprintf(path, sizeof path, "%.*s/vips-modules-%d.%d/vips-heif.so", folder, where.dli_fname,
             v.vips_version(0), v.vips_version(1));
    if (!v.g_module_open(path, G_MODULE_BIND_LAZY)) {
        log_line(LOG_WARN, "converter", "no HEIC: %s cannot be loaded", path);
        return;
    }
    /* From libheif 1.16 its decoders are plug-ins, found by heif_init, which must run while files may be opened. */
    void *heif = dlopen("libheif.so.1", RTLD_NOW | RTLD_NOLOAD);
    void *f = heif ? dlsym(heif, "heif_init") : NULL;
    struct {
        int code, subcode;
        const char *text;
    } (*heif_init)(void *);
    if (!f) return;
    memcpy(&heif_init, &f, sizeof f);
    heif_init(NULL);
}

bool image_start(void)
{
    void *library = dlopen("libvips.so.42", RTLD_LAZY | RTLD_GLOBAL);
    if (!library || !bind_all(library)) {
        log_line(LOG_ERROR, "converter", "libvips 8.13 or later is missing");
        return false;
    }
    mallopt(M_ARENA_MAX, 2);
    setenv("VIPS_NOVECTOR", "1", 1); /* ORC writes machine code at run time: the worker may not */
    setenv("ORC_CODE", "backup", 1);
    setenv("VIPS_DISC_THRESHOLD", "1g", 1); /* never a temporary file: the worker cannot open one */
    setenv("VIPSHOME", "/nonexistent", 1); /* no module but the one we load */
    v.g_log_set_default_handler(keep_silent, NULL);
    if (v.vips_init("beffroi-converter") != 0) return false;
    load_heif();
    v.vips_concurrency_set(1);
    v.vips_cache_set_max(0);
    v.vips_operation_block_set("VipsForeignLoad", TRUE);
    v.vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
    v.vips_operation_block_set("VipsForeignLoadPng", FALSE);
    v.vips_operation_block_set("VipsForeignLoadWebp", FALSE);
    v.vips_operation_block_set("VipsForeignLoadHeif", FALSE);
    v_ready = true;
    return true;
}

/* ---- conversion --------------------------------------------------------------------------------------------------- */

static err load(str bytes, int max_px, VipsImage **out)
{
    VipsImage *head =
        v.vips_image_new_from_buffer(bytes.p, bytes.n, "", "access", VIPS_ACCESS_SEQUENTIAL, NULL);
    VipsImage *small = NULL;
    if (!head) return FAIL(E_INVALID, W("image.unreadable"));
    int64_t width = v.vips_image_get_width(head), height = v.vips_image_get_height(head);
    if (width * height > IMAGE_MAX_PIXELS) return FAIL(E_INVALID, W("image.too_large"));
    if (v.vips_thumbnail_buffer((void *)(uintptr_t)bytes.p, bytes.n, &small, max_px, "height", max_px, "size",
                                VIPS_SIZE_DOWN, "export_profile", "srgb", "fail_on", VIPS_FAIL_ON_TRUNCATED,
                                NULL) != 0)
        return FAIL(E_INVALID, W("image.unreadable"));
    *out = v.vips_image_copy_memory(small); /* the decoding happens here; saved several times below */
    return *out ? NO_ERR : FAIL(E_INVALID, W("image.unreadable"));
}

static err save(VipsImage *image, enum image_format format, int quality, struct image_made *out)
{
    void *p = NULL;
    size_t n = 0;
    int failed = format == IMAGE_WEBP
                     ? v.vips_webpsave_buffer(image, &p, &n, "Q", quality, "strip", TRUE, NULL)
                     : v.vips_jpegsave_buffer(image, &p, &n, "Q", quality, "strip", TRUE, "optimize_coding",
                                              TRUE, NULL);
    str made = {p, n};
    if (!failed && format == IMAGE_WEBP) made = webp_strip(made);
    *out = (struct image_made){made, v.vips_image_get_width(image), v.vips_image_get_height(image)};
    return failed || !made.p ? FAIL(E_INVALID, W("image.unreadable")) : NO_ERR;
}

/* First the quality gives way, down to 40, then the size. */
static err save_within(VipsImage *image, struct image_wish w, struct image_made *out)
{
    for (int px = w.max_px; px >= 16; px = px * 3 / 4) {
        VipsImage *fit = image;
        if (px < w.max_px &&
            v.vips_thumbnail_image(image, &fit, px, "height", px, "size", VIPS_SIZE_DOWN, NULL) != 0)
            break;
        for (int quality = w.quality;; quality = quality > 50 ? quality - 12 : 40) {
            TRY(save(fit, w.format, quality, out));
            if (w.max_bytes <= 0 || out->bytes.n <= (size_t)w.max_bytes) return NO_ERR;
            if (quality <= 40) break;
        }
    }
    return FAIL(E_INVALID, W("image.too_large"));
}

err image_convert(str bytes, struct image_wish w, struct image_made *out)
{
    VipsImage *image, *flat;
    enum image_type type = image_type_of(bytes);
    if (!v_ready) return FAIL(E_BUSY, W("process.busy"));
    if (type == TYPE_NONE) return FAIL(E_INVALID, W("image.type"));
    if (!image_is_whole(bytes, type)) return FAIL(E_INVALID, W("image.truncated"));
    TRY(load(bytes, w.max_px, &image));
    if (w.format == IMAGE_JPEG && v.vips_image_hasalpha(image)) {
        VipsArrayDouble *white = v.vips_array_double_newv(3, 255.0, 255.0, 255.0);
        if (v.vips_flatten(image, &flat, "background", white, NULL) != 0)
            return FAIL(E_INVALID, W("image.unreadable"));
        image = flat;
    }
    return save_within(image, w, out);
}

err image_png(str bytes, str *out)
{
    VipsImage *image;
    void *p = NULL;
    enum image_type type = image_type_of(bytes);
    if (!v_ready || type == TYPE_NONE || !image_is_whole(bytes, type)) return FAIL(E_INVALID, W("image.unreadable"));
    TRY(load(bytes, 600, &image));
    if (v.vips_pngsave_buffer(image, &p, &out->n, "strip", TRUE, NULL) != 0) return FAIL(E_INVALID, W("image.unreadable"));
    out->p = p;
    return NO_ERR;
}

/* ---- types of files ---------------------------------------------------------------------------------------------- */

static magic_t types;

bool type_start(void)
{
    types = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_ELF);
    if (types && magic_load(types, NULL) == 0) return true;
    log_line(LOG_ERROR, "converter", "libmagic: %s", types ? magic_error(types) : "cannot start");
    types = NULL;
    return false;
}

str type_sniff(str bytes)
{
    const char *mime = types ? magic_buffer(types, bytes.p ? bytes.p : "", bytes.n) : NULL;
    return mime ? str_of(mime) : S("application/octet-stream");
}
