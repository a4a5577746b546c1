/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Files: with a form, as a body, in several goes; sealed when kept, gone when not; memory flat whatever their
   size; sent back whole or in part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <dirent.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/clock.h"
#include "base/hash.h"
#include "web/testing.h"
#include "web/tus.h"

enum { RIGHT_ALL = 1, RIGHT_NOBODY = 2 };

static struct server *server;
static struct blobs *blobs;
static arena *mem, *kept_mem;
static struct browser *web;
static struct blob_ref kept;
static char dir[] = "/tmp/beffroi-web-XXXXXX";

static err enter_gives; /* what the store says when somebody is looked up */

static err enter(struct req *q)
{
    q->tenant_id = 7;
    return enter_gives;
}

/* What of the form could be given back. */
static void error_page(struct req *q, err e, int status)
{
    if (!form_came(q)) return;
    struct upload **files;
    size_t n = uploads(q, &files);
    buf *b = reply_buf(q, status, "text/plain; charset=utf-8");
    for (size_t i = 0; i < fields(q)->n; i++) buf_fmt(b, "%.*s=%.*s;", STR_ARG(fields(q)->v[i].name), STR_ARG(fields(q)->v[i].value));
    for (size_t i = 0; i < n; i++) buf_fmt(b, "%.*s:%.*s;", STR_ARG(files[i]->field), STR_ARG(files[i]->file_name));
    buf_fmt(b, "%.*s", STR_ARG(form_address(q)));
}

static err allow(struct req *q, const struct route *r)
{
    return r->right == RIGHT_NOBODY ? FAIL(E_DENIED, "web.csrf.origin") : NO_ERR;
}

static err keep_first(struct req *q)
{
    struct upload **all;
    size_t n = uploads(q, &all);
    buf *b = reply_buf(q, 200, "text/plain; charset=utf-8");
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "%.*s:%.*s:%.*s:%lld:%.*s;", STR_ARG(all[i]->field), STR_ARG(all[i]->file_name),
                STR_ARG(all[i]->type_declared), (long long)all[i]->size_bytes,
                STR_ARG(str_cut(all[i]->head, 0, 4)));
    buf_put(b, field(q, "nom"));
    struct upload *u = n ? all[0] : NULL;
    if (!u || str_is(field(q, "nom"), "jeter")) return NO_ERR;
    TRY(upload_keep(q, u));
    kept = (struct blob_ref){str_copy(kept_mem, u->ref.name), str_copy(kept_mem, u->ref.wrapped_key),
                             u->ref.size_bytes, str_copy(kept_mem, u->ref.sha256_hex)};
    return NO_ERR;
}

static err get_kept(struct req *q)
{
    return reply_blob(q, blobs, 7, &kept,
                      query(q, "type").n ? str_z(q->mem, query(q, "type")) : "application/pdf",
                      query(q, "nom"));
}

/* --- resumed uploads: one file noted in memory --- */
static struct {
    struct tus_file f;
    int completed, refuse_complete;
} noted;

static err tus_begin(struct req *q, struct tus_file *f)
{
    if (f->size_bytes == 13) return FAIL(E_DENIED, "web.csrf.origin");
    f->id = S("envoi1");
    f->expires_us = clock_now_us() + HOUR_US;
    noted.f = *f;
    noted.f.part = str_copy(kept_mem, f->part);
    noted.f.name = str_copy(kept_mem, f->name);
    return NO_ERR;
}

static err tus_find(struct req *q, str id, struct tus_file *f)
{
    if (!str_is(id, "envoi1") || !noted.f.id.n) return FAIL(E_NOT_FOUND, "web.not_found");
    *f = noted.f;
    return NO_ERR;
}

static err tus_complete(struct req *q, const struct tus_file *f, const struct blob_ref *ref)
{
    noted.completed++;
    noted.f.done = true;
    kept = (struct blob_ref){str_copy(kept_mem, ref->name), str_copy(kept_mem, ref->wrapped_key),
                             ref->size_bytes, str_copy(kept_mem, ref->sha256_hex)};
    return NO_ERR;
}

static err tus_dropped(struct req *q, const struct tus_file *f)
{
    noted.f = (struct tus_file){0};
    return NO_ERR;
}

static const struct tus_hooks tus = {tus_begin, tus_find, tus_complete, tus_dropped, NULL};
static const struct route routes[] = {
    {POST, "/photos", RIGHT_ALL, keep_first, "files with a form", ROUTE_FILES},
    {POST, "/refuse", RIGHT_NOBODY, keep_first, "files of nobody", ROUTE_FILES},
    {POST, "/api/fichiers", RIGHT_ALL, keep_first, "a file as a body", ROUTE_RAW | ROUTE_API | ROUTE_TOKEN},
    {GET, "/fichier", RIGHT_ALL, get_kept, "the file kept"},
    {POST, "/envois", RIGHT_ALL, tus_create, "begin", ROUTE_API, .arg = &tus},
    {OPTIONS, "/envois", RIGHT_ALL, tus_options, "what is spoken", ROUTE_API, .arg = &tus},
    {HEAD, "/envois/:id", RIGHT_ALL, tus_offset, "how far", ROUTE_API, .arg = &tus},
    {PATCH, "/envois/:id", RIGHT_ALL, tus_append, "go on", ROUTE_API | ROUTE_STREAM, .sink = tus_piece,
     .arg = &tus},
    {DELETE, "/envois/:id", RIGHT_ALL, tus_drop, "give up", ROUTE_API, .arg = &tus},
    {0}};
static const struct route *const tables[] = {routes};

static int setup(void **state)
{
    hash_start();
    assert_non_null(mkdtemp(dir));
    assert_int_equal(blobs_open(&blobs, str_of(dir), 0).code, OK);
    mem = arena_new((size_t)1 << 30);
    kept_mem = arena_new(0);
    struct server_options o = {.routes = {tables, 1},
                               .hooks = {.enter = enter, .allow = allow, .error_page = error_page},
                               .blobs = blobs,
                               .file_bytes_max = 20 << 20,
                               .workers = 4};
    server = test_server(&o);
    web = browser_new(server, mem);
    return 0;
}

static int teardown(void **state)
{
    browser_free(web);
    server_stop(server, 2000);
    blobs_close(blobs);
    arena_free(mem);
    arena_free(kept_mem);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static int files_below(const char *path)
{
    int n = 0;
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char below[600];
        if (e->d_name[0] == '.') continue;
        snprintf(below, sizeof below, "%.300s/%.255s", path, e->d_name);
        n += e->d_type == DT_DIR ? files_below(below) : 1;
    }
    if (d) closedir(d);
    return n;
}

static int blobs_on_disk(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/blobs", dir);
    return files_below(path);
}

static void files_come_with_their_form(void **state)
{
    int before = blobs_on_disk();
    struct answer a = http_post_multipart(web, "/photos", "photo", "@\x89PNG pixels", "nom", "Épinal",
                                          "autre", "@second", NULL);
    assert_int_equal(a.status, 200);
    assert_true(str_is(a.body, "photo:photo:application/octet-stream:11:\x89PNG;autre:autre:application/"
                               "octet-stream:6:seco;Épinal"));
    for (int i = 0; i < 1000 && blobs_on_disk() != before + 1; i++) usleep(1000); /* what is not kept goes when the answer has left */
    assert_int_equal(blobs_on_disk(), before + 1);
    struct answer back = http_get(web, "/fichier");
    assert_true(str_is(back.body, "\x89PNG pixels"));
    a = http_post_multipart(web, "/photos", "photo", "@\x89PNG other", "nom", "jeter", NULL);
    assert_int_equal(a.status, 200);
    for (int i = 0; i < 1000 && blobs_on_disk() != before + 1; i++) usleep(1000);
    assert_int_equal(blobs_on_disk(), before + 1);
}

static void an_empty_file_input_is_no_file(void **state)
{
    struct answer a =
        http_send(web, "POST", "/photos", "multipart/form-data; boundary=b",
                  S("--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\nContent-Type: "
                    "application/octet-stream\r\n\r\n\r\n"
                    "--b\r\nContent-Disposition: form-data; name=\"nom\"\r\n\r\nx\r\n--b--\r\n"));
    assert_int_equal(a.status, 200);
    assert_true(str_is(a.body, "x"));
}

static void names_of_files_lose_their_path(void **state)
{
    struct answer a =
        http_send(web, "POST", "/photos", "multipart/form-data; boundary=b",
                  S("--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"C:\\dir\\../..\\\x01"
                    "a.png\"\r\n\r\nz\r\n--b--\r\n"));
    assert_true(str_starts(a.body, S("photo:a.png:")));
}

static long resident_kb(void)
{
    long pages = 0, all;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_int_equal(fscanf(f, "%ld %ld", &all, &pages), 2);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Sends a raw body from a small buffer, so that only the server's memory is measured. */
static int send_big(const char *path, int64_t size, str *answer)
{
    static char piece[65536];
    char head[300], got[4000];
    int fd = http_connect(server), status = 0;
    snprintf(head, sizeof head,
             "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %lld\r\nContent-Type: "
             "application/pdf\r\nConnection: close\r\n\r\n",
             path, (long long)size);
    send(fd, head, strlen(head), MSG_NOSIGNAL);
    for (int64_t at = 0; at < size;) {
        size_t n = size - at < (int64_t)sizeof piece ? (size_t)(size - at) : sizeof piece;
        for (size_t i = 0; i < n; i += 4096) piece[i] = (char)(at / 65536 % 251);
        ssize_t done = send(fd, piece, n, MSG_NOSIGNAL);
        if (done <= 0) break;
        at += done;
    }
    size_t n = 0;
    for (ssize_t r; n < sizeof got - 1 && (r = recv(fd, got + n, sizeof got - 1 - n, 0)) > 0;) n += (size_t)r;
    got[n] = 0;
    sscanf(got, "HTTP/1.1 %d", &status);
    close(fd);
    *answer = str_copy(mem, str_of(got));
    return status;
}

static void a_large_file_costs_no_memory(void **state)
{
    str answer;
    assert_int_equal(send_big("/api/fichiers", 1 << 20, &answer), 200);
    long before_kb = resident_kb();
    assert_int_equal(send_big("/api/fichiers", 20 << 20, &answer), 200);
    assert_int_equal(kept.size_bytes, 20 << 20);
    assert_true(resident_kb() - before_kb < 16 << 10);
}

static void too_large_is_refused_and_nothing_stays(void **state)
{
    str answer;
    int before = blobs_on_disk();
    assert_int_equal(send_big("/api/fichiers", (20 << 20) + 1, &answer), 413);
    assert_true(str_find(answer, S("too_large")) > 0);
    browser_header(web, "Transfer-Encoding: chunked"); /* no length said */
    char *big = calloc(1, (20 << 20) + 100);
    assert_int_equal(
        http_send(web, "POST", "/api/fichiers", "application/pdf", (str){big, (20 << 20) + 100}).status, 413);
    browser_headers_clear(web);
    free(big);
    for (int i = 0; i < 1000 && blobs_on_disk() != before; i++) usleep(1000);
    assert_int_equal(blobs_on_disk(), before);
}

static void who_may_not_writes_nothing(void **state)
{
    int before = blobs_on_disk();
    size_t n = 3 << 20;
    char *big = malloc(n + 100);
    int head =
        snprintf(big, 100, "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a\"\r\n\r\n");
    memset(big + head, 'x', n);
    struct answer a = http_send(web, "POST", "/refuse", "multipart/form-data; boundary=b", (str){big, n});
    assert_int_equal(a.status, 403);
    assert_int_equal(blobs_on_disk(), before);
    free(big);
}

/* A form of three fields, the second a file of n bytes. */
static struct answer form_send(const char *path, size_t n)
{
    static const char before[] = "--b\r\nContent-Disposition: form-data; name=\"nom\"\r\n\r\nAda\r\n--b\r\n"
                                 "Content-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n";
    static const char after[] = "\r\n--b\r\nContent-Disposition: form-data; name=\"mot\"\r\n\r\ndeux\r\nlignes\r\n--b--\r\n";
    char *all = malloc(sizeof before + n + sizeof after);
    memcpy(all, before, sizeof before - 1);
    memset(all + sizeof before - 1, 'x', n);
    memcpy(all + sizeof before - 1 + n, after, sizeof after - 1);
    struct answer a = http_send(web, "POST", path, "multipart/form-data; boundary=b", (str){all, sizeof before + n + sizeof after - 2});
    free(all);
    return a;
}

static void a_form_that_fails_gives_its_words_back(void **state)
{
    static const char given[] = "nom=Ada;mot=deux\r\nlignes;photo:a.jpg;/photos?x=1";
    int before = blobs_on_disk();
    struct answer a = form_send("/photos?x=1", (20 << 20) + 1);
    assert_int_equal(a.status, 413);
    assert_true(str_is(a.body, given));
    enter_gives = FAIL(E_IO, "web.busy");
    struct answer large = form_send("/photos?x=1", 300000), small = form_send("/photos?x=1", 10), other = form_send("/refuse", 300000);
    browser_header(web, "Sec-Fetch-Site: cross-site");
    struct answer elsewhere = form_send("/photos?x=1", 10);
    browser_headers_clear(web);
    enter_gives = NO_ERR;
    assert_int_equal(large.status, 503);
    assert_true(str_is(large.body, given));
    assert_true(str_is(answer_header(&large, "Retry-After"), "5"));
    assert_int_equal(small.status, 503);
    assert_true(str_is(small.body, given));
    assert_int_equal(other.status, 503);
    assert_int_equal(elsewhere.status, 503); /* sent by another site: nobody is led to send it again */
    assert_true(str_find(elsewhere.body, S("Ada")) < 0);
    assert_int_equal(blobs_on_disk(), before);
}

static void a_file_is_sent_whole_or_in_part(void **state)
{
    str ignored;
    assert_int_equal(send_big("/api/fichiers", 3 << 20, &ignored), 200);
    struct answer whole = http_get(web, "/fichier");
    assert_int_equal(whole.body.n, 3 << 20);
    assert_null(answer_header(&whole, "Content-Disposition").p);
    browser_header(web, "Range: bytes=65530-65545");
    struct answer part = http_get(web, "/fichier");
    browser_headers_clear(web);
    assert_int_equal(part.status, 206);
    assert_true(str_is(answer_header(&part, "Content-Range"), "bytes 65530-65545/3145728"));
    assert_true(str_eq(part.body, str_cut(whole.body, 65530, 65546)));
    browser_header(web, "Range: bytes=9999999-");
    assert_int_equal(http_get(web, "/fichier").status, 416);
    browser_headers_clear(web);
    browser_header(web, str_fmt(mem, "If-None-Match: %.*s", STR_ARG(answer_header(&whole, "ETag"))).p);
    assert_int_equal(http_get(web, "/fichier").status, 304);
    browser_headers_clear(web);
    struct answer html = http_get(web, "/fichier?type=text/html"); /* never shown as a page of ours */
    assert_true(str_starts(answer_header(&html, "Content-Disposition"), S("attachment")));
    struct answer named = http_get(web, "/fichier?nom=%C3%A9t%C3%A9%22.pdf");
    assert_true(str_find(answer_header(&named, "Content-Disposition"),
                         S("filename*=UTF-8''%C3%A9t%C3%A9%22.pdf")) > 0);
}

static struct answer tus_send(const char *method, const char *path, const char *header_line, str body)
{
    browser_header(web, "Tus-Resumable: 1.0.0");
    if (header_line) browser_header(web, header_line);
    struct answer a = http_send(
        web, method, path, strcmp(method, "PATCH") == 0 ? "application/offset+octet-stream" : NULL, body);
    browser_headers_clear(web);
    return a;
}

static void an_upload_goes_on_where_it_stopped(void **state)
{
    size_t n = 300000;
    char *big = malloc(n);
    for (size_t i = 0; i < n; i++) big[i] = (char)(i * 7 % 253);
    browser_header(web, "Upload-Metadata: filename w6l0w6kucGRm,filetype YXBwbGljYXRpb24vcGRm");
    struct answer a = tus_send("POST", "/envois", "Upload-Length: 300000", S(""));
    assert_int_equal(a.status, 201);
    assert_true(str_is(a.location, "/envois/envoi1"));
    assert_true(str_is(noted.f.name, "été.pdf"));
    assert_true(str_is(answer_header(&a, "Tus-Resumable"), "1.0.0"));
    assert_true(answer_header(&a, "Upload-Expires").n == 29);
    assert_int_equal(tus_send("PATCH", "/envois/envoi1", "Upload-Offset: 0", (str){big, 100000}).status, 204);

    int fd = http_connect(server); /* a telephone that loses its network after 150,000 bytes of 200,000 */
    const char *head =
        "PATCH /envois/envoi1 HTTP/1.1\r\nHost: a\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 100000\r\n"
        "Content-Type: application/offset+octet-stream\r\nContent-Length: 200000\r\n\r\n";
    send(fd, head, strlen(head), MSG_NOSIGNAL);
    for (size_t at = 100000; at < 250000;) at += (size_t)send(fd, big + at, 250000 - at, MSG_NOSIGNAL);
    usleep(300000);
    close(fd);

    browser_header(web, "Tus-Resumable: 1.0.0");
    struct answer where = http_head(web, "/envois/envoi1");
    browser_headers_clear(web);
    int64_t offset = 0;
    assert_int_equal(where.status, 200);
    assert_int_equal(str_i64(answer_header(&where, "Upload-Offset"), &offset).code, OK);
    assert_in_range(offset, 100000 + 65536, 250000); /* what had come was kept */
    assert_int_equal(tus_send("PATCH", "/envois/envoi1", "Upload-Offset: 5", (str){big, 10}).status, 409);
    struct answer last =
        tus_send("PATCH", "/envois/envoi1", str_fmt(mem, "Upload-Offset: %lld", (long long)offset).p,
                 (str){big + offset, n - (size_t)offset});
    assert_int_equal(last.status, 204);
    assert_true(str_is(answer_header(&last, "Upload-Offset"), "300000"));
    assert_int_equal(noted.completed, 1);
    struct answer back = http_get(web, "/fichier");
    assert_int_equal(back.body.n, n);
    assert_memory_equal(back.body.p, big, n);
    free(big);
}

static void an_upload_is_refused_with_a_reason(void **state)
{
    assert_int_equal(http_send(web, "POST", "/envois", NULL, S("")).status, 412); /* no version */
    assert_int_equal(tus_send("POST", "/envois", NULL, S("")).status, 400); /* no length */
    assert_int_equal(tus_send("POST", "/envois", "Upload-Length: 99999999", S("")).status, 413);
    assert_int_equal(tus_send("POST", "/envois", "Upload-Length: 13", S("")).status, 403);
    assert_int_equal(tus_send("PATCH", "/envois/autre", "Upload-Offset: 0", S("x")).status, 404);
    noted.f = (struct tus_file){0};
    assert_int_equal(tus_send("POST", "/envois", "Upload-Length: 5", S("")).status, 201);
    struct answer longer = tus_send("PATCH", "/envois/envoi1", "Upload-Offset: 0", S("123456"));
    assert_int_equal(longer.status, 413);
    assert_true(str_is(answer_header(&longer, "Tus-Resumable"), "1.0.0"));
    clock_shift_us(2 * HOUR_US);
    assert_int_equal(tus_send("PATCH", "/envois/envoi1", "Upload-Offset: 0", S("12345")).status, 410);
    clock_shift_us(-2 * HOUR_US);
    assert_int_equal(tus_send("DELETE", "/envois/envoi1", NULL, S("")).status, 204);
    assert_int_equal(tus_send("PATCH", "/envois/envoi1", "Upload-Offset: 0", S("12345")).status, 404);
    struct answer o = http_send(web, "OPTIONS", "/envois", NULL, S(""));
    assert_true(str_is(answer_header(&o, "Tus-Max-Size"), "20971520"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_with_their_form),
        cmocka_unit_test(an_empty_file_input_is_no_file),
        cmocka_unit_test(names_of_files_lose_their_path),
        cmocka_unit_test(a_large_file_costs_no_memory),
        cmocka_unit_test(too_large_is_refused_and_nothing_stays),
        cmocka_unit_test(who_may_not_writes_nothing),
        cmocka_unit_test(a_form_that_fails_gives_its_words_back),
        cmocka_unit_test(a_file_is_sent_whole_or_in_part),
        cmocka_unit_test(an_upload_goes_on_where_it_stopped),
        cmocka_unit_test(an_upload_is_refused_with_a_reason),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
