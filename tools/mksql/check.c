/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The rules that need to know the tables: no statement reads or writes another tenant's rows, no order is left to the engine,
   no clock but the caller's. A simple statement is looked at by the tokens of its own depth; what stands in parentheses and
   starts with SELECT or WITH is another simple statement. */
#include "mksql/mksql.h"

struct ref {
    str alias;
    const struct table *table;
    size_t at;                  /* its token */
    bool left, bound;           /* LEFT JOIN; narrowed to the tenant */
};
struct refs { struct ref *v; size_t n; };
struct equality { size_t a, b; bool both; };    /* a is narrowed when b is; both: and the other way */
struct equalities { struct equality *v; size_t n; };
struct check {
    arena *mem;
    const struct sql_file *f;
    const struct stmt *s;
    const struct tables *tables;
    const struct toks *t;
    struct strs ctes;
    struct refs refs;           /* of the simple statement being looked at */
    struct equalities equalities;
};

static const char *const clause_words[] = {"where", "group", "having", "order", "limit", "offset", "window", "returning", "set", "values", "for", "do", 0};
static const char *const join_words[] = {"join", "left", "right", "full", "inner", "cross", "natural", "outer", "on", "using", 0};
static const char *const compound_words[] = {"union", "intersect", "except", 0};

static void say(struct check *c, size_t i, const char *what, str name)
{
    size_t k = i < c->t->n ? i : c->t->n - 1;
    fault(c->f->path, c->t->v[k].line, "%.*s: %s%s%.*s", STR_ARG(c->s->name), what, name.n ? " " : "", STR_ARG(name));
}

static bool is_cte(const struct check *c, str name)
{
    for (size_t i = 0; i < c->ctes.n; i++)
        if (str_eq(c->ctes.v[i], name)) return true;
    return false;
}

/* The next token of the same depth. */
static size_t step(const struct check *c, size_t i)
{
    return tok_is(&c->t->v[i], "(") ? c->t->v[i].mate : i + 1;
}

static bool is_name(const struct tok *t)
{
    return t->kind == TOK_WORD || t->kind == TOK_QUOTED;
}

static bool is_one(const struct check *c, size_t i, size_t to)
{
    return i < to && c->t->v[i].kind == TOK_PARAM && c->t->v[i].param == 1;
}

/* ---- the tables of a simple statement ---- */

static void ref_read(struct check *c, size_t i, size_t to, bool left)
{
    const struct tok *v = c->t->v;
    if (i >= to) return;
    if (!is_name(&v[i])) {
        if (tok_is(&v[i], "(") && !tok_is(&v[i + 1], "select") && !tok_is(&v[i + 1], "with") && !tok_is(&v[i + 1], "values"))
            say(c, i, "joins are written without parentheses", STR_NONE);
        return;
    }
    struct ref r = {.table = is_cte(c, v[i].name) ? 0 : table_find(c->tables, v[i].name), .alias = v[i].name, .at = i, .left = left};
    bool is_function = i + 1 < to && tok_is(&v[i + 1], "(");
    if (!r.table && !is_cte(c, r.alias) && !is_function) say(c, i, "no migration makes the table", r.alias);
    i = is_function ? v[i + 1].mate + 1 : i + 1;
    if (i < to && tok_is(&v[i], "as")) i++;
    if (i < to && is_name(&v[i]) && !tok_among(&v[i], clause_words) && !tok_among(&v[i], join_words)) r.alias = v[i].name;
    if (r.table) PUSH(c->mem, &c->refs, r);
}

static void refs_read(struct check *c, size_t from, size_t to)
{
    const struct tok *v = c->t->v;
    bool in_from = false, left = false;
    for (size_t i = from; i < to; i = step(c, i)) {
        if (tok_is(&v[i], "right") || tok_is(&v[i], "full")) say(c, i, "write the join as LEFT JOIN or JOIN", STR_NONE);
        bool is_from = tok_is(&v[i], "from") && !(i > 0 && tok_is(&v[i - 1], "distinct"));
        if (is_from) in_from = true;
        if (tok_among(&v[i], clause_words)) in_from = false;
        if (tok_is(&v[i], "left")) left = true;
        if (is_from || tok_is(&v[i], "join") || (in_from && tok_is(&v[i], ",")) || (i == from && tok_is(&v[i], "update")) ||
            (tok_is(&v[i], "using") && tok_is(&v[from], "delete"))) {
            ref_read(c, i + 1, to, left);
            left = false;
        }
    }
}

/* ---- tenant = $1 ---- */

/* [alias.]tenant at i: its table; *after gets the index behind it. */
static struct ref *tenant_column(struct check *c, size_t i, size_t to, size_t *after)
{
    const struct tok *v = c->t->v;
    struct refs *refs = &c->refs;
    *after = i + 1;
    if (i + 2 < to && is_name(&v[i]) && tok_is(&v[i + 1], ".") && tok_is(&v[i + 2], "tenant")) {
        *after = i + 3;
        for (size_t k = 0; k < refs->n; k++)
            if (str_eq(refs->v[k].alias, v[i].name)) return &refs->v[k];
        return 0;
    }
    struct ref *only = 0;
    if (i >= to || !tok_is(&v[i], "tenant")) return 0;
    for (size_t k = 0; k < refs->n; k++) {
        if (!refs->v[k].table->tenant) continue;
        if (only) return 0;
        only = &refs->v[k];
    }
    return only;
}

/* One condition from i, [alias.]tenant = $1 or = [alias.]tenant or turned round. `on`: the table the ON belongs to. */
static void condition(struct check *c, size_t i, size_t to, struct ref *on)
{
    const struct tok *v = c->t->v;
    size_t after = i + 1;
    bool one = is_one(c, i, to);
    struct ref *a = one ? 0 : tenant_column(c, i, to, &after), *b = 0;
    if ((!a && !one) || after >= to || !tok_is(&v[after], "=")) return;
    i = after + 1;
    after = i + 1;
    if (!one && is_one(c, i, to)) one = true;
    else b = tenant_column(c, i, to, &after);
    if (after < to && !tok_is(&v[after], "and")) return;
    if (one && (a || b)) {
        struct ref *bound = a ? a : b;
        if (!on || on == bound || !on->left) bound->bound = true;
    } else if (a && b && a != b) {
        struct ref *first = on == b ? b : a, *second = on == b ? a : b;
        if (on && on->left && on != first) return;
        struct equality e = {(size_t)(first - c->refs.v), (size_t)(second - c->refs.v), !on || !on->left};
        PUSH(c->mem, &c->equalities, e);
    }
}

/* The conditions of one WHERE or ON, joined by AND at its own depth; beside an OR nothing is narrowed. */
static void conditions(struct check *c, size_t from, size_t to, struct ref *on)
{
    const struct tok *v = c->t->v;
    size_t end = from;
    bool has_or = false, has_tenant = false, between = false, starts = true;
    while (end < to && !tok_among(&v[end], clause_words) && !(on && (tok_among(&v[end], join_words) || tok_is(&v[end], ",")))) {
        has_or |= tok_is(&v[end], "or");
        has_tenant |= tok_is(&v[end], "tenant");
        end = step(c, end);
    }
    if (has_or && has_tenant) {
        say(c, from, "OR beside the condition on tenant: put it in parentheses", STR_NONE);
        return;
    }
    for (size_t i = from; i < end && !has_or; i = step(c, i)) {
        if (starts) condition(c, i, end, on);
        bool is_and = tok_is(&v[i], "and");
        if (tok_is(&v[i], "between")) between = true;
        starts = is_and && !between;
        if (is_and) between = false;
    }
}

static void refs_judge(struct check *c, size_t at)
{
    struct refs *refs = &c->refs;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < c->equalities.n; i++) {
            struct equality e = c->equalities.v[i];
            struct ref *a = &refs->v[e.a], *b = &refs->v[e.b];
            if (b->bound && !a->bound) a->bound = more = true;
            if (e.both && a->bound && !b->bound) b->bound = more = true;
        }
    }
    for (size_t i = 0; i < refs->n; i++) {
        if (!refs->v[i].table->tenant || c->s->all_tenants) continue;
        if (c->s->global) say(c, at, ":global statements do not touch tables of tenants:", refs->v[i].table->name);
        else if (!refs->v[i].bound) say(c, at, "no tenant = $1 for", refs->v[i].alias);
    }
}

/* ---- INSERT ---- */

/* Whether the n-th item of a list is $1. */
static bool item_is_one(const struct check *c, size_t from, size_t to, size_t n)
{
    size_t start = from, k = 0;
    for (size_t i = from;; i = step(c, i)) {
        if (i < to && !tok_is(&c->t->v[i], ",")) continue;
        if (k++ == n) return is_one(c, start, i) && (start + 1 == i || tok_is(&c->t->v[start + 1], "as"));
        if (i >= to) return false;
        start = i + 1;
    }
}

/* Whether each row of VALUES, or the SELECT, gives $1 at the place of tenant. */
static bool insert_gives_one(const struct check *c, size_t i, size_t to, size_t place)
{
    const struct tok *v = c->t->v;
    bool any = false, good = true, values = false;
    for (; i < to && !tok_is(&v[i], "on") && !tok_is(&v[i], "returning"); i = step(c, i)) {
        if (tok_is(&v[i], "values")) values = true;
        if (values && tok_is(&v[i], "(")) {
            any = true;
            good &= item_is_one(c, i + 1, v[i].mate, place);
        } else if (tok_is(&v[i], "select")) {
            size_t from = i + 1, end = from;
            while (end < to && !tok_is(&v[end], "from") && !tok_is(&v[end], "where")) end = step(c, end);
            return item_is_one(c, from, end, place);
        }
    }
    return any && good;
}

static void insert_check(struct check *c, size_t into, size_t to)
{
    const struct tok *v = c->t->v;
    const struct table *t = into < to ? table_find(c->tables, v[into].name) : 0;
    if (!t) say(c, into, "no migration makes the table", into < to ? v[into].name : STR_NONE);
    size_t i = into + 1, place = 0;
    if (i < to && tok_is(&v[i], "as")) i += 2;
    if (i >= to || !tok_is(&v[i], "(")) {
        say(c, into, "name the columns of an INSERT", STR_NONE);
        return;
    }
    if (!t || !t->tenant || c->s->all_tenants) return;
    size_t k = i + 1, close = v[i].mate;
    for (; k < close && !tok_is(&v[k], "tenant"); k++) place += tok_is(&v[k], ",");
    if (c->s->global) say(c, into, ":global statements do not touch tables of tenants:", t->name);
    else if (k == close) say(c, into, "the INSERT does not set tenant in", t->name);
    else if (!insert_gives_one(c, close + 1, to, place)) say(c, into, "tenant must be given $1 by the INSERT into", t->name);
    for (i = close + 1; i + 2 < to; i = step(c, i))
        if (tok_is(&v[i], "conflict") && tok_is(&v[i + 1], "(") && !tok_is(&v[i + 2], "tenant"))
            say(c, i, "write ON CONFLICT (tenant, …) for", t->name);
}

/* ---- one simple statement, and all of them ---- */

static void simple(struct check *c, size_t from, size_t to)
{
    const struct tok *v = c->t->v;
    size_t insert = 0;
    bool sets = false;
    c->refs = (struct refs){0};
    c->equalities = (struct equalities){0};
    refs_read(c, from, to);
    for (size_t i = from; i < to; i = step(c, i)) {
        if (tok_is(&v[i], "into") && !insert) insert = i + 1;
        if (tok_among(&v[i], clause_words)) sets = tok_is(&v[i], "set");
        if (sets && tok_is(&v[i], "tenant") && (tok_is(&v[i - 1], "set") || tok_is(&v[i - 1], ",")))
            say(c, i, "a row never changes its tenant", STR_NONE);
        if (tok_is(&v[i], "where")) conditions(c, i + 1, to, 0);
        if (tok_is(&v[i], "using") && !tok_is(&v[from], "delete")) say(c, i, "write ON, not USING", STR_NONE);
        if (!tok_is(&v[i], "on") || tok_is(&v[i + 1], "conflict")) continue;
        struct ref *on = 0;
        for (size_t k = 0; k < c->refs.n; k++)
            if (c->refs.v[k].at < i) on = &c->refs.v[k];
        if (on) conditions(c, i + 1, to, on);
    }
    if (insert) insert_check(c, insert, to);
    refs_judge(c, from);
}

/* WITH name [(…)] AS (…), …: notes the names and returns where the statement proper starts. */
static size_t with_names(struct check *c, size_t i, size_t to)
{
    const struct tok *v = c->t->v;
    if (i >= to || !tok_is(&v[i], "with")) return i;
    i += i + 1 < to && tok_is(&v[i + 1], "recursive") ? 2 : 1;
    while (i < to && is_name(&v[i])) {
        if (table_find(c->tables, v[i].name)) say(c, i, "WITH hides the table", v[i].name);
        PUSH(c->mem, &c->ctes, v[i].name);
        while (i < to && !tok_is(&v[i], "as")) i++;
        while (i < to && !tok_is(&v[i], "(")) i++;
        if (i >= to) return to;
        i = v[i].mate + 1;
        if (i < to && tok_is(&v[i], ",")) i++;
        else break;
    }
    return i;
}

static void region(struct check *c, size_t from, size_t to)
{
    from = with_names(c, from, to);
    size_t start = from;
    for (size_t i = from; i < to; i = step(c, i))
        if (tok_among(&c->t->v[i], compound_words)) {
            simple(c, start, i);
            start = i + 1 + (i + 1 < to && (tok_is(&c->t->v[i + 1], "all") || tok_is(&c->t->v[i + 1], "distinct")));
        }
    simple(c, start, to);
}

/* ---- order and clocks ---- */

static bool is_key_column(const struct check *c, str name)
{
    if (str_is(name, "id")) return true;
    for (size_t i = 0; i < c->t->n; i++) {
        const struct table *t = c->t->v[i].name.n ? table_find(c->tables, c->t->v[i].name) : 0;
        for (size_t k = 0; t && k < t->key.n; k++)
            if (str_eq(t->key.v[k], name) && !str_is(name, "tenant")) return true;
    }
    return false;
}

static void order_check(struct check *c, size_t by)
{
    static const char *const ends[] = {"limit", "offset", ")", "union", "intersect", "except", "for", "returning", "rows", "range", 0};
    static const char *const ornaments[] = {"asc", "desc", "nulls", "first", "last", 0};
    const struct tok *v = c->t->v;
    size_t i = by + 1, last = by;
    for (size_t k = by; k-- > 0;)
        if (v[k].depth < v[by].depth && tok_is(&v[k], "(")) {
            bool function = k > 0 && is_name(&v[k - 1]) && !tok_is(&v[k + 1], "select") && !tok_is(&v[k + 1], "with");
            if (function) return; /* OVER (ORDER BY …), group_concat(… ORDER BY …) */
            break;
        }
    for (; i < c->t->n && !(v[i].depth == v[by].depth && tok_among(&v[i], ends)) && v[i].depth >= v[by].depth; i = step(c, i))
        if (!tok_among(&v[i], ornaments)) last = i;
    if (v[last].kind == TOK_NUMBER && tok_is(&v[last - 1], ",")) return; /* all columns by their places, in a UNION */
    bool alone = last > by && (tok_is(&v[last - 1], "by") || tok_is(&v[last - 1], ",") || tok_is(&v[last - 1], "."));
    if (!alone || !is_name(&v[last]) || !is_key_column(c, v[last].name))
        say(c, by, "every ORDER BY ends with id or a column of the primary key (or says -- :order-ok REASON)", STR_NONE);
}

static void words_check(struct check *c)
{
    static const char *const clocks[] = {"current_timestamp", "current_date", "current_time", "localtimestamp", "localtime", 0};
    static const char *const functions[] = {"now", "random", "randomblob", "strftime", "datetime", "date", "time", "julianday", "unixepoch",
        "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday", "gen_random_uuid", "last_insert_rowid", "nextval", "setval", 0};
    static const char *const one_engine[] = {"glob", "ilike", "true", "false", "::", "rowid", "ifnull", "json_extract", "string_agg", "group_concat",
        "regexp", "similar", "->>", "->", 0};
    const struct tok *v = c->t->v;
    for (size_t i = 0; i < c->t->n; i++) {
        bool called = i + 1 < c->t->n && tok_is(&v[i + 1], "("), member = i > 0 && tok_is(&v[i - 1], ".");
        if (!c->s->clock_ok && (tok_among(&v[i], clocks) || (called && tok_among(&v[i], functions))))
            say(c, i, "time and chance are parameters, so that tests can move them: no", v[i].text);
        if (!c->s->own_bodies && !member && tok_among(&v[i], one_engine))
            say(c, i, "one engine only (write two bodies, -- :sqlite and -- :pg):", v[i].text);
        if (!c->s->own_bodies && tok_is(&v[i], "or") && i > 0 && tok_is(&v[i - 1], "insert")) say(c, i, "write ON CONFLICT, not INSERT OR …", STR_NONE);
        if (!c->s->order_ok && tok_is(&v[i], "by") && i > 0 && tok_is(&v[i - 1], "order")) order_check(c, i);
    }
}

void check_statement(arena *mem, const struct sql_file *f, const struct stmt *s, const struct tables *tables)
{
    for (int d = 0; d < DIALECT_N; d++) {
        if (!s->body[d].n || (d == DIALECT_PG && !s->own_bodies)) continue;
        struct check c = {.mem = mem, .f = f, .s = s, .tables = tables, .t = &s->body[d]};
        region(&c, 0, c.t->n);
        for (size_t i = 0; i + 1 < c.t->n; i++)
            if (tok_is(&c.t->v[i], "(") && (tok_is(&c.t->v[i + 1], "select") || tok_is(&c.t->v[i + 1], "with")))
                region(&c, i + 1, c.t->v[i].mate);
        words_check(&c);
    }
}
