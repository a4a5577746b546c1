/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* migrate.h — numbered changes of the truth tables, compiled in. Those that are new run in one transaction, all or none, and are recorded in
   the table migration(number, name, hash, at); one that was applied and reads differently now stops the start. */
#pragma once

struct migration {
    int number;
    const char *name, *file, *hash;     /* hash of the tokens, so comments may change */
    const char *text[2];                /* SQLite, PostgreSQL */
};

/* In order of number; ends with number 0. */
extern const struct migration migrations[];
