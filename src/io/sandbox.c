/* Runs something that may crash or never end in a process of its own. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "io/sandbox.h"

#include <signal.h>
#include <sys/mman.h>

void *sandbox_memory(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void sandbox_memory_free(void *memory, size_t size) {
    if (memory)
        munmap(memory, size);
}

static enum status wait_for(struct workers *workers, double limit_s, bool *hangs) {
    struct worker_end end;
    enum worker_event event = workers_wait(workers, limit_s, &end);
    if (hangs)
        *hangs = event == WORKERS_TIMEOUT;
    switch (event) {
    case WORKERS_STOP:
        return fail(workers->stop_signal == SIGINT ? STOPPED_INT : STOPPED_TERM, "stopped");
    case WORKERS_TIMEOUT:
        return fail(ERROR_RUN, "did not end within %g s", limit_s);
    case WORKER_ENDED:
        break;
    }
    return end.status == OK ? OK : fail(end.status, "%s", end.reason);
}

enum status sandbox_run(worker_function *function, void *argument, double limit_s, bool *hangs) {
    struct workers workers;
    pid_t pid;
    enum status status = workers_open(&workers, 1);
    if (status)
        return status;
    status = workers_start(&workers, 0, function, argument, &pid);
    if (!status)
        status = wait_for(&workers, limit_s, hangs);
    workers_close(&workers);
    return status;
}
