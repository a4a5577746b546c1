/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "core/password.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "core/account.h"

#define WAITING_MOST 32
#define PASSES 2

/* stored NULL: a hash is asked; empty: nobody has that password. */
struct ask { str password; const char *stored; char hash[crypto_pwhash_STRBYTES]; bool right, old, failed, done; struct ask *next; pthread_cond_t ready; };

struct hook { void (*fn)(void *arg, bool waits); void *arg; };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    struct ask *first, **last;
    int waiting;
    bool running, stop;
    size_t memory_bytes;
    char nobody[crypto_pwhash_STRBYTES];    /* of the thread alone */
    struct hook hook;
} q = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};

/* A hash nobody's password gives, made once with today's settings, so that an unknown mail takes as long as a known one. */
static const char *nobody_hash(void)
{
    char raw[32];
    randombytes_buf(raw, sizeof raw);
    if (!q.nobody[0] && crypto_pwhash_str(q.nobody, raw, sizeof raw, PASSES, q.memory_bytes) != 0) q.nobody[0] = 0;
    return q.nobody;
}

static void ask_answer(struct ask *a)
{
    if (!a->stored) {
        a->failed = crypto_pwhash_str(a->hash, a->password.p, a->password.n, PASSES, q.memory_bytes) != 0;
        return;
    }
    if (!a->stored[0]) a->stored = nobody_hash();
    a->right = crypto_pwhash_str_verify(a->stored, a->password.p, a->password.n) == 0;
    a->old = crypto_pwhash_str_needs_rehash(a->stored, PASSES, q.memory_bytes) != 0;
}

static void *answer_all(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&q.lock);
    for (;;) {
        while (!q.first && !q.stop) pthread_cond_wait(&q.work, &q.lock);
        if (!q.first) break;
        struct ask *a = q.first;
        q.first = a->next;
        if (!q.first) q.last = &q.first;
        pthread_mutex_unlock(&q.lock);
        ask_answer(a);
        pthread_mutex_lock(&q.lock);
        q.waiting--;
        a->done = true;
        pthread_cond_signal(&a->ready);
    }
    pthread_mutex_unlock(&q.lock);
    return NULL;
}

void password_start(void)
{
    pthread_mutex_lock(&q.lock);
    if (!q.running) {
        q.memory_bytes = (sysconf(_SC_NPROCESSORS_ONLN) <= 2 ? 19u : 64u) << 20;
        q.last = &q.first;
        q.stop = false;
        q.running = pthread_create(&q.thread, NULL, answer_all, NULL) == 0;
    }
    pthread_mutex_unlock(&q.lock);
}

void password_stop(void)
{
    pthread_mutex_lock(&q.lock);
    bool was = q.running;
    q.stop = true;
    q.running = false;
    pthread_cond_signal(&q.work);
    pthread_mutex_unlock(&q.lock);
    if (was) pthread_join(q.thread, NULL);
}

void password_on_wait(void (*fn)(void *arg, bool waits), void *arg)
{
    pthread_mutex_lock(&q.lock);
    q.hook = (struct hook){fn, arg};
    pthread_mutex_unlock(&q.lock);
}

/* False: too many wait already. */
static bool ask_put(struct ask *a, struct hook *hook)
{
    pthread_mutex_lock(&q.lock);
    bool room = q.running && q.waiting < WAITING_MOST;
    if (room) {
        q.waiting++;
        *q.last = a;
        q.last = &a->next;
        pthread_cond_signal(&q.work);
    }
    *hook = q.hook;
    pthread_mutex_unlock(&q.lock);
    return room;
}

static err ask_run(struct ask *a)
{
    struct hook hook;
    password_start();
    if (!a->password.p) a->password = S("");        /* none given is an empty one: libsodium takes no NULL */
    pthread_cond_init(&a->ready, NULL);
    bool asked = ask_put(a, &hook);
    if (asked && hook.fn) hook.fn(hook.arg, true);
    pthread_mutex_lock(&q.lock);
    while (asked && !a->done) pthread_cond_wait(&a->ready, &q.lock);
    pthread_mutex_unlock(&q.lock);
    if (asked && hook.fn) hook.fn(hook.arg, false);
    pthread_cond_destroy(&a->ready);
    return asked ? NO_ERR : FAIL(E_BUSY, "account.busy");
}

err password_hash(arena *mem, str password, str *out)
{
    struct ask a = {.password = password};
    TRY(ask_run(&a));
    if (a.failed) return FAIL(E_BUSY, "account.busy");
    *out = str_copy(mem, str_of(a.hash));
    return NO_ERR;
}

err password_verify(arena *mem, str stored, str password, bool *out_right, bool *out_old)
{
    struct ask a = {.password = password, .stored = str_z(mem, stored)};
    TRY(ask_run(&a));
    *out_right = stored.n && a.right;
    *out_old = *out_right && a.old;
    return NO_ERR;
}

/* The passwords people choose first when twelve characters are asked. */
static const char *const common[] = {
    "motdepasse12", "motdepasse123", "motdepasse1234", "azertyuiop12", "azertyuiop123", "azertyuiopqs", "123456789012", "1234567890123", "qwertyuiop12",
    "qwertyuiop123", "password1234", "password12345", "administrateur", "administrator", "jetaimejetaime", "bonjourbonjour", "aaaaaaaaaaaa", "abcdefghijkl",
    "000000000000", "111111111111", "123412341234", "123123123123", "azertyazerty", "qwertyqwerty", "iloveyouiloveyou",
};

err password_check(str password, const char **why)
{
    *why = NULL;
    if (password.n > 256) *why = W("account.password_long");
    else if (password.n < 12) *why = W("account.password_short");
    for (size_t i = 0; !*why && i < sizeof common / sizeof *common; i++)
        if (str_eq(password, str_of(common[i]))) *why = W("account.password_common");
    if (*why) return FAIL_AT(E_INVALID, *why, "password");
    return NO_ERR;
}
