/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper_blocks.h — each kind of block on the sheet. after: what must stand on the same page as the block's last lines. */
#pragma once
#include "process/paper_flow.h"

void block_draw(struct pen *t, const struct paper_block *b, double after);
void table_draw(struct pen *t, const struct paper_block *b);
void field_draw(struct pen *t, const struct paper_block *b);
void reserved_draw(struct pen *t, const struct paper_block *b);
