/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* scan.h — no file becomes ready before the scanner has seen it, when settings.clamd is set; without it all are taken as they come.
   E_INVALID "files.infected", "scan.refused" (over clamd's own limit), at: the file's name. E_BUSY "scan.unavailable": no verdict, try again. */
#pragma once
#include "web/req.h"

/* A sealed blob, read back in pieces (flat memory). It is the caller's to remove when this says no. */
err blob_scan(struct req *q, const struct blob_ref *ref, str file_name);
/* A file that came with a form, once: kept and scanned; u->ref is then for a row. What is refused is removed. */
err upload_receive(struct req *q, struct upload *u);
/* fn(arg, true) before a thread waits for the scanner, fn(arg, false) after: server_worker_waits. */
void scan_on_wait(void (*fn)(void *arg, bool waits), void *arg);
