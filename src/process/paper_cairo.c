/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The fonts are Debian's package fonts-liberation, given to fontconfig by name: neither its configuration nor what else is installed on
   the machine changes a letter. Whatever reads files (fontconfig, FreeType, HarfBuzz) is made to read them here, before the sandbox. */
#include "process/paper_cairo.h"
#include <dlfcn.h>
#include <fontconfig/fontconfig.h>
#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "process/converter_image.h"

#define FONT_FOLDER "/usr/share/fonts/truetype/liberation/"

struct paper_library c;

const struct paper_font paper_fonts[PAPER_STYLES] = {
    [STYLE_BODY] = {FACE_SANS, 10.5, false},    [STYLE_SMALL] = {FACE_SANS, 8.5, false},     [STYLE_TITLE] = {FACE_SERIF, 17, true},
    [STYLE_HEADING2] = {FACE_SERIF, 13, true}, [STYLE_HEADING3] = {FACE_SANS, 10.5, true}, [STYLE_TOWN] = {FACE_SERIF, 14, true},
};

static const char *const files[] = {"LiberationSans-Regular.ttf",  "LiberationSans-Bold.ttf",  "LiberationSans-Italic.ttf",  "LiberationSans-BoldItalic.ttf",
                                    "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "LiberationSerif-Italic.ttf", "LiberationSerif-BoldItalic.ttf"};

static bool bind_all(void *library, void *codes)
{
    static const struct { const char *name; size_t offset; } functions[] = {
#define ROW(f_) {#f_, offsetof(struct paper_library, f_)},
        PAPER_FUNCTIONS(ROW)
#undef ROW
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *f = dlsym(library, functions[i].name);
        if (!f) return false;
        memcpy((char *)&c + functions[i].offset, &f, sizeof f);
    }
    void *encode = dlsym(codes, "QRcode_encodeData"), *end = dlsym(codes, "QRcode_free");
    memcpy(&c.QRcode_encodeData, &encode, sizeof encode);
    memcpy(&c.QRcode_free, &end, sizeof end);
    return encode && end;
}

/* A configuration that knows our files and nothing else. It is fontconfig's own before pango starts it, which would read the machine's
   configuration and look through its fonts. */
static PangoFontMap *fonts_open(void *library)
{
    __typeof__(FcConfigCreate) *create;
    __typeof__(FcConfigAppFontAddFile) *add;
    __typeof__(FcConfigSetCurrent) *begin;
    void (*set)(PangoFontMap *map, FcConfig *config);       /* its header wants FreeType's, which uses what we banned */
    void *f[] = {dlsym(library, "FcConfigCreate"), dlsym(library, "FcConfigAppFontAddFile"), dlsym(library, "FcConfigSetCurrent"), dlsym(library, "pango_fc_font_map_set_config")};
    if (!f[0] || !f[1] || !f[2] || !f[3]) return NULL;
    memcpy(&create, &f[0], sizeof create);
    memcpy(&add, &f[1], sizeof add);
    memcpy(&begin, &f[2], sizeof begin);
    memcpy(&set, &f[3], sizeof set);
    FcConfig *config = create();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[256];
        snprintf(path, sizeof path, FONT_FOLDER "%s", files[i]);
        if (!config || !add(config, (const FcChar8 *)path)) {
            log_line(LOG_ERROR, "converter", "no font %s: install fonts-liberation", path);
            return NULL;
        }
    }
    begin(config);
    PangoFontMap *map = c.pango_cairo_font_map_new();
    set(map, config);
    return map;
}

PangoFontDescription *paper_font_of(enum paper_style style)
{
    const struct paper_font *f = &paper_fonts[style];
    PangoFontDescription *d = c.pango_font_description_new();
    c.pango_font_description_set_family_static(d, f->face == FACE_SERIF ? "Liberation Serif" : "Liberation Sans");
    c.pango_font_description_set_weight(d, f->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    c.pango_font_description_set_absolute_size(d, f->size * PANGO_SCALE);
    return d;
}

static cairo_status_t nowhere(void *arg, const unsigned char *bytes, unsigned n)
{
    (void)arg, (void)bytes, (void)n;
    return CAIRO_STATUS_SUCCESS;
}

/* Draws every face once. The second letter is in none of them: it makes pango look through what there is now, with the thread it has
   for that, which a forked worker would wait for in vain. */
static void faces_open(void)
{
    cairo_surface_t *s = c.cairo_pdf_surface_create_for_stream(nowhere, NULL, 100, 100);
    cairo_t *cr = c.cairo_create(s);
    for (int i = 0; i < PAPER_STYLES * 4; i++) {
        PangoFontDescription *d = paper_font_of((enum paper_style)(i / 4));
        if (i & 1) c.pango_font_description_set_weight(d, PANGO_WEIGHT_BOLD);
        if (i & 2) c.pango_font_description_set_style(d, PANGO_STYLE_ITALIC);
        PangoLayout *l = c.pango_layout_new(c.context);
        c.pango_layout_set_font_description(l, d);
        c.pango_layout_set_text(l, "e\u4E2D", -1);
        PangoLayoutIter *it = c.pango_layout_get_iter(l);
        c.cairo_move_to(cr, 10, 50);
        c.pango_cairo_show_layout_line(cr, c.pango_layout_iter_get_line_readonly(it));
        c.pango_layout_iter_free(it);
        c.pango_font_description_free(d);       /* the layout stays: it holds its fonts open */
    }
    c.cairo_destroy(cr);
    c.cairo_surface_finish(s);
    c.cairo_surface_destroy(s);
}

bool paper_start(void)
{
    /* Lazily: looking up every function of forty libraries takes longer than a letter. */
    void *library = dlopen("libpangocairo-1.0.so.0", RTLD_LAZY | RTLD_GLOBAL), *codes = dlopen("libqrencode.so.4", RTLD_LAZY);
    if (!library || !codes || !bind_all(library, codes)) {
        log_line(LOG_ERROR, "converter", "cairo 1.16, pango 1.50 or libqrencode 4 is missing");
        return false;
    }
    PangoFontMap *map = fonts_open(library);
    if (!map) return false;
    PangoContext *context = c.pango_font_map_create_context(map);
    cairo_font_options_t *options = c.cairo_font_options_create();
    c.cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    c.cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    c.pango_cairo_context_set_font_options(context, options);
    c.cairo_font_options_destroy(options);
    c.pango_cairo_context_set_resolution(context, 72);
    c.pango_context_set_round_glyph_positions(context, FALSE);
    c.pango_context_set_language(context, c.pango_language_from_string("fr"));     /* one for all: each would be looked up by itself */
    c.context = context;
    faces_open();
    return true;
}

bool paper_ready(void)
{
    return c.context != NULL;
}
