/* The team of threads: everyone runs, tiles are covered once, the floating-point mode is
 * everybody's. */
#include <criterion/criterion.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "engine/nn/team.h"
#include "tests/support.h"

enum { TILES = 23, MOST = 8 };

struct tally {
    int size[MOST];
    int tiles[TILES];
    int after_barrier[MOST];
    int arrived[MOST];
    float tiny[MOST];
};

static const volatile float least = 0x1p-140f; /* a denormal number */

static void member(struct team team, void *argument) {
    struct tally *tally = argument;
    tally->size[team.rank] = team.size;
    TEAM_TILES (team, t, TILES)
        tally->tiles[t] += t + 1;
    tally->arrived[team.rank] = 1;
    team_barrier(team);
    for (int i = 0; i < team.size; i++)
        tally->after_barrier[team.rank] += tally->arrived[i];
    tally->tiny[team.rank] = least * 1.5f;
}

Test(nn_team, all_threads_share_the_tiles_and_meet) {
    for (int n = 1; n <= MOST; n++) {
        struct tally tally = {0};
        team_run(n, member, &tally);
        for (int i = 0; i < n; i++) {
            cr_assert(tally.size[i] == n, "thread %d of %d saw a team of %d", i, n, tally.size[i]);
            cr_assert(tally.after_barrier[i] == n, "thread %d went on after %d of %d", i,
                      tally.after_barrier[i], n);
        }
        for (int t = 0; t < TILES; t++)
            cr_assert(tally.tiles[t] == t + 1, "%d threads: tile %d was done %d times", n, t,
                      tally.tiles[t] / (t + 1));
    }
}

/* Its own runtime would end the process. */
Test(nn_team, threads_that_cannot_be_started_are_a_message) {
    if (TEST_SANITIZED)
        cr_skip_test("sanitizers have memory of their own");
    test_limit_memory(1 << 20); /* no room for a stack */
    enum status status = team_check(3);
    cr_expect(team_check(1) == OK, "a team of one needs no thread");
    test_limit_memory(-1);
    cr_assert(status == ERROR_RUN, "they were started");
    cr_assert(strstr(status_message(), "cannot start 3 threads: "), "%s", status_message());
    cr_assert(team_check(MOST) == OK, "%s", status_message());
}

Test(nn_team, says_how_many_there_were) {
    struct tally tally = {0};
    cr_expect(team_run(3, member, &tally) == 3 && tally.size[2] == 3, "a team of 3");
    omp_set_max_active_levels(0); /* OpenMP makes a team of one of any */
    cr_expect(team_run(3, member, &tally) == 1 && tally.size[0] == 1, "a team of 1");
}

Test(nn_team, every_thread_has_the_same_floating_point_mode_and_the_caller_keeps_its_own) {
    float before = least * 1.5f;
    for (int n = 1; n <= MOST; n += 3) {
        struct tally tally = {0};
        team_run(n, member, &tally);
        for (int i = 1; i < n; i++)
            cr_assert(tally.tiny[i] == tally.tiny[0],
                      "thread %d makes %g of a tiny number, thread 0 %g", i, (double)tally.tiny[i],
                      (double)tally.tiny[0]);
        float after = least * 1.5f;
        /* by its bits: with denormals taken for zero, the two would compare as equal */
        cr_assert(!memcmp(&after, &before, sizeof after),
                  "a team of %d changed the caller's floating-point mode", n);
    }
}
