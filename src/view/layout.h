/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* layout.h — what is around every page. The site's filler (page_filler_set) writes what is common; a handler sets before what it
   wants to differ: the filler leaves alone what is already set. */
#pragma once
#include "view/html.h"

enum page_script { SCRIPT_FORM = 1, SCRIPT_MAP = 2, SCRIPT_VERIFY = 4, SCRIPT_LIVE = 8 };       /* bits: files of web/ that the page needs */
enum page_width { WIDTH_PAGE, WIDTH_TEXT, WIDTH_WIDE };     /* WIDE: lists of the desk, tables, maps */

struct nav_item { str label; struct url at; bool is_current; };
struct nav_items { struct nav_item *v; size_t n; };

struct layout {
    /* set by the handler, all optional */
    str title;                      /* without the town's name; {{layout key}} gives it in the template */
    str description;                /* for search engines; public pages */
    int status;                     /* 0: 200 */
    unsigned scripts;               /* SCRIPT_… */
    enum page_width width;
    struct nav_items crumbs;        /* from the home page on, the page itself left out */
    struct url feed;                /* Atom feed of this list */
    bool is_desk;                   /* agents' navigation instead of the citizens' */
    bool no_index;
    bool is_print;                  /* a sheet: neither header nor footer */
    str notice, notice_tone;        /* one line after an action ("Enregistré"): "done" | "info" | "warn" */

    /* filled by the site */
    str town;                       /* name of the platform */
    struct url logo, town_style;    /* the town's two colours, a small stylesheet of its own; absent: Beffroi's */
    struct nav_items nav, languages;
    str person;                     /* who is signed in; absent: nobody */
    bool is_agent, is_admin;
    bool is_demo;
    struct url sign_in, source;     /* source of the running version (AGPL §13) */
    str version;
    str contact_name, contact_address, contact_phone, contact_hours;    /* of the town hall: the way without a screen, on every page */
    enum lang lang;
    str zone, token;
};
