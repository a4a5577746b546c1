/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* draft.h — what a citizen is filling in. Each field is saved as it is left; resumed by account, or reference + code (shown when the
   draft begins). Its id becomes the record's. A correction asked by an agent is a draft with the record's own id.
   All these make their own transaction, and join one that is open. */
#pragma once
#include "core/life.h"
#include "core/record.h"

struct draft {
    int64_t id, revision, account, body, version, created_us, updated_us, expires_us, record /* correction of; 0 */;
    str kind, reference, channel; json_t *doc; struct contact contact; size_t page_reached;
};
struct drafts { struct draft *v; size_t n; };
struct draft_secret { str code; str token; };   /* code: typed by people ("BCDF-GHJK-LMNP"); token: in the cookie of this browser */
err draft_start(db *d, arena *mem, const struct kind *k, int64_t body, int64_t account, str channel, int64_t now_us, struct draft *out, struct draft_secret *secret);
err draft_get(db *d, arena *mem, int64_t id, struct draft *out);
err draft_by_reference(db *d, arena *mem, str reference, struct draft *out);   /* the caller then proves the right: account or draft_holds */
err draft_by_code(db *d, arena *mem, str reference, str code, str second /* may be absent while none was given */, struct draft *out);
err draft_holds(db *d, int64_t id, str token);                       /* E_NOT_FOUND: this browser does not hold it. Holds after filing too */
err draft_tokens_hold(db *d, arena *mem, struct strs tokens, int64_t *out_ids);     /* in one statement: what each holds; 0: nothing */
bool draft_code_is(db *d, arena *mem, int64_t id, str code);         /* the code of this draft, or of the record it became or corrects */
err draft_token_new(db *d, arena *mem, int64_t id, str *out_token);  /* after resuming by code, of a draft or a record */
err draft_token_end(db *d, int64_t id, str token);                   /* this browser leaves */
/* E_CONFLICT: another tab or device saved since; E_GONE: erased or filed. seen_version 0: not compared. */
err draft_save(db *d, int64_t id, const json_t *doc, int64_t seen_version, size_t page_reached, int64_t now_us, int64_t *out_version);
/* One field, merged in the transaction on what is stored, so that two tabs do not undo one another. */
err draft_save_value(db *d, arena *mem, const struct kind *k, int64_t id, str path, const json_t *value /* NULL: removed */, int64_t now_us, int64_t *out_version);
err draft_contact(db *d, int64_t id, const struct contact *c);
err draft_take(db *d, int64_t id, int64_t account);                  /* who signed in meanwhile keeps it; E_CONFLICT: it is somebody's */
err draft_erase(db *d, arena *mem, int64_t id);                      /* "quit and erase here": document, files, code */
err drafts_of(db *d, arena *mem, int64_t account, struct drafts *out);
err draft_expire(db *d, arena *mem, int64_t now_us, int64_t *out_removed);     /* at most 100 a call */
/* Files the draft's document: check is the caller's (f->doc, of f->draft_version). What f leaves absent is the draft's: reference,
   contact, channel, author, body, code. E_GONE: erased. Twice: the first receipt (*again). */
err draft_file(db *d, arena *mem, int64_t id, const struct filing *f, struct record *out, bool *again);

/* A correction: the record's answers, without the agents' annotations, opened again for its author. Begun already: that one. */
err draft_correction(db *d, arena *mem, const struct kind *k, const struct record *r, int64_t now_us, struct draft *out);
/* Sends it: doc (checked) becomes the record's, annotations are kept as they are now, a->transition is applied. */
err draft_correct(db *d, arena *mem, int64_t id, const json_t *doc, const struct act *a, struct record *out);
