/* Threads: the one parallel region, its floating-point mode, its barrier. */
#include "engine/nn/team.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/profile.h"

#if defined(__x86_64__)
#    include <xmmintrin.h>
typedef unsigned int float_mode;
static float_mode float_mode_get(void) {
    return _mm_getcsr();
}
static void float_mode_set(float_mode mode) {
    _mm_setcsr(mode);
}
/* All exceptions masked, round to nearest, flush to zero, denormals are zero. Gradients below a
 * batch norm at two rows are tiny, and velocities of dead units decay through the denormal numbers
 * for ever; on some processors each of them costs a hundred cycles (784-100-100-100-10 at B = 2 on
 * a Xeon, steps a second without and with: batch norm 655 and 9,470, none 4,700 and 10,470; the
 * weights were the same). */
enum { TRAINING_MODE = 0x1f80 | 0x8000 | 0x0040 };
#elif defined(__aarch64__)
typedef unsigned long float_mode;
static float_mode float_mode_get(void) {
    float_mode mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}
static void float_mode_set(float_mode mode) {
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
enum { TRAINING_MODE = 1 << 24 }; /* round to nearest, flush to zero */
#else
typedef int float_mode;
static float_mode float_mode_get(void) {
    return 0;
}
static void float_mode_set(float_mode mode) {
    (void)mode;
}
enum { TRAINING_MODE = 0 };
#endif

static void run_member(struct team team, team_function *function, void *argument) {
    float_mode before = float_mode_get();
    float_mode_set(TRAINING_MODE);
    function(team, argument);
    float_mode_set(before);
}

/* Threads that have come, and how often all of them have. On cache lines of their own: those who
 * wait read the one while those who come write the other. */
struct meeting {
    _Alignas(128) atomic_int arrived;
    _Alignas(128) atomic_uint round;
};

static void *wait_for_all(void *mutex) {
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    return NULL;
}

enum status team_check(int n_threads) {
    if (n_threads <= 1)
        return OK;
    pthread_mutex_t all_are_there = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = malloc((size_t)n_threads * sizeof *threads);
    int n = 1, error = threads ? 0 : ENOMEM; /* the caller is one of them */
    pthread_mutex_lock(&all_are_there);
    while (!error && n < n_threads) {
        error = pthread_create(&threads[n], NULL, wait_for_all, &all_are_there);
        n += !error;
    }
    pthread_mutex_unlock(&all_are_there);
    while (--n > 0)
        pthread_join(threads[n], NULL);
    free(threads);
    return error ? fail(ERROR_RUN, "cannot start %d threads: %s; try fewer --threads or --jobs",
                        n_threads, strerror(error))
                 : OK;
}

int team_run(int n_threads, team_function *function, void *argument) {
    /* The serial team meets no runtime at all: a process that only ever runs it starts no threads.
     */
    if (n_threads <= 1) {
        run_member((struct team){.size = 1}, function, argument);
        return 1;
    }
    struct meeting meeting = {0};
    int size = 1;
#pragma omp parallel num_threads(n_threads) default(none) shared(function, argument, meeting, size)
    {
        struct team team = {omp_get_thread_num(), omp_get_num_threads(), &meeting, NULL};
        if (team.rank == 0)
            size = team.size;
        run_member(team, function, argument);
    }
    return size;
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Spins as long as a step's uneven tiles last; who then still waits waits for somebody whom the
 * system does not let run, and makes room. */
static void wait_for_round(struct meeting *meeting, unsigned round) {
    enum { SPINS = 2000 };
    for (int i = 0; atomic_load_explicit(&meeting->round, memory_order_acquire) == round; i++)
        if (i < SPINS)
            pause_briefly();
        else
            sched_yield();
}

void team_barrier(struct team team) {
    struct meeting *meeting = team.meeting;
    if (team.size == 1)
        return;
    unsigned round = atomic_load_explicit(&meeting->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&meeting->arrived, 1, memory_order_acq_rel) == team.size - 1) {
        atomic_store_explicit(&meeting->arrived, 0, memory_order_relaxed);
        atomic_store_explicit(&meeting->round, round + 1, memory_order_release);
    } else {
        wait_for_round(meeting, round);
    }
    profile_mark(team.profile, PHASE_WAITING);
}
