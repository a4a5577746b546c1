/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The client: asks, and believes nothing of what comes back. */
#include "process/converter.h"
#include <errno.h>
#include <semaphore.h>
#include <time.h>
#include <unistd.h>
#include "base/words.h"
#include "process/process.h"

#define WAIT_S            30
#define ANSWER_TIMEOUT_MS 25000 /* the worker has 20 s */
#define SNIFF_BYTES       (1u << 20)

const struct image_wish image_thumbnail = {IMAGE_JPEG, 320, 72, 15000};
const struct image_wish image_page = {IMAGE_JPEG, 1600, 82, 0};

struct converter {
    arena *mem;
    struct helper *helper;
    sem_t places;
};

err converter_open(struct converter **out, struct converter_settings s)
{
    arena *mem = arena_new(1 << 20);
    struct converter *c = NEW(mem, struct converter);
    struct message settings = message_of(MSG_SETTINGS);
    message_put_i64(&settings, s.idle_s > 0 ? s.idle_s : 60);
    c->mem = mem;
    sem_init(&c->places, 0, s.parallel > 0 ? (unsigned)s.parallel : 2);
    err e = helper_open(&c->helper, HELPER_CONVERTER, buf_str(&settings.body));
    message_free(&settings);
    *out = c;
    return e;
}

void converter_close(struct converter *c)
{
    if (!c) return;
    helper_close(c->helper);
    sem_destroy(&c->places);
    arena_free(c->mem);
}

static err ask(struct converter *c, struct message *m, struct message *answer)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (sem_timedwait(&c->places, &until) != 0)
        if (errno != EINTR) return FAIL(E_BUSY, W("process.busy"));
    err e = helper_ask(c->helper, m, ANSWER_TIMEOUT_MS, answer);
    sem_post(&c->places);
    return e;
}

static err read_output(arena *mem, int fd, size_t n_bytes, str *out)
{
    char *p = arena_alloc(mem, n_bytes);
    size_t at = 0;
    while (at < n_bytes) {
        ssize_t n = pread(fd, p + at, n_bytes - at, (off_t)at);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return FAIL(E_INTERNAL, W("image.unreadable"));
        at += (size_t)n;
    }
    *out = (str){p, n_bytes};
    return NO_ERR;
}

static err check_answer(arena *mem, struct message *answer, int result, struct image_wish w,
                        struct image *out)
{
    int64_t size = message_take_i64(answer), width = message_take_i64(answer),
            height = message_take_i64(answer);
    struct image made = {STR_NONE, (int)width, (int)height};
    int64_t most = w.max_bytes > 0 ? w.max_bytes : IMAGE_MAX_OUTPUT_BYTES;
    bool sane = answer->kind == MSG_DONE && !answer->bad && size > 0 && size <= most && width > 0 &&
                height > 0 && width <= w.max_px && height <= w.max_px;
    if (!sane) return FAIL(E_INTERNAL, W("image.unreadable"));
    TRY(read_output(mem, result, (size_t)size, &made.bytes));
    if (!image_is_bare(made.bytes, w.format)) return FAIL(E_INTERNAL, W("image.unreadable"));
    *out = made;
    return NO_ERR;
}

err converter_image_fd(struct converter *c, arena *mem, int fd, struct image_wish w, struct image *out)
{
    struct message answer, m = message_of(MSG_IMAGE);
    int result = memory_file(STR_NONE);
    if (result < 0) return FAIL(E_BUSY, W("process.busy"));
    message_put_i64(&m, w.format);
    message_put_i64(&m, w.max_px);
    message_put_i64(&m, w.quality);
    message_put_i64(&m, w.max_bytes);
    message_put_fd(&m, fd);
    message_put_fd(&m, result);
    err e = ask(c, &m, &answer);
    message_free(&m);
    if (e.code == OK) {
        e = check_answer(mem, &answer, result, w, out);
        message_free(&answer);
    } else if (e.code == E_GONE) {
        /* Killed at work: too long, too much memory, a forbidden call, or a fault in a decoder. The file is the cause. */
        e = FAIL(E_INVALID, W("image.unreadable"));
    }
    close(result);
    return e;
}

err converter_image(struct converter *c, arena *mem, str bytes, struct image_wish wish, struct image *out)
{
    if (bytes.n > IMAGE_MAX_INPUT_BYTES) return FAIL(E_INVALID, W("image.too_large"));
    int fd = memory_file(bytes);
    if (fd < 0) return FAIL(E_BUSY, W("process.busy"));
    err e = converter_image_fd(c, mem, fd, wish, out);
    close(fd);
    return e;
}

static err paper_answer(arena *mem, struct message *answer, int result, str *out)
{
    int64_t size = message_take_i64(answer);
    if (answer->kind != MSG_DONE || answer->bad || size < 8 || size > PAPER_MAX_PDF_BYTES + (1 << 20)) return FAIL(E_INTERNAL, W("paper.failed"));
    TRY(read_output(mem, result, (size_t)size, out));
    return str_starts(*out, S("%PDF-1.")) && str_ends(*out, S("%%EOF\n")) ? NO_ERR : FAIL(E_INTERNAL, W("paper.failed"));
}

err converter_paper(struct converter *c, arena *mem, str json, str logo, str *out_pdf)
{
    struct message answer, m = message_of(MSG_PAPER);
    const int fds[] = {memory_file(json), memory_file(STR_NONE), memory_file(logo)};
    err e = fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0 ? NO_ERR : FAIL(E_BUSY, W("process.busy"));
    if (e.code == OK) {
        for (size_t i = 0; i < 3; i++) message_put_fd(&m, fds[i]);
        e = ask(c, &m, &answer);
        if (e.code == OK) {
            e = paper_answer(mem, &answer, fds[1], out_pdf);
            message_free(&answer);
        } else if (e.code == E_GONE) {
            e = FAIL(E_INTERNAL, W("paper.failed"));
        }
    }
    message_free(&m);
    for (size_t i = 0; i < 3; i++)
        if (fds[i] >= 0) close(fds[i]);
    return e;
}

err converter_sniff_fd(struct converter *c, arena *mem, int fd, str *out_mime)
{
    struct message answer, m = message_of(MSG_SNIFF);
    message_put_fd(&m, fd);
    err e = ask(c, &m, &answer);
    message_free(&m);
    if (e.code == E_GONE) return FAIL(E_INVALID, W("file.type_unknown"));
    TRY(e);
    str mime = message_take_str(&answer);
    bool sane =
        answer.kind == MSG_DONE && !answer.bad && mime.n > 2 && mime.n < 128 && str_find_char(mime, '/') > 0;
    for (size_t i = 0; i < mime.n; i++) sane = sane && mime.p[i] > ' ' && mime.p[i] < 127;
    if (sane) *out_mime = str_copy(mem, mime);
    message_free(&answer);
    return sane ? NO_ERR : FAIL(E_INVALID, W("file.type_unknown"));
}

err converter_sniff(struct converter *c, arena *mem, str bytes, str *out_mime)
{
    int fd = memory_file(str_cut(bytes, 0, SNIFF_BYTES));
    if (fd < 0) return FAIL(E_BUSY, W("process.busy"));
    err e = converter_sniff_fd(c, mem, fd, out_mime);
    close(fd);
    return e;
}
