/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_cairo.h — cairo, pango and libqrencode, loaded at run time, in the converter only (see converter_image.c), with the fonts that
   sheets are set in. The fonts are opened before the sandbox closes; a worker opens nothing. */
#pragma once
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include "base/str.h"

/* clang-format off */
#define PAPER_FUNCTIONS(X)                                                                                                              \
    X(cairo_pdf_surface_create_for_stream) X(cairo_pdf_surface_restrict_to_version) X(cairo_pdf_surface_set_metadata)                   \
    X(cairo_pdf_surface_add_outline) X(cairo_create) X(cairo_destroy) X(cairo_surface_finish) X(cairo_surface_destroy)                  \
    X(cairo_surface_status) X(cairo_status) X(cairo_tag_begin) X(cairo_tag_end) X(cairo_show_page) X(cairo_move_to) X(cairo_line_to)    \
    X(cairo_rectangle) X(cairo_fill) X(cairo_stroke) X(cairo_set_source_rgb) X(cairo_set_line_width) X(cairo_save) X(cairo_restore)     \
    X(cairo_scale) X(cairo_translate) X(cairo_set_source_surface) X(cairo_paint) X(cairo_image_surface_create_from_png_stream)          \
    X(cairo_image_surface_get_width) X(cairo_image_surface_get_height) X(cairo_font_options_create)                                     \
    X(cairo_font_options_set_hint_style) X(cairo_font_options_set_hint_metrics) X(cairo_font_options_destroy)                           \
    X(pango_cairo_font_map_new) X(pango_cairo_context_set_resolution) X(pango_cairo_context_set_font_options)                           \
    X(pango_cairo_show_layout_line) X(pango_cairo_show_glyph_item) X(pango_font_map_create_context) X(pango_context_set_language)       \
    X(pango_context_set_round_glyph_positions) X(pango_language_from_string) X(pango_layout_new) X(pango_layout_set_text)               \
    X(pango_layout_set_width) X(pango_layout_set_attributes) X(pango_layout_set_font_description)                                       \
    X(pango_layout_set_alignment) X(pango_layout_set_wrap) X(pango_layout_get_iter) X(pango_layout_get_line_count)                      \
    X(pango_layout_get_size) X(pango_layout_iter_get_line_readonly)                                                                     \
    X(pango_layout_iter_get_line_extents) X(pango_layout_iter_get_baseline) X(pango_layout_iter_next_line) X(pango_layout_iter_free)    \
    X(pango_font_description_new) X(pango_font_description_set_family_static) X(pango_font_description_set_weight)                      \
    X(pango_font_description_set_style) X(pango_font_description_set_absolute_size) X(pango_font_description_free)                      \
    X(pango_attr_list_new) X(pango_attr_list_insert) X(pango_attr_list_unref) X(pango_attr_weight_new) X(pango_attr_style_new)          \
    X(pango_attr_underline_new) X(g_object_unref)
/* clang-format on */

/* c.cairo_create(…) is cairo's own function, with its own type. */
struct paper_library {
#define PAPER_MEMBER(f_) __typeof__(f_) *f_;
    PAPER_FUNCTIONS(PAPER_MEMBER)
#undef PAPER_MEMBER
    __typeof__(QRcode_encodeData) *QRcode_encodeData;
    __typeof__(QRcode_free) *QRcode_free;
    PangoContext *context;
};
extern struct paper_library c;
bool paper_ready(void);

/* Sizes in points. Every face, at every size, is looked up before the sandbox: a new one must stand in this list. */
enum paper_face { FACE_SANS, FACE_SERIF };
enum paper_style { STYLE_BODY, STYLE_SMALL, STYLE_TITLE, STYLE_HEADING2, STYLE_HEADING3, STYLE_TOWN, PAPER_STYLES };
struct paper_font { enum paper_face face; double size; bool bold; };
extern const struct paper_font paper_fonts[PAPER_STYLES];
PangoFontDescription *paper_font_of(enum paper_style style);
