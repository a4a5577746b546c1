/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#ifndef BEFFROI_VERSION
#define BEFFROI_VERSION "0.1"
#endif
