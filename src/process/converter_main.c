/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The converter: loads its libraries once, closes the door behind it, and forks one worker for each file. It never looks at the
   bytes itself; the worker that does is born with nothing, answers on the request's own socket, and dies. A letter that comes first has
   its worker before the libraries of pictures are there (a third of the wait): the worker closes its own door. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/words.h"
#include "formats/paper.h"
#include "process/converter.h"
#include "process/converter_image.h"
#include "process/process.h"
#include "process/sandbox.h"

#define SNIFF_BYTES (1u << 20)

static const struct limits worker_limits = {.memory_bytes = INT64_C(700) << 20,
                                            .cpu_s = 20,
                                            .wall_s = 20,
                                            .file_bytes = IMAGE_MAX_OUTPUT_BYTES,
                                            .open_files = 16};

/* What libraries say of a stranger's file is no line of our log; nor what the thread sanitizer says of libraries it was not
   built into. A report of the address sanitizer is. */
#ifdef __SANITIZE_THREAD__
static const bool silent_worker = true;
#else
#define silent_worker sandbox_is_real()
#endif
static int nowhere = -1;

static err map_input(int fd, size_t most, str *out)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || st.st_size < 0) return FAIL(E_INVALID, W("image.unreadable"));
    size_t n = (size_t)st.st_size;
    if (n == 0) {
        *out = S("");
        return NO_ERR;
    }
    if (n > most) n = most;
    void *p = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) return FAIL(E_BUSY, W("process.busy"));
    *out = (str){p, n};
    return NO_ERR;
}

static err do_sniff(struct message *m, struct message *answer)
{
    str bytes;
    TRY(map_input(message_take_fd(m, 1), SNIFF_BYTES, &bytes));
    message_put_str(answer, type_sniff(bytes));
    return NO_ERR;
}

static err write_output(int fd, str bytes)
{
    for (size_t at = 0; at < bytes.n;) {
        ssize_t n = write(fd, bytes.p + at, bytes.n - at);
        if (n <= 0) return FAIL(E_BUSY, W("process.busy"));
        at += (size_t)n;
    }
    return NO_ERR;
}

static err do_paper(struct message *m, struct message *answer)
{
    str json, logo, pdf;
    int in = message_take_fd(m, 1), result = message_take_fd(m, 2), picture = message_take_fd(m, 3);
    TRY(map_input(in, PAPER_MAX_BYTES + 1, &json));
    TRY(map_input(picture, 1 << 20, &logo));
    TRY(paper_pdf(arena_new(0), json, logo, &pdf));
    TRY(write_output(result, pdf));
    message_put_i64(answer, (int64_t)pdf.n);
    return NO_ERR;
}

static err do_image(struct message *m, struct message *answer)
{
    str bytes;
    struct image_made made;
    struct image_wish w = {.format = (enum image_format)message_take_i64(m)};
    w.max_px = (int)message_take_i64(m);
    w.quality = (int)message_take_i64(m);
    w.max_bytes = message_take_i64(m);
    int in = message_take_fd(m, 1), result = message_take_fd(m, 2);
    if (m->bad || w.max_px < 1 || w.quality < 1 || w.quality > 100)
        return FAIL(E_INTERNAL, W("image.unreadable"));
    TRY(map_input(in, IMAGE_MAX_INPUT_BYTES + 1, &bytes));
    if (bytes.n > IMAGE_MAX_INPUT_BYTES) return FAIL(E_INVALID, W("image.too_large"));
    TRY(image_convert(bytes, w, &made));
    TRY(write_output(result, made.bytes));
    message_put_i64(answer, (int64_t)made.bytes.n);
    message_put_i64(answer, made.width);
    message_put_i64(answer, made.height);
    return NO_ERR;
}

static _Noreturn void worker(struct message *m)
{
    struct message answer = message_of(MSG_DONE);
    int reply = message_take_fd(m, 0);
    helper_name("beffroi-worker");
    if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    if (limits_set(worker_limits).code != OK ||
        sandbox_enter(&(struct sandbox){.role = SANDBOX_WORKER}).code != OK)
        _exit(1);
    err e = m->kind == MSG_SNIFF   ? do_sniff(m, &answer)
            : m->kind == MSG_IMAGE ? do_image(m, &answer)
            : m->kind == MSG_PAPER ? do_paper(m, &answer)
                                   : FAIL(E_INTERNAL, W("process.died"));
    if (e.code == OK)
        helper_answer(reply, &answer);
    else
        helper_answer_error(reply, e);
    _exit(0);
}

static void hand_to_worker(int sock, struct message *m)
{
    pid_t pid = m->fds_n > 1 ? fork() : -1;
    if (pid == 0) {
        close(sock);
        worker(m);
    }
    if (pid < 0) helper_answer_error(message_take_fd(m, 0), FAIL(E_BUSY, W("process.busy")));
    message_free(m);
}

int converter_main(int sock)
{
    struct message m;
    if (message_receive(sock, &m, 10000).code != OK || m.kind != MSG_SETTINGS) return 1;
    int idle_ms = (int)message_take_i64(&m) * 1000;
    message_free(&m);
    signal(SIGCHLD, SIG_IGN); /* workers are reaped by the kernel */
    limits_no_core();
    limits_first_to_go();
    if (silent_worker) nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    bool papers = paper_start(), early = message_receive(sock, &m, 0).code == OK;
    if (early && m.kind == MSG_PAPER) {
        hand_to_worker(sock, &m);
        early = false;
    }
    bool images = image_start(), types = type_start();
    if (!images && !types && !papers) return 1;
    struct sandbox s = {.role = SANDBOX_CONVERTER, .no_tcp = true};
    if (sandbox_enter(&s).code != OK) return 1;
    if (early) hand_to_worker(sock, &m);
    for (;;) {
        err e = message_receive(sock, &m, idle_ms);
        if (e.code == E_BUSY) break;
        if (e.code == E_MALFORMED) continue;
        if (e.code != OK) _exit(0);
        hand_to_worker(sock, &m);
    }
    /* Idle. No more requests are let in, those already in are served, then good-bye: none is lost between. */
    shutdown(sock, SHUT_RD);
    while (message_receive(sock, &m, 0).code == OK) hand_to_worker(sock, &m);
    struct message goodbye = message_of(MSG_DONE);
    helper_answer(sock, &goodbye);
    _exit(0);
}
