/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* notify.h — words with systemd (sd_notify(3)), when it started us: NOTIFY_SOCKET, LISTEN_FDS. */
#pragma once
#include "base/str.h"

/* "READY=1". fd: sent along, -1 for none. Nobody asked: nothing. */
void notify_tell(const char *text, int fd);
/* The listening socket that the service before us left with systemd (FDSTORE), when it stands at this address; else -1. A restart then
   refuses no connection: they wait. Once, in the process that systemd started. */
int notify_kept(str address);
void notify_keep(str address, int fd);
