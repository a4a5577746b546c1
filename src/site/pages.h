/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "view/layout.h"
#include "view/parts.h"

/* words, files: of the form that could not be taken, to be sent again. A file has left the browser's form: it is chosen again. */
struct page_error { struct layout l; int64_t status; str said, where, request_id; bool can_sign_in, posted; struct url again;
                    struct { struct error_word { str name, value; } *v; size_t n; } words; struct { struct error_file { str name, label, id; } *v; size_t n; } files; };

struct door_tile { str label, hint, vignette; struct url at; };
struct page_home { struct layout l; struct { struct door_tile *v; size_t n; } tiles; struct { struct link *v; size_t n; } procedures; str lead; };

struct page_sign_in { struct layout l; str email, next, said; };
struct page_sign_up { struct layout l; str email, forename, surname; struct links faults; };
struct page_reset_ask { struct layout l; str email; bool sent; };
struct page_reset { struct layout l; struct url action; struct links faults; };
struct page_account { struct layout l; str email, name; bool is_agent, is_admin; str signs, lacks /* what letters say of who decides */; };
struct found { str title, what, offer, hint, state, tone; struct url at; };
struct founds { struct found *v; size_t n; };
/* best: the first of them, when it has every word typed. */
struct page_search { struct layout l; str words, corrected; int64_t total; struct founds best, entries, sheets, records; struct url write; str write_title; };
struct head_line { int64_t at_us, events; str hash; };
struct page_heads { struct layout l; struct { struct head_line *v; size_t n; } rows; struct part_pager pager; };
struct page_prose { struct layout l; struct html body; bool gives_source; };
