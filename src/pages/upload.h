/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* upload.h — files of a draft: with the form, or resumed (tus 1.0); and files shown to who may see them. */
#pragma once
#include "pages/holder.h"

/* The type by its bytes, from the converter; what is not known is application/octet-stream. */
str sniff(struct req *q, str head, str file_name);
/* A file that came with the form joins *doc at its field, scanned (scan.h). E_INVALID: the field takes no such type, or is full, or infected. */
err file_take(struct req *q, struct held *h, struct upload *u, json_t **doc);
/* Files that came with a message, at most MESSAGE_FILES; any document. Checked, E_INVALID, at: which; then all kept and
   scanned (E_INVALID: infected), for thread_post. */
#define MESSAGE_FILES 5
err message_files_check(struct req *q);
err message_files_keep(struct req *q, struct files *out);
/* The bytes of a file of h, for download; images and PDF may be shown in place. */
err file_send(struct req *q, struct held *h, int64_t id);
