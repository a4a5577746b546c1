/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is forbidden kills, what is needed works. Each try is a child of its own. In sanitizer builds there is no sandbox and
   these are skipped: `make test-release` runs them where they count. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <sched.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/test.h"
#include "process/converter.h"
#include "process/courier.h"
#include "process/process.h"
#include "process/sandbox.h"

static char home[64];

/* Enters the sandbox (NULL: none), then tries: 0 when try says true, 1 when false, 256 + signal when killed. */
static int outcome(const struct sandbox *s, bool (*try)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        if (s && sandbox_enter(s).code != OK) _exit(2);
        _exit(try() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

#define assert_killed(s_, try_) assert_int_equal(outcome((s_), (try_)), 256 + SIGSYS)
#define assert_works(s_, try_)  assert_int_equal(outcome((s_), (try_)), 0)
#define only_in_release()                                                                                    \
    if (!sandbox_is_real()) skip()

static bool runs_a_program(void)
{
    char *argv[] = {"true", NULL};
    execv("/bin/true", argv);
    return false;
}

static bool traces(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool mounts(void)
{
    return mount("none", "/mnt", "tmpfs", 0, NULL) == 0;
}

static bool loads_bpf(void)
{
    union bpf_attr attr = {0};
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr) >= 0;
}

static bool reads_keys(void)
{
    return syscall(SYS_keyctl, 0, -3, 0) >= 0;
}

static bool takes_a_namespace(void)
{
    return syscall(SYS_unshare, CLONE_NEWUSER) == 0;
}

static bool forks_into_a_namespace(void)
{
    return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL) >= 0;
}

static bool reads_others(void)
{
    return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) >= 0;
}

static bool makes_a_ring(void)
{
    return syscall(SYS_io_uring_setup, 4, NULL) >= 0;
}

static bool opens_a_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool forks(void)
{
    pid_t pid = fork();
    if (pid == 0) _exit(7);
    int status;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7;
}

static bool connects(void)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof a) < 0 &&
           errno == ECONNREFUSED;
}

static bool connect_is_refused(void)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof a) < 0 && errno == EACCES;
}

static bool listens(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 5) == 0;
}

static void *thirty_two(void *arg)
{
    *(int *)arg = 32;
    return NULL;
}

static bool starts_threads(void)
{
    pthread_t t;
    int n = 0;
    return pthread_create(&t, NULL, thirty_two, &n) == 0 && pthread_join(t, NULL) == 0 && n == 32;
}

static bool writes_at_home(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/file", home);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0 && fsync(fd) == 0 && unlink(path) == 0;
}

static bool may_not_leave_home(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s-outside", home);
    bool write_refused = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) < 0 && errno == EACCES;
    bool read_refused = open("/etc/shadow", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES;
    return write_refused && read_refused && open("/etc/hosts", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool makes_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

static bool makes_memory_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool kills(void)
{
    return kill(getppid(), 0) == 0;
}

static bool may_open_nothing(void)
{
    return open("/etc/hosts", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES;
}

static bool works_in_memory(void)
{
    char *p = malloc(30 << 20);
    if (!p) return false;
    memset(p, 1, 30 << 20);
    char last = p[(30 << 20) - 1];
    free(p);
    return last == 1 && starts_threads();
}

/* The control: else a try that fails for another reason would prove nothing. */
static void without_a_sandbox_these_work(void **state)
{
    bool (*const tries[])(void) = {runs_a_program,    traces, opens_a_socket, forks,  makes_code,
                                   makes_memory_code, kills,  connects,       listens};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) assert_works(NULL, tries[i]);
}

static void server_and_courier_start_no_program(void **state)
{
    only_in_release();
    bool (*const forbidden[])(void) = {
        runs_a_program,         traces,       mounts,      loads_bpf, reads_keys, takes_a_namespace,
        forks_into_a_namespace, reads_others, makes_a_ring};
    for (int role = SANDBOX_SERVER; role <= SANDBOX_CONVERTER; role++) {
        struct sandbox s = {.role = (enum sandbox_role)role, .all_files = true};
        for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) assert_killed(&s, forbidden[i]);
    }
}

static void the_server_does_its_work(void **state)
{
    only_in_release();
    const char *rw[] = {home, NULL};
    struct sandbox s = {.role = SANDBOX_SERVER, .read_only = sandbox_system_trees, .read_write = rw};
    assert_works(&s, starts_threads);
    assert_works(&s, listens);
    assert_works(&s, connects);
    assert_works(&s, writes_at_home);
    if (sandbox_landlock_version() > 0) assert_works(&s, may_not_leave_home);
    s.no_connect = true;
    assert_works(&s, connect_is_refused);
    assert_works(&s, listens);
}

static int kept = -1;

static bool listen_is_refused(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof a) < 0 && errno == EACCES;
}

static bool accepts_on_the_kept_socket(void)
{
    return accept(kept, NULL, NULL) >= 0;
}

/* The parent holds the port: its server takes connections, and can open no other port. */
static void the_server_on_a_file_opens_no_port(void **state)
{
    only_in_release();
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    struct sandbox s = {.role = SANDBOX_SERVER, .all_files = true, .no_connect = true, .no_tcp = true};
    int client = socket(AF_INET, SOCK_STREAM, 0);
    kept = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(kept, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(kept, 1), 0);
    assert_int_equal(getsockname(kept, (struct sockaddr *)&a, &n), 0);
    assert_int_equal(connect(client, (struct sockaddr *)&a, n), 0);
    assert_works(&s, accepts_on_the_kept_socket);
    if (sandbox_landlock_version() >= 4) assert_works(&s, listen_is_refused);
    close(client);
    close(kept);
}

static void the_converter_has_no_network(void **state)
{
    only_in_release();
    struct sandbox s = {.role = SANDBOX_CONVERTER};
    assert_killed(&s, opens_a_socket);
    assert_works(&s, forks);
    if (sandbox_landlock_version() > 0) assert_works(&s, may_open_nothing);
}

static void the_worker_has_nothing(void **state)
{
    only_in_release();
    bool (*const forbidden[])(void) = {
        runs_a_program, traces,       mounts,         loads_bpf, reads_keys, takes_a_namespace,
        reads_others,   makes_a_ring, opens_a_socket, forks,     makes_code, makes_memory_code,
        kills};
    struct sandbox s = {.role = SANDBOX_WORKER};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) assert_killed(&s, forbidden[i]);
    assert_works(&s, may_open_nothing);
    assert_works(&s, works_in_memory);
}

/* ---- limits --------------------------------------------------------------------------------------------------------- */

static int outcome_within(struct limits l, void (*work)(void))
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        limits_no_core();
        if (limits_set(l).code != OK) _exit(2);
        work();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? 256 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void sleeps(void)
{
    usleep(5000000);
}

static void turns(void)
{
    for (volatile unsigned i = 0;; i++) {
    }
}

static void writes_much(void)
{
    int fd = (int)syscall(SYS_memfd_create, "x", 0);
    char block[4096] = {0};
    for (int i = 0; i < 1024; i++)
        if (write(fd, block, sizeof block) < 0) _exit(3);
}

static void takes_memory(void)
{
    char *p = malloc(300 << 20);
    _exit(p ? 0 : 3);
}

static void limits_hold(void **state)
{
    assert_int_equal(outcome_within((struct limits){.wall_s = 1}, sleeps), 256 + SIGALRM);
    assert_int_equal(outcome_within((struct limits){.cpu_s = 1}, turns), 256 + SIGKILL);
    assert_int_equal(outcome_within((struct limits){.file_bytes = 1 << 20}, writes_much), 256 + SIGXFSZ);
    if (sandbox_is_real())
        assert_int_equal(outcome_within((struct limits){.memory_bytes = 100 << 20}, takes_memory), 3);
}

/* ---- the helpers as they run -------------------------------------------------------------------------------------- */

static bool is_confined(pid_t pid)
{
    char path[64], text[4096] = {0};
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    if (!f) return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    return n > 0 && strstr(text, "\nSeccomp:\t2\n") && strstr(text, "\nNoNewPrivs:\t1\n");
}

static int children_confined(void)
{
    char path[64], text[256] = {0};
    int confined = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(path, "r");
    if (!f) return -1;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    char *p = n ? text : NULL;
    while (p && *p) {
        long pid = strtol(p, &p, 10);
        if (pid > 0 && is_confined((pid_t)pid)) confined++;
        while (*p == ' ') p++;
    }
    return confined;
}

static void running_helpers_are_confined(void **state)
{
    only_in_release();
    arena *mem = arena_new(0);
    struct converter *c;
    struct courier *k;
    struct delivery d;
    str mime;
    assert_ok(converter_open(&c, (struct converter_settings){0}));
    assert_ok(courier_open(&k, &(struct courier_settings){.mail_dir = str_of(home)}));
    assert_ok(converter_sniff(c, mem, S("%PDF-1.4\n"), &mime));
    struct mail m = {
        .message_id = S("1@x"), .from = S("a@x"), .to = S("b@x"), .subject = S("s"), .text = S("t")};
    assert_ok(courier_send_mail(k, mem, &m, &d));
    assert_int_equal(d.class, DELIVERY_SENT);
    assert_int_equal(children_confined(), 2);
    assert_int_equal(unlink(d.text.p), 0);
    courier_close(k);
    converter_close(c);
    arena_free(mem);
}

static int setup(void **state)
{
    snprintf(home, sizeof home, "/tmp/beffroi-sandbox-XXXXXX");
    return mkdtemp(home) == NULL;
}

static int teardown(void **state)
{
    return rmdir(home);
}

int main(int argc, char **argv)
{
    int helper = process_main(argc, argv);
    if (helper >= 0) return helper;
    hash_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_sandbox_these_work), cmocka_unit_test(server_and_courier_start_no_program),
        cmocka_unit_test(the_server_does_its_work),     cmocka_unit_test(the_converter_has_no_network),
        cmocka_unit_test(the_server_on_a_file_opens_no_port),
        cmocka_unit_test(the_worker_has_nothing),       cmocka_unit_test(limits_hold),
        cmocka_unit_test(running_helpers_are_confined),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
