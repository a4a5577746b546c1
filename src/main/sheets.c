/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import comarquage: the archive that DILA publishes, or one of the same form. */
#include "core/sheets.h"

#include "formats/unzip.h"
#include "main/exchange.h"

/* The archive of all sheets for individuals holds some 5,600 files and unfolds to 140 MB. */
static const struct unzip_limits limits = {.files = 30000, .file_bytes = (size_t)4 << 20, .total_bytes = (size_t)1 << 30};

static err file_of(void *arg, arena *mem, size_t i, struct sheet_file *out)
{
    out->name = unzip_name(arg, i);
    return unzip_bytes(arg, mem, i, &out->bytes);
}

static str name_of(void *arg, size_t i) { return unzip_name(arg, i); }
static void progress(void *arg, int64_t done, int64_t total) { run_tell(arg, "%lld / %lld%s", (long long)done, (long long)total, done == total ? "\n" : "\r"); }

int import_sheets_run(struct run *r)
{
    const struct tenant *t;
    struct unzip *z = NULL;
    struct sheets_done done = {0};
    AUTO(db_close_auto) db *d = NULL;
    int status = run_tenant(r, &t);
    if (status != DONE) return status;
    err e = store_read(r->app->store, t->id, &d);
    if (e.code == OK) e = unzip_open(&z, str_z(r->mem, run_word(r, 0)), limits);
    if (e.code == OK) {
        struct sheets_source from = {.n = unzip_count(z), .file = file_of, .name = name_of, .arg = z, .is_sample = run_has(r, "sample"), .progress = progress, .progress_arg = r};
        e = sheets_import(d, r->mem, &from, &done);
    }
    if (e.code == OK && done.added + done.changed) e = store_tend(r->app->store);        /* PostgreSQL searches twice as fast once it has counted the words */
    unzip_close(z);
    for (size_t i = 0; i < done.faulty.n; i++) run_tell(r, "%.*s\n", STR_ARG(done.faulty.v[i]));
    if (e.code != OK) return run_fail(r, e);
    run_print(r, "new\t%lld\nrevision\t%lld\nsame\t%lld\nremoved\t%lld\nfaulty\t%zu\n", (long long)done.added, (long long)done.changed, (long long)done.same, (long long)done.gone, done.faulty.n);
    return done.faulty.n ? FAULT_FOUND : DONE;
}
