/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealed files on a local disk: DIR/TENANT/AB/NAME. Beside them, DIR/TENANT/new and DIR/TENANT/parts hold what is not whole yet,
   wherever the shelf is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/clock.h"
#include "store/blob_ring.h"

/* ---- files ---- */

err blob_io(void)
{
    return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? FAIL(E_FULL, "store.full") : FAIL(E_IO, "store.io");
}

err dir_sync(const char *path_in_it)
{
    char dir[4096];
    const char *slash = strrchr(path_in_it, '/');
    snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - path_in_it) : 1, slash ? path_in_it : ".");
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return blob_io();
    err e = fsync(fd) == 0 ? NO_ERR : blob_io();
    close(fd);
    return e;
}

err dirs_make(const char *path)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    for (char *c = copy + 1; *c; c++) {
        if (*c != '/') continue;
        *c = 0;
        if (mkdir(copy, 0700) == 0) TRY(dir_sync(copy));
        else if (errno != EEXIST) return blob_io();
        *c = '/';
    }
    return NO_ERR;
}

err blob_make(const char *path, int *out_fd)
{
    *out_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (*out_fd < 0 && errno == ENOENT) {
        TRY(dirs_make(path));
        *out_fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    return *out_fd < 0 ? blob_io() : NO_ERR;
}

err blob_write_all(int fd, const void *p, size_t n)
{
    for (const char *at = p; n;) {
        ssize_t done = write(fd, at, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return blob_io();
        at += done;
        n -= (size_t)done;
    }
    return NO_ERR;
}

/* ---- keys ---- */

bool blob_name_is_good(str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (i == 64 ? c != '.' : !hex) return false;
    }
    return name.n == NAME_BYTES;
}

str shelf_key(arena *mem, int64_t tenant, str name)
{
    return str_fmt(mem, "%lld/%.2s/%.*s", (long long)tenant, name.p, STR_ARG(name));
}

bool shelf_key_parse(str key, int64_t *out_tenant, str *out_name)
{
    str rest, tenant = str_split(key, '/', &rest), group = str_split(rest, '/', out_name);
    return str_i64(tenant, out_tenant).code == OK && *out_tenant >= 0 && group.n == 2 && blob_name_is_good(*out_name) && str_starts(*out_name, group);
}

/* ---- walking ---- */

typedef bool (*each_fn)(void *, const struct shelved *);

/* False: one() had enough. */
static bool folder_each(const char *path, int64_t tenant, each_fn one, void *arg)
{
    DIR *d = opendir(path);
    bool more = true;
    for (struct dirent *e; d && more && (e = readdir(d));) {
        struct stat st;
        if (e->d_name[0] == '.' || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode)) continue;
        more = one(arg, &(struct shelved){tenant, str_of(e->d_name), st.st_size, st.st_mtim.tv_sec * SECOND_US + st.st_mtim.tv_nsec / 1000});
    }
    if (d) closedir(d);
    return more;
}

static bool groups_each(const char *path, int64_t tenant, each_fn one, void *arg)
{
    DIR *d = opendir(path);
    arena *mem = arena_new(0);
    bool more = true;
    for (struct dirent *e; d && more && (e = readdir(d));)
        if (e->d_name[0] != '.' && strlen(e->d_name) == 2) more = folder_each(str_z(mem, str_fmt(mem, "%s/%s", path, e->d_name)), tenant, one, arg);
    if (d) closedir(d);
    arena_free(mem);
    return more;
}

err disk_each(const char *dir, const char *folder, each_fn one, void *arg)
{
    DIR *d = opendir(dir);
    bool more = true;
    if (!d) return FAIL(E_IO, "store.io");
    arena *mem = arena_new(0);
    for (struct dirent *e; more && (e = readdir(d));) {
        int64_t tenant;
        if (str_i64(str_of(e->d_name), &tenant).code != OK) continue;
        const char *path = str_z(mem, str_fmt(mem, folder ? "%s/%s/%s" : "%s/%s", dir, e->d_name, folder));
        more = folder ? folder_each(path, tenant, one, arg) : groups_each(path, tenant, one, arg);
    }
    closedir(d);
    arena_free(mem);
    return NO_ERR;
}

/* ---- the shelf ---- */

static const char *path_of(arena *mem, const void *dir, str key) { return str_z(mem, str_fmt(mem, "%s/%.*s", (const char *)dir, STR_ARG(key))); }

static err missing(void) { return errno == ENOENT ? FAIL(E_NOT_FOUND, "store.blob.missing") : FAIL(E_IO, "store.io"); }

static err disk_put(void *dir, const char *from, str key)
{
    arena *mem = arena_new(0);
    const char *path = path_of(mem, dir, key);
    err e = dirs_make(path);
    if (e.code == OK && rename(from, path) != 0) e = blob_io();
    if (e.code == OK) e = dir_sync(path);
    arena_free(mem);
    return e;
}

static err disk_open(void *dir, str key, void **out, int64_t *out_size_bytes)
{
    struct stat st;
    arena *mem = arena_new(0);
    int fd = open(path_of(mem, dir, key), O_RDONLY | O_CLOEXEC);
    arena_free(mem);
    if (fd < 0) return missing();
    if (fstat(fd, &st) != 0) {
        close(fd);
        return FAIL(E_IO, "store.io");
    }
    *out_size_bytes = st.st_size;
    *out = malloc(sizeof(int));
    if (!*out) abort();
    *(int *)*out = fd;
    return NO_ERR;
}

static err disk_read(void *file, int64_t offset_bytes, void *out, size_t n_bytes, size_t *out_got)
{
    for (*out_got = 0; *out_got < n_bytes;) {
        ssize_t more = pread(*(int *)file, (char *)out + *out_got, n_bytes - *out_got, offset_bytes + (off_t)*out_got);
        if (more < 0 && errno == EINTR) continue;
        if (more < 0) return FAIL(E_IO, "store.io");
        if (more == 0) break;
        *out_got += (size_t)more;
    }
    return NO_ERR;
}

static void disk_close(void *file)
{
    close(*(int *)file);
    free(file);
}

static err disk_remove(void *dir, str key)
{
    arena *mem = arena_new(0);
    int bad = unlink(path_of(mem, dir, key));
    arena_free(mem);
    return bad ? missing() : NO_ERR;
}

static err disk_each_file(void *dir, each_fn one, void *arg) { return disk_each(dir, 0, one, arg); }

struct shelf shelf_disk(const char *dir)
{
    return (struct shelf){(void *)(uintptr_t)dir, disk_put, disk_open, disk_read, disk_close, disk_remove, disk_each_file};
}
