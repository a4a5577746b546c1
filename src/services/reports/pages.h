/* SPDX-License-Identifier: AGPL-3.0-or-later */
#pragma once
#include "pages/filling.h"
#include "pages/public.h"

struct page_reports { struct layout l; struct public_list list; struct personal personal; };
