/* Preloaded: lets the nth call of a kind fail, in whichever process of a sweep makes it, and counts such calls.
 *
 *     FAIL_CALLS=pwrite64,write  which: system calls of the table below; "malloc": all that allocate, but HDF5;
 *                                "malloc_hdf5": HDF5 alone, whose error paths crash
 *     FAIL_AT=70                 the 70th fails, counted over all processes from 1; 0: none, only count
 *     FAIL_ERRNO=28              as if the system said this
 *     FAIL_HOW=once|on|short|kill   the nth; it and all after it; half of its bytes are done; its process is killed
 *     FAIL_COUNTER=FILE          8 bytes that all processes share; at the end, how many calls there were
 *     FAIL_SHOW=1                where it was, on stderr
 *
 * strace can inject, too, but counts in each process anew: where the parent's first openat fails, no worker's ever
 * does. Here a seccomp filter turns the chosen calls into SIGSYS if they come from the C library, stdio's own
 * included, and the handler makes them from this library, which the filter lets pass. A program that is started
 * (gnuplot) has its C library elsewhere and is not disturbed. */
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
static long system_call(long number, const long a[6]) {
    long result;
    register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
static void arguments_of(const ucontext_t *context, long a[6]) {
    static const int registers[] = {REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9};
    for (int i = 0; i < 6; i++)
        a[i] = (long)context->uc_mcontext.gregs[registers[i]];
}
static void set_result(ucontext_t *context, long result) {
    context->uc_mcontext.gregs[REG_RAX] = result;
}
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
static long system_call(long number, const long a[6]) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a[0], x1 __asm__("x1") = a[1];
    register long x2 __asm__("x2") = a[2], x3 __asm__("x3") = a[3], x4 __asm__("x4") = a[4], x5 __asm__("x5") = a[5];
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}
static void arguments_of(const ucontext_t *context, long a[6]) {
    for (int i = 0; i < 6; i++)
        a[i] = (long)context->uc_mcontext.regs[i];
}
static void set_result(ucontext_t *context, long result) {
    context->uc_mcontext.regs[0] = (unsigned long)result;
}
#else
#error fail_nth.c knows the registers of x86-64 and aarch64
#endif

static const struct {
    const char *name;
    long number;
} calls[] = {
    {"write", SYS_write},
    {"pwrite64", SYS_pwrite64},
    {"writev", SYS_writev},
    {"read", SYS_read},
    {"pread64", SYS_pread64},
    {"openat", SYS_openat},
    {"close", SYS_close},
    {"fsync", SYS_fsync},
    {"fdatasync", SYS_fdatasync},
    {"ftruncate", SYS_ftruncate},
    {"fallocate", SYS_fallocate},
    {"flock", SYS_flock},
    {"fcntl", SYS_fcntl},
    {"lseek", SYS_lseek},
#ifdef SYS_rename
    {"rename", SYS_rename},
    {"unlink", SYS_unlink},
    {"mkdir", SYS_mkdir},
    {"link", SYS_link},
#endif
    {"rename", SYS_renameat},
    {"rename", SYS_renameat2},
    {"link", SYS_linkat},
    {"unlink", SYS_unlinkat},
    {"mkdir", SYS_mkdirat},
    {"newfstatat", SYS_newfstatat},
    {"getdents64", SYS_getdents64},
    {"getrandom", SYS_getrandom},
    {"pipe2", SYS_pipe2},
    {"mmap", SYS_mmap},
};
enum { N_CALLS = sizeof calls / sizeof *calls };

enum how { ONCE, ON, SHORT, KILL };

static _Atomic uint64_t *counter; /* NULL: nothing is counted yet */
static uint64_t fail_at;
static long error_number;
static enum how how;
static bool allocations, allocations_of_hdf5, show;

static bool is_hit(void) {
    uint64_t n = ++*counter;
    bool hit = fail_at > 0 && (how == ON ? n >= fail_at : n == fail_at);
    if (hit && show) {
        void *frames[40];
        backtrace_symbols_fd(frames, backtrace(frames, 40), STDERR_FILENO);
    }
    if (hit && how == KILL)
        system_call(SYS_kill, (long[6]){system_call(SYS_getpid, (long[6]){0}), SIGKILL});
    return hit;
}

/* ---- system calls ---- */

/* The call with half of what it was given; what has no bytes fails. */
static long half(long number, const long a[6]) {
    long less[6] = {a[0], a[1], a[2] / 2, a[3], a[4], a[5]};
    bool has_size = number == SYS_write || number == SYS_pwrite64 || number == SYS_read || number == SYS_pread64;
    return has_size && less[2] > 0 ? system_call(number, less) : -error_number;
}

static void on_call(int signal_number, siginfo_t *info, void *where) {
    (void)signal_number;
    ucontext_t *context = where;
    long a[6], number = info->si_syscall, result;
    int saved = errno;
    arguments_of(context, a);
    bool is_message = number == SYS_write && a[0] == STDERR_FILENO; /* somebody is to read why */
    if (is_message || !is_hit()) {
        result = system_call(number, a);
    } else if (how == SHORT) {
        result = half(number, a);
    } else {
        result = -error_number;
        if (number == SYS_close) /* whatever close says, the descriptor is gone */
            system_call(number, a);
    }
    errno = saved;
    set_result(context, result);
}

static bool is_named(const char *list, const char *name) {
    size_t size = strlen(name);
    for (; list && *list; list = strchr(list, ',') ? strchr(list, ',') + 1 : "")
        if (!strncmp(list, name, size) && (list[size] == ',' || !list[size]))
            return true;
    return false;
}

/* The text of the C library in memory: from the line of /proc/self/maps that has one of its functions. */
static bool find_library(uint64_t *begin, uint64_t *end) {
    static char maps[1 << 16];
    uint64_t inside = (uint64_t)(uintptr_t)&getpid;
    int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t size = 0;
    for (ssize_t n; size < sizeof maps - 1 && (n = read(file, maps + size, sizeof maps - 1 - size)) > 0;)
        size += (size_t)n;
    close(file);
    for (char *line = maps; *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : "") {
        char *rest;
        *begin = strtoull(line, &rest, 16);
        *end = strtoull(rest + 1, NULL, 16);
        if (*begin <= inside && inside < *end)
            return true;
    }
    return false;
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_HIGH(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + 4)
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, what)

/* Traps the chosen calls between begin and end, which share their upper half. */
static bool install(const char *chosen, uint64_t begin, uint64_t end) {
    struct sock_filter filter[16 + 2 * N_CALLS] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD_HIGH(instruction_pointer),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(begin >> 32), 1, 0),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(instruction_pointer),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)begin, 1, 0),
        RETURN(SECCOMP_RET_ALLOW),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)end, 0, 1),
        RETURN(SECCOMP_RET_ALLOW),
        LOAD(nr),
    };
    unsigned short n = 12;
    for (int i = 0; i < N_CALLS; i++) {
        if (!is_named(chosen, calls[i].name))
            continue;
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, 1);
        filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_TRAP);
    }
    filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = n, .filter = filter};
    struct sigaction action = {.sa_sigaction = on_call, .sa_flags = SA_SIGINFO};
    return n == 13 || (sigaction(SIGSYS, &action, NULL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* ---- allocations ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct {
    uintptr_t begin, size;
} hdf5[4]; /* code in memory: of the library, and of that above it */
static int n_hdf5;

static int note_hdf5(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size, (void)unused;
    for (int i = 0; info->dlpi_name && strstr(info->dlpi_name, "/libhdf5") && i < info->dlpi_phnum; i++) {
        if (!(info->dlpi_phdr[i].p_flags & PF_X) || n_hdf5 == 4)
            continue;
        hdf5[n_hdf5].begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        hdf5[n_hdf5++].size = info->dlpi_phdr[i].p_memsz;
    }
    return 0;
}

static bool refuse(const void *caller) {
    bool is_hdf5 = false;
    for (int i = 0; i < n_hdf5; i++)
        is_hdf5 |= (uintptr_t)caller - hdf5[i].begin < hdf5[i].size;
    if (!(is_hdf5 ? allocations_of_hdf5 : allocations) || !is_hit())
        return false;
    errno = ENOMEM;
    return true;
}

#define REFUSED refuse(__builtin_return_address(0))

void *malloc(size_t size) {
    return REFUSED ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    return REFUSED ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
    return REFUSED ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return REFUSED ? NULL : __libc_memalign(alignment, size);
}

/* HDF5 calls these, too, and malloc would not know it. */
char *strndup(const char *text, size_t size) {
    size_t length = strnlen(text, size);
    char *copy = REFUSED ? NULL : __libc_malloc(length + 1);
    if (copy)
        memcpy(copy, text, length), copy[length] = '\0';
    return copy;
}

char *strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = REFUSED ? NULL : __libc_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = REFUSED ? NULL : __libc_memalign(alignment, size);
    if (made)
        *block = made;
    return made ? 0 : ENOMEM;
}

/* ---- */

static void give_up(const char *why) {
    ssize_t written = write(STDERR_FILENO, why, strlen(why));
    (void)written;
    _exit(99);
}

/* Arguments: as the loader of the GNU C library hands them to constructors. */
__attribute__((constructor)) static void begin(int argc, char **argv, char **environment) {
    (void)argc;
    static const char *const hows[] = {"once", "on", "short", "kill"};
    const char *chosen = getenv("FAIL_CALLS"), *at = getenv("FAIL_AT"), *error = getenv("FAIL_ERRNO");
    const char *file = getenv("FAIL_COUNTER"), *word = getenv("FAIL_HOW");
    uint64_t first = 0, last = 0;
    void *frame;
    if (!chosen || !file)
        return;
    for (int i = 0; word && i < 4; i++)
        if (!strcmp(word, hows[i]))
            how = (enum how)i;
    fail_at = at ? strtoull(at, NULL, 10) : 0;
    error_number = error ? strtol(error, NULL, 10) : EIO;
    show = getenv("FAIL_SHOW") != NULL;
    backtrace(&frame, 1); /* loads what it needs */
    int descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    void *shared = MAP_FAILED;
    if (descriptor >= 0 && ftruncate(descriptor, sizeof *counter) == 0)
        shared = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (shared == MAP_FAILED)
        give_up("fail_nth: FAIL_COUNTER cannot be had\n");
    close(descriptor);
    counter = shared;
    bool found = find_library(&first, &last);
    if (found && first >> 32 != last >> 32) /* once in 2,000 times: another address, please */
        execve("/proc/self/exe", argv, environment);
    unsetenv("LD_PRELOAD"); /* what is started runs undisturbed */
    if (!found || !install(chosen, first, last))
        give_up("fail_nth: the system lets no filter in\n");
    dl_iterate_phdr(note_hdf5, NULL);
    allocations_of_hdf5 = is_named(chosen, "malloc_hdf5");
    allocations = is_named(chosen, "malloc");
}
