/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rights.h — who may do what. may() for one record and may_where(), the same as a predicate for lists, counts, search, exports,
   map and feeds; a property test proves them equal. Deny by default. */
#pragma once
#include "store/select.h"
#include "core/record.h"

enum role { ROLE_NONE, ROLE_READER, ROLE_AGENT, ROLE_MANAGER /* edits and publishes kinds */, ROLE_ADMIN };
struct grant { enum role role; int64_t body, team; str kind; };      /* 0 / absent: all */
struct grants { struct grant *v; size_t n; };

struct who {
    int64_t account;            /* 0: nobody is signed in */
    int64_t session;            /* for the anti-forgery token */
    str name, email;
    struct grants grants;
    int64_t holds_record;       /* this request proved its right on that record or draft (code, API token); 0: none */
    bool is_system;
};
extern const struct who WHO_NOBODY, WHO_SYSTEM;

enum verb { VERB_SEE_PUBLIC, VERB_SEE, VERB_LIST, VERB_ANSWER /* write as its author */, VERB_HANDLE /* take, message, decide */,
            VERB_EDIT_KIND, VERB_PUBLISH_KIND, VERB_ADMIN };
err may(const struct who *w, enum verb v, const struct record *r);   /* OK, E_SIGN_IN, E_DENIED, or E_NOT_FOUND when its being there is a secret */
void may_where(const struct who *w, enum verb v, struct select *q, const char *record_alias);
bool may_some(const struct who *w, enum verb v);                     /* for some record: shows the desk's door */
bool who_has(const struct who *w, enum role least, int64_t body, int64_t team, str kind);

/* Rights a route carries (web sees an opaque number). */
enum right { RIGHT_PUBLIC = 1, RIGHT_SIGNED_IN, RIGHT_AGENT, RIGHT_MANAGER, RIGHT_ADMIN, RIGHT_HOLDER /* code, author or token: the handler loads the record through may() */,
             RIGHT_API_TOKEN, RIGHT_LOOPBACK };
const char *right_name(enum right r);
err right_allows(const struct who *w, enum right r);
