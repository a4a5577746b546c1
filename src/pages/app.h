/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* app.h — what one running Beffroi holds; opened once (app_open), shared by threads, reached from a handler as q->app. */
#pragma once
#include "base/hash.h"
#include "core/files.h"
#include "core/kinds.h"
#include "core/settings.h"
#include "core/tenant.h"
#include "store/blob.h"
#include "store/db.h"

struct bucket;
struct courier;
struct converter;
struct audit;
struct inbox_cache;

struct app {
    arena *mem;                     /* what lives as long as the process */
    struct settings settings;
    struct store *store;
    struct bucket *bucket;          /* where sealed files lie; NULL: on the disk of blobs */
    struct blobs *blobs;
    struct tenants *tenants;
    struct kinds *kinds;
    struct courier *courier;        /* NULL in commands that send nothing */
    struct converter *converter;    /* NULL likewise */
    struct audit *audit;            /* readings that wait to be written; NULL: written at once */
    struct inbox_cache *inbox;      /* views and absences, kept in memory; NULL: read each time */
    const struct route_tables *routes;  /* all of them, for what describes them; NULL in commands */
    str node;                       /* name of this process for leases */
    struct hash32 pepper;           /* key of secrets that must be looked up: access codes (blobs_secret_hash) */
};

enum { APP_CREATE = 1, APP_PROCESSES = 2 };
err app_open(struct app *app, const struct settings *s, unsigned flags);    /* E_BUSY "store.in_use": another process is the writer */
void app_close(struct app *app);
