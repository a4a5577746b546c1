/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* door.h — the hooks of the server: which town, who asks, may they, and the page of an error. */
#pragma once
#include "web/server.h"

extern const struct server_hooks door_hooks;
