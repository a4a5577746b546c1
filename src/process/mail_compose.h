/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* mail_compose.h — a mail as the bytes that travel: RFC 5322, UTF-8 headers by RFC 2047, bodies quoted-printable (RFC 2045),
   text and HTML as multipart/alternative (RFC 2046), Auto-Submitted: auto-generated (RFC 3834). Lines end with CRLF. */
#pragma once
#include "base/buf.h"
#include "process/courier.h"

/* E_INVALID "mail.header": a line end or a control character where none may be; "mail.address": not user@domain in ASCII. */
err mail_compose(const struct mail *m, buf *out);
bool mail_address_ok(str address);
/* What the .eml file is called: 20261123T220304Z-MESSAGE-ID.eml, letters, digits, '-', '.', '_' and '@' only. The same for a retry. */
str mail_file_name(arena *mem, const struct mail *m);
