/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <assert.h>

#include "base/id.h"
#include "core/answers.h"
#include "core/facet.h"
#include "core/files.h"
#include "core/journal.h"
#include "core/letter.h"
#include "core/notify.h"
#include "core/projection.h"
#include "core/results.h"
#include "core/search.h"
#include "formats/json.h"
#include "gen/sql/core/draft.sql.h"
#include "gen/sql/core/life.sql.h"
#include "gen/sql/core/notify.sql.h"
#include "gen/sql/core/returns.sql.h"
#include "gen/sql/core/record.sql.h"
#include "gen/sql/core/retention.sql.h"

/* What counts without naming anybody: chosen answers that are filters. Free words never. */
static json_t *statistics_of(arena *mem, const struct kind *k, const json_t *doc)
{
    static const char *const counted[] = {"choice", "choices", "linked_choice", "yesno", "checkbox", "integer", "commune", "departement", "region"};
    json_t *out = json_own(mem, json_object());
    for (size_t i = 0; i < k->fields.n; i++) {
        const struct field *f = &k->fields.v[i];
        const json_t *v = answer_in(mem, doc, f);
        if (!v || !f->filter || json_is_object(v)) continue;
        for (size_t t = 0; t < sizeof counted / sizeof *counted; t++)
            if (strcmp(f->type->name, counted[t]) == 0) json_object_setn(out, f->id.p, f->id.n, (json_t *)(uintptr_t)v);
    }
    return out;
}

/* Full-text segments are merged once for all erasures of ten minutes. */
static err scrub_later(db *w, arena *mem, int64_t now_us)
{
    int64_t slot = now_us / (10 * MINUTE_US) + 1;
    return job_add(w, S("search.scrub"), STR_NONE, str_fmt(mem, "scrub/%lld", (long long)slot), S("scrub"), slot * 10 * MINUTE_US);
}

static err erase_around(db *w, arena *mem, int64_t id, int64_t now_us, bool keep_statistics)
{
    TRY(journal_erase_words(w, id, now_us));
    TRY(actor_erase(w, id, now_us));
    TRY(sql_messages_remove_of(w, id));
    TRY(sql_contact_remove(w, id));
    TRY(sql_token_remove_of(w, id));
    TRY(sql_draft_remove(w, id, NULL));
    TRY(sql_draft_tokens_remove(w, id));
    TRY(sql_outbox_remove_of(w, id));
    TRY(sql_returns_remove_of(w, id));
    TRY(sql_timers_drop(w, id));
    TRY(sql_index_remove(w, id));
    TRY(search_remove(w, id));
    TRY(results_erase(w, id));
    TRY(letters_erase(w, id, now_us));
    TRY(files_erase(w, mem, id));
    TRY(facets_erase(w, mem, id, keep_statistics));
    if (!keep_statistics) TRY(sql_record_links_remove(w, id));
    return scrub_later(w, mem, now_us);
}

err record_erase(db *w, arena *mem, const struct kind *k, int64_t id, int64_t actor, int64_t now_us, bool keep_statistics)
{
    assert(db_in_txn(w));
    struct record was;
    int64_t seq = 0;
    TRY(record_get(w, mem, id, &was));
    TRY(erase_around(w, mem, id, now_us, keep_statistics));
    TRY(journal_add(w, &(struct event){.record = id, .at_us = now_us, .actor = actor, .verb = S("erased"), .from = was.state, .to = was.state,
                                       .for_author = true}, &seq));
    if (!keep_statistics) {
        TRY(counter_move(w, &was, NULL));
        return sql_record_row_remove(w, id);
    }
    struct record now = was;
    now.doc = statistics_of(mem, k, was.doc);
    now.masks = NULL;
    now.author = 0;
    now.updated_us = now_us;
    now.expires_us = now.due_us = now.silence_us = now.suspended_us = 0;
    record_titles(w, mem, k, &now, STR_NONE);
    TRY(sql_record_doc_save(w, id, doc_write(mem, now.doc)));
    return record_save(w, mem, k, &was, &now);
}
