/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Landlock by its system calls (Documentation/userspace-api/landlock.rst): Debian packages no library, and Debian 12's
   headers stop at the second version, so the constants stand here. */
#include "process/landlock.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/log.h"

#define CREATE_RULESET         444
#define ADD_RULE               445
#define RESTRICT_SELF          446
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1

#define FS_EXECUTE          (UINT64_C(1) << 0)
#define FS_WRITE_FILE       (UINT64_C(1) << 1)
#define FS_READ_FILE        (UINT64_C(1) << 2)
#define FS_READ_DIR         (UINT64_C(1) << 3)
#define FS_MAKE_BLOCK       (UINT64_C(1) << 11)
#define FS_MAKE_CHAR        (UINT64_C(1) << 6)
#define FS_ALL_V1           ((UINT64_C(1) << 13) - 1)
#define FS_REFER            (UINT64_C(1) << 13) /* version 2 */
#define FS_TRUNCATE         (UINT64_C(1) << 14) /* version 3 */
#define NET_BIND_TCP        (UINT64_C(1) << 0) /* version 4 */
#define NET_CONNECT_TCP     (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX (UINT64_C(1) << 0) /* version 6 */
#define SCOPE_SIGNAL        (UINT64_C(1) << 1)

struct ruleset_attr {
    uint64_t fs, net, scoped;
};
struct path_beneath_attr {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

const char *const sandbox_system_trees[] = {"/usr",
                                            "/lib",
                                            "/lib64",
                                            "/etc/ld.so.cache",
                                            "/etc/ssl",
                                            "/etc/ca-certificates",
                                            "/etc/gnutls",
                                            "/etc/hosts",
                                            "/etc/host.conf",
                                            "/etc/resolv.conf",
                                            "/etc/nsswitch.conf",
                                            "/etc/gai.conf",
                                            "/etc/services",
                                            "/etc/protocols",
                                            "/etc/passwd",
                                            "/etc/group",
                                            "/etc/localtime",
                                            "/etc/timezone",
                                            "/run/systemd/resolve",
                                            "/run/resolvconf",
                                            "/dev/null",
                                            "/dev/urandom",
                                            "/dev/random",
                                            "/proc/self",
                                            "/proc/meminfo",
                                            "/proc/cpuinfo",
                                            "/proc/stat",
                                            "/sys/devices/system/cpu",
                                            NULL};

int sandbox_landlock_version(void)
{
    long v = syscall(CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    return v > 0 ? (int)v : 0;
}

static void allow(int ruleset, const char *const *paths, uint64_t rights)
{
    for (; paths && *paths; paths++) {
        struct stat st;
        int fd = open(*paths, O_PATH | O_CLOEXEC);
        if (fd < 0) continue;
        /* Rights on directories are refused for a file. */
        uint64_t file_rights = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE;
        bool is_dir = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
        struct path_beneath_attr rule = {is_dir ? rights : rights & file_rights, fd};
        if (syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) != 0)
            log_line(LOG_WARN, "sandbox", "landlock: a path was refused");
        close(fd);
    }
}

void landlock_enter(const struct sandbox *s)
{
    int version = sandbox_landlock_version();
    if (version == 0) return;
    struct ruleset_attr attr = {0};
    if (!s->all_files) attr.fs = FS_ALL_V1 | (version >= 2 ? FS_REFER : 0) | (version >= 3 ? FS_TRUNCATE : 0);
    if (version >= 4 && s->no_tcp) attr.net = NET_BIND_TCP | NET_CONNECT_TCP;
    if (version >= 6) attr.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
    if (!attr.fs && !attr.net && !attr.scoped) return;
    size_t size = version >= 6 ? sizeof attr : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int ruleset = (int)syscall(CREATE_RULESET, &attr, size, 0);
    if (ruleset < 0) {
        log_line(LOG_WARN, "sandbox", "landlock: no rules could be made");
        return;
    }
    if (attr.fs) {
        allow(ruleset, s->read_only, FS_READ_FILE | FS_READ_DIR);
        allow(ruleset, s->read_write, attr.fs & ~(FS_EXECUTE | FS_MAKE_BLOCK | FS_MAKE_CHAR));
    }
    if (syscall(RESTRICT_SELF, ruleset, 0) != 0) log_line(LOG_WARN, "sandbox", "landlock: not entered");
    close(ruleset);
}
