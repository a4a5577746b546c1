/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* thread.h — what people and agents say about a record: messages, and notes that only agents read. */
#pragma once
#include "core/files.h"
#include "core/rights.h"

struct message { int64_t id, record, actor, created_us; bool from_author, is_note; str words, name, capacity, service; };
struct messages { struct message *v; size_t n; };
struct post {
    const struct who *who; const struct tenant *tenant; const struct kind *kind; int64_t record;
    bool is_note; str words; int64_t now_us;
    struct files files;             /* kept already (upload_keep): name, type, blob of each */
};
err thread_words_check(str words);      /* E_INVALID, as thread_post says it: to be asked before files are kept */
/* Message, its files, journal event and mail to the other side in one transaction. Who handles the record speaks for the service, its author for
   themselves. E_INVALID: nothing said, or too long (8,000 characters); E_DENIED, E_NOT_FOUND: may(). */
err thread_post(db *d, arena *mem, const struct post *p, int64_t *out_id);
err thread_of(db *d, arena *mem, int64_t record, bool with_notes, struct messages *out);        /* oldest first */
bool message_file_of(str field_path, int64_t message);          /* a file of the record came with this message */
