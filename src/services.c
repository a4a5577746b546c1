/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Everything that answers, listed by hand. */
#include "services.h"

#include "core/work.h"
#include "pages/filling.h"
#include "pages/follow.h"
#include "pages/letters.h"
#include "pages/why.h"
#include "pages/public.h"
#include "services/procedures/procedures.h"
#include "services/reports/reports.h"
#include "services/sheets/sheets.h"
#include "site/admin.h"
#include "site/desk.h"
#include "site/mass.h"
#include "site/site.h"

static const struct route *const tables[] = {
    home_routes, account_routes, health_routes, search_routes, procedure_routes, procedure_api_routes, report_routes, map_routes,
    filling_routes, filing_routes, file_routes, follow_routes, letter_routes, why_routes, verify_routes, api_routes, openapi_routes, inbox_routes, desk_routes, desk_letter_routes,
    view_routes, mass_routes, model_routes, absence_routes, stats_routes,
    admin_routes, admin_town_routes, editor_routes, editor_field_routes, editor_condition_routes, editor_letters_routes, editor_rules_routes, readings_routes, heads_routes, library_routes,
    staff_routes, mails_routes, state_routes, first_routes, sheet_routes, found_routes,
};
const struct route_tables all_routes = {tables, sizeof tables / sizeof *tables};

static err run_core(db *d, arena *mem, const struct job *j, void *arg)
{
    struct app *app = arg;
    return core_job(d, mem, j, &(struct core_world){app->store, app->kinds, tenants_by_id(app->tenants, db_tenant(d)), app->node});
}

static err run_rewrap(db *d, arena *mem, const struct job *j, void *arg)
{
    struct app *app = arg;
    return files_rewrap(d, mem, app->blobs, j->payload, clock_now_us());
}

static err run_letter(db *d, arena *mem, const struct job *j, void *arg)
{
    struct app *app = arg;
    return letter_make(d, mem, j, &(struct letter_press){app->blobs, app->converter, tenants_by_id(app->tenants, db_tenant(d))}, clock_now_us());
}

const struct job_type all_jobs[] = {{FILES_REWRAP, run_rewrap}, {LETTER_MAKE, run_letter}, {"publish", photos_publish}, {"search.scrub", run_core},
                                     {MASS_JOB, mass_job, MASS_LEASE_US}, {0}};
