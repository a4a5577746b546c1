/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "process/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/log.h"
#include "base/words.h"
#include "process/landlock.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#define KILL SCMP_ACT_KILL_PROCESS

/* What no process of ours ever does: start programs, look into others, change what is mounted, talk to the kernel's
   less travelled corners (most holes by which a sandbox is left were found there). */
static const char *const never[] = {"execve",
                                    "execveat",
                                    "ptrace",
                                    "process_vm_readv",
                                    "process_vm_writev",
                                    "process_madvise",
                                    "kcmp",
                                    "pidfd_getfd",
                                    "mount",
                                    "umount",
                                    "umount2",
                                    "pivot_root",
                                    "chroot",
                                    "move_mount",
                                    "open_tree",
                                    "fsopen",
                                    "fsconfig",
                                    "fsmount",
                                    "fspick",
                                    "mount_setattr",
                                    "setns",
                                    "unshare",
                                    "bpf",
                                    "perf_event_open",
                                    "userfaultfd",
                                    "io_uring_setup",
                                    "io_uring_enter",
                                    "io_uring_register",
                                    "add_key",
                                    "request_key",
                                    "keyctl",
                                    "init_module",
                                    "finit_module",
                                    "delete_module",
                                    "create_module",
                                    "kexec_load",
                                    "kexec_file_load",
                                    "reboot",
                                    "swapon",
                                    "swapoff",
                                    "acct",
                                    "quotactl",
                                    "quotactl_fd",
                                    "iopl",
                                    "ioperm",
                                    "modify_ldt",
                                    "settimeofday",
                                    "stime",
                                    "clock_settime",
                                    "clock_adjtime",
                                    "adjtimex",
                                    "sethostname",
                                    "setdomainname",
                                    "syslog",
                                    "vhangup",
                                    "lookup_dcookie",
                                    "open_by_handle_at",
                                    "uselib",
                                    "ustat",
                                    "sysfs",
                                    "_sysctl",
                                    "nfsservctl",
                                    "fanotify_init",
                                    "mknod",
                                    "mknodat",
                                    "vmsplice",
                                    "move_pages",
                                    "mbind",
                                    "migrate_pages",
                                    "personality",
                                    NULL};

static const char *const network[] = {"socket", "connect", "bind", "listen", "accept", "accept4", NULL};

/* The worker: a closed list. The descriptors it needs are open before. */
static const char *const worker_allowed[] = {"read",
                                             "readv",
                                             "pread64",
                                             "write",
                                             "writev",
                                             "pwrite64",
                                             "lseek",
                                             "close",
                                             "fstat",
                                             "newfstatat",
                                             "ftruncate",
                                             "fcntl",
                                             "sendmsg",
                                             "munmap",
                                             "mremap",
                                             "madvise",
                                             "brk",
                                             "mlock",
                                             "munlock",
                                             "futex",
                                             "set_robust_list",
                                             "get_robust_list",
                                             "rseq",
                                             "membarrier",
                                             "rt_sigaction",
                                             "rt_sigprocmask",
                                             "rt_sigreturn",
                                             "sigaltstack",
                                             "restart_syscall",
                                             "exit",
                                             "exit_group",
                                             "gettid",
                                             "getpid",
                                             "tgkill",
                                             "sched_yield",
                                             "sched_getaffinity",
                                             "getcpu",
                                             "clock_gettime",
                                             "clock_getres",
                                             "clock_nanosleep",
                                             "nanosleep",
                                             "gettimeofday",
                                             "time",
                                             "times",
                                             "getrusage",
                                             "getrandom",
                                             "poll",
                                             "ppoll",
                                             "sysinfo",
                                             "uname",
                                             NULL};

/* Refused without a kill: libraries try these and do without. */
static const char *const worker_refused[] = {"open",
                                             "openat",
                                             "openat2",
                                             "access",
                                             "faccessat",
                                             "faccessat2",
                                             "stat",
                                             "lstat",
                                             "statx",
                                             "readlink",
                                             "readlinkat",
                                             "getcwd",
                                             "ioctl",
                                             "statfs",
                                             "fstatfs",
                                             "getdents64",
                                             "sched_getattr",
                                             "sched_setattr",
                                             "sched_getscheduler",
                                             "sched_getparam",
                                             "sched_setaffinity",
                                             "prlimit64",
                                             "getrlimit",
                                             "prctl",
                                             "getuid",
                                             "geteuid",
                                             "getgid",
                                             "getegid",
                                             "set_mempolicy",
                                             "get_mempolicy",
                                             "memfd_create",
                                             NULL};

static const unsigned long new_namespaces[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                               CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

bool sandbox_is_real(void)
{
    return !SANITIZED;
}

/* Names this kernel or library does not know are skipped: they cannot be called. */
static int add_all(scmp_filter_ctx f, uint32_t action, const char *const *names)
{
    for (; *names; names++) {
        int nr = seccomp_syscall_resolve_name(*names);
        if (nr == __NR_SCMP_ERROR || nr < 0) continue;
        int failed = seccomp_rule_add(f, action, nr, 0);
        if (failed) return failed;
    }
    return 0;
}

static int add_deny_list(scmp_filter_ctx f, const struct sandbox *s)
{
    int failed = add_all(f, KILL, never);
    for (size_t i = 0; !failed && i < sizeof new_namespaces / sizeof *new_namespaces; i++)
        failed = seccomp_rule_add(f, KILL, SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, new_namespaces[i], new_namespaces[i]));
    /* Its flags are behind a pointer no filter can follow: refused, libc falls back to clone. */
    if (!failed) failed = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (!failed && s->role == SANDBOX_CONVERTER) failed = add_all(f, KILL, network);
    if (!failed && s->no_connect && s->role != SANDBOX_CONVERTER)
        failed = seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(connect), 0);
    return failed;
}

static int add_allow_list(scmp_filter_ctx f)
{
    int failed = add_all(f, SCMP_ACT_ALLOW, worker_allowed);
    if (!failed) failed = add_all(f, SCMP_ACT_ERRNO(EACCES), worker_refused);
    if (!failed) failed = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    /* Threads, never processes. Memory, never executable. */
    if (!failed)
        failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (!failed)
        failed =
            seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!failed)
        failed = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                  SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return failed;
}

static err enter_seccomp(const struct sandbox *s)
{
    scmp_filter_ctx f = seccomp_init(s->role == SANDBOX_WORKER ? KILL : SCMP_ACT_ALLOW);
    if (!f) return FAIL(E_INTERNAL, W("process.sandbox"));
    int failed = s->role == SANDBOX_WORKER ? add_allow_list(f) : add_deny_list(f, s);
    if (!failed) failed = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, KILL);
    if (!failed) failed = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
    if (!failed) failed = seccomp_load(f);
    seccomp_release(f);
    if (failed) log_line(LOG_ERROR, "sandbox", "seccomp: error %d", -failed);
    return failed ? FAIL(E_INTERNAL, W("process.sandbox")) : NO_ERR;
}

err sandbox_enter(const struct sandbox *s)
{
    if (SANITIZED) return NO_ERR;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return FAIL(E_INTERNAL, W("process.sandbox"));
    /* Landlock first: the worker's filter would forbid it. The worker is under its converter's, but for a first letter's, whose filter is enough. */
    if (s->role != SANDBOX_WORKER) landlock_enter(s);
    return enter_seccomp(s);
}

static err limit(__rlimit_resource_t what, int64_t most)
{
    struct rlimit r = {(rlim_t)most, (rlim_t)most}, now;
    if (most <= 0) return NO_ERR;
    if (getrlimit(what, &now) == 0 && now.rlim_max < r.rlim_max)
        r = (struct rlimit){now.rlim_max, now.rlim_max};
    return setrlimit(what, &r) == 0 ? NO_ERR : FAIL(E_INTERNAL, W("process.sandbox"));
}

err limits_set(struct limits l)
{
    /* Written private memory, not address space: libraries and thread stacks reserve far more than they touch. */
    if (!SANITIZED) TRY(limit(RLIMIT_DATA, l.memory_bytes));
    TRY(limit(RLIMIT_CPU, l.cpu_s));
    TRY(limit(RLIMIT_FSIZE, l.file_bytes));
    TRY(limit(RLIMIT_NOFILE, l.open_files));
    if (l.wall_s > 0) {
        struct itimerval t = {.it_value.tv_sec = (time_t)l.wall_s};
        signal(SIGALRM, SIG_DFL);
        if (setitimer(ITIMER_REAL, &t, NULL) != 0) return FAIL(E_INTERNAL, W("process.sandbox"));
    }
    return NO_ERR;
}

void limits_first_to_go(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, "900", 3) != 3) log_line(LOG_DEBUG, "sandbox", "oom_score_adj stays");
    close(fd);
}

void limits_no_core(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
