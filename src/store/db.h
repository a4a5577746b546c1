/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* db.h — the only database header. SQLite or PostgreSQL behind it, chosen by the store's URL; nothing above knows which.
   A `db` is a connection lent to one thread and bound to one tenant. Statements are functions generated from .sql files
   (see docs/data.md): err sql_record_get(db *, arena *, int64_t id, struct record_row *out). They bind $1 = tenant by themselves. */
#pragma once
#include "base/arena.h"
#include "base/going.h"
#include "base/str.h"

typedef struct db db;
struct store;

struct store_options {
    str url;              /* "sqlite:/dir/beffroi.db" or "postgresql://…" */
    int readers;          /* SQLite: connections for reading (8); PostgreSQL: size of the pool (worker threads + 4) */
    int read_most_ms;     /* a reading statement or a snapshot that lives longer is cut: E_BUSY "store.too_slow"; 0: 1,000 */
    bool create;          /* make and migrate; otherwise a missing store is E_NOT_FOUND */
    str before;           /* a directory: a copy of a store that holds data goes there before it is migrated (store/before.h); absent: none is made */
    const struct sql_statement *const *more_sql;            /* of tests: files of statements and tables of their own; NULL: none */
    const struct migration *const *more_migrations;
};
struct sql_statement;
struct migration;
/* Migrates, prepares every statement once: a bad column stops here. SQLite: takes DIR/lock; E_BUSY "store.in_use" when another
   process has it. E_CONFIG: a migration or a statement is at fault, `at` says which. */
err store_open(struct store **out, const struct store_options *opt);
/* The lock of a data directory, for those that keep no SQLite file in it. Held until the descriptor is closed. */
err store_lock(str dir, int *out_fd);
void store_close(struct store *s);
bool store_is_sqlite(const struct store *s);
/* SQLite: fn(arg, true) before this thread sleeps until its transaction is committed, fn(arg, false) after. Set before the threads start. */
void store_on_wait(struct store *s, void (*fn)(void *arg, bool waits), void *arg);

/* Lends a connection for reading (each statement its own snapshot unless db_snapshot). Give back with db_done. */
err store_read(struct store *s, int64_t tenant, db **out);
void db_done(db *d);
static inline void db_close_auto(db **d) { if (*d) db_done(*d); }     /* AUTO(db_close_auto) db *d = NULL; */
int64_t db_tenant(const db *d);
/* The first E_BUSY, E_IO or E_FULL of a read since d was lent: whoever took it for "not found" was wrong. */
err db_trouble(const db *d);
struct store *db_store(const db *d);
void db_bind_tenant(db *d, int64_t tenant);    /* changes the tenant: for start-up, jobs and the command line only */

/* Runs fn in a write transaction for d's tenant and returns what it returned; commits when OK, else rolls back what fn did.
   SQLite: fn runs on the writer thread inside a group (a SAVEPOINT); PostgreSQL: SERIALIZABLE on this thread's connection.
   fn may run more than once (retries): it does database work only, ≤ 50 ms, sends nothing, and sets its outputs afresh each time.
   fn's db is `w`; calling db_txn(w, …) inside joins the transaction. Returns only after COMMIT.
   After a statement has failed (E_EXISTS too; not E_NOT_FOUND) the transaction is lost: later statements give the same error and
   nothing is kept, whatever fn returns; to try an insert, write ON CONFLICT DO NOTHING and "-> changed".
   E_BUSY, E_IO, E_FULL: nothing was kept (PostgreSQL lost during COMMIT: fn was run again, up to 5 times). */
typedef err (*txn_fn)(db *w, void *arg);
err db_txn(db *d, txn_fn fn, void *arg);
/* For a function whose every decision rests on rows it writes itself, or on a unique key: a draft saved, a draft filed. PostgreSQL: REPEATABLE
   READ, where two that write one row still exclude each other, and neighbours in one index page do not (docs/decisions/0006). SQLite: db_txn. */
err db_txn_own(db *d, txn_fn fn, void *arg);
bool db_in_txn(const db *d);
/* In fn: an earlier run of it may have been committed (the connection was lost during COMMIT); a key found taken may be its own. */
bool db_maybe_committed(const db *w);

/* A consistent view over several reading statements; ≤ 1 s: then its statements are E_BUSY "store.too_slow". */
err db_snapshot(db *d);
void db_snapshot_end(db *d);
/* For doctor, which reads the whole store at once: its statements may take as long as they need. Nothing that answers a request is patient. */
void db_be_patient(db *d);

/* While a tenant is being replaced or removed: a transaction bound to it is E_BUSY "store.tenant_away", on this node. 0: none is away. */
void store_fence(struct store *s, int64_t tenant);

/* Numbers for tests and /metrics. */
struct store_stats { int64_t statements, txns, txn_retries, groups, grouped; };
void store_stats(struct store *s, struct store_stats *out);
int64_t db_statements(const db *d);                        /* run by this connection since it was lent: budgets in tests */

/* The database's own clock (leases). */
err db_now_us(db *d, int64_t *out);

/* Online copy of the whole store: SQLite backup API / pg_dump custom format, into FILE (must not exist). */
err store_backup(struct store *s, str file, void (*progress)(void *, int64_t done, int64_t total), void *arg);
err store_restore(const struct store_options *opt, str file);
err store_check(struct store *s, arena *mem, struct strs *faults);        /* integrity, added to faults: for doctor */
err store_schema(struct store *s, struct strs *out, arena *mem);          /* DDL as applied */

/* Once an hour or so: statistics of the planner, the WAL folded back. */
err store_tend(struct store *s);
/* After an erasure: nothing of what was deleted stays in the files of the store (SQLite; PostgreSQL: VACUUM). */
err store_scrub(struct store *s);

/* Projections (search, side index…): each has a version; when the stored one differs, rebuild is called at start-up or by `beffroi rebuild`. */
struct projection { const char *name; const char *version; err (*rebuild)(db *d, arena *mem, const struct going *going); };
