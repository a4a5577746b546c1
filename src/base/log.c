/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/log.h"
#include "base/buf.h"
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 8192

static _Atomic int least_level = LOG_INFO;

void log_level_set(enum log_level least)
{
    least_level = (int)least;
}

static void begin(buf *b, enum log_level level, const char *what)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    struct timespec t;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &t);      /* the real time, even when a test moves the clock */
    gmtime_r(&t.tv_sec, &tm);
    buf_fmt(b, "{\"at\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ\",\"level\":\"%s\",\"what\":", tm.tm_year + 1900, tm.tm_mon + 1,
            tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, t.tv_nsec / 1000, names[level]);
    buf_json(b, str_of(what));
}

/* One write, so that lines of several threads and processes do not mix. */
static void end(buf *b)
{
    buf_lit(b, "}\n");
    str line = b->full ? S("{\"level\":\"error\",\"what\":\"log\",\"why\":\"line too long\"}\n") : buf_str(b);
    ssize_t n = write(STDERR_FILENO, line.p, line.n);
    (void)n;                                /* nowhere to say it */
    buf_free(b);
}

void log_line(enum log_level level, const char *what, const char *fmt, ...)
{
    if ((int)level < least_level) return;
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf b = BUF(LINE_MAX_BYTES);
    begin(&b, level, what);
    buf_lit(&b, ",\"text\":");
    buf_json(&b, str_of(text));
    end(&b);
}

void log_json(enum log_level level, const char *what, str members)
{
    if ((int)level < least_level) return;
    buf b = BUF(LINE_MAX_BYTES);
    begin(&b, level, what);
    if (members.n) buf_char(&b, ',');
    buf_put(&b, members);
    end(&b);
}
