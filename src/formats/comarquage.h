/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* comarquage.h — the fact sheets that DILA publishes for reuse (service-public.fr, flux Vosdroits 3.x, Licence Ouverte 2.0): one XML file a
   publication, F (sheets) and N (themes and folders). Read into safe HTML of our own: every element has its row in a table, unknown ones are
   read through, all text is escaped, links are to /fiches/ID or to https and http addresses. */
#pragma once
#include "base/buf.h"

#define COMARQUAGE_VERSION 1        /* of the HTML made: another one makes all sheets again at the next import */
#define SHEET_OFFICIAL "https://www.service-public.gouv.fr/particuliers/vosdroits/"

struct com_sheet {
    str id, title, theme;
    str type;                       /* "sheet", "question" or "node" */
    str intro;                      /* one or two sentences, plain */
    str html;                       /* headings from h2 */
    str words;                      /* its headings: what is searched besides its title */
    int64_t day;                    /* last changed, since 1970; 0: not said */
};
err comarquage_read(arena *mem, str xml, struct com_sheet *out);           /* E_MALFORMED; E_INVALID: XML, but no publication */
