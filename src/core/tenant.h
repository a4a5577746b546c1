/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tenant.h — a tenant is a platform: one address, one set of accounts. It holds bodies (commune, EPCI, CCAS, syndicat). */
#pragma once
#include <jansson.h>
#include "base/words.h"
#include "store/db.h"

struct body {
    int64_t id, parent;
    str kind;                   /* commune | epci | ccas | syndicat */
    str name, siren, insee;
    int64_t population;
    json_t *settings;           /* defaults of its kinds, same keys as a kind's settings (docs/kinds.md): service {name, postal_address, mail, phone, hours}, silence, appeal, personal_data */
};
struct bodies { struct body *v; size_t n; };      /* in the order they were added: the first is the town's own */
struct tenant {
    int64_t id;
    str slug, name, zone;       /* "Europe/Paris" */
    enum lang lang;
    bool alsace_moselle, is_demo;
    str address;                /* how people reach it, for links in mails: the setting `address`, else a host of its own; absent: it has none */
    json_t *settings;           /* colours, logo, sender, tiles, legal notice, outline… */
    struct bodies bodies;
};

/* E_INVALID: not one ("localhost", "demarches.ville.fr", "[::1]": lower case, no port; "ville-2"). */
err tenant_host_check(str host);
err tenant_slug_check(str slug);
/* Makes the tenant d is bound to, inside or outside a transaction. E_EXISTS: slug or host taken. */
err tenant_put(db *d, str slug, str name, str host, json_t *settings);
err tenant_add(struct store *s, str slug, str name, str host, json_t *settings, int64_t *out_id);
err tenant_host_add(struct store *s, int64_t tenant, str host);
err tenant_list(struct store *s, arena *mem, struct tenant **out, size_t *out_n);
err tenant_load(struct store *s, int64_t id, arena *mem, struct tenant *out);
err tenant_save(db *d, const struct tenant *t);                    /* name, settings */
err body_add(db *d, const struct body *b, int64_t *out_id);
err body_save(db *d, const struct body *b);
/* What differs between was and now, and nothing else, is written on what is stored: of two who change at once, both keep theirs.
   For a form filled from the shared tenant. Name and settings; of a body also siren and insee. E_NOT_FOUND: it is not there. */
err tenant_change(db *d, const struct tenant *was, const struct tenant *now);
err body_change(db *d, const struct body *was, const struct body *now);
/* Of a tenant without the setting `address`: the scheme, and the port of a host that is this machine. Before the first load. */
void tenant_origin_set(str scheme, str listen);
const struct body *tenant_body(const struct tenant *t, int64_t id);         /* to show or to inherit from: else the first one; NULL: the tenant has none */
const struct body *tenant_body_exact(const struct tenant *t, int64_t id);   /* to check what was asked. NULL: not one of its own */

/* Shared, read-only, by host name (port ignored); reloaded when the store's change topic says so. NULL: no such host. */
struct tenants;
#define TENANT_AWAY_SETTINGS "{\"away\":"  /* a row whose settings start so is no town meanwhile: restored, or removed (tenant_archive.h) */
#define TOPIC_TENANT "tenant"         /* what depends on names, colours, bodies and other settings */
err tenants_open(struct tenants **out, struct store *s);
void tenants_close(struct tenants *t);
const struct tenant *tenants_by_host(struct tenants *t, str host);
const struct tenant *tenants_by_id(struct tenants *t, int64_t id);
void tenants_each(struct tenants *t, void (*fn)(void *, const struct tenant *), void *arg);
void tenants_changed(struct tenants *t);
