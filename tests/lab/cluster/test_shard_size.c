/* How many shards, and which have something to do. */
#include "lab/cluster/shard_size.h"

#include <criterion/criterion.h>
#include <string.h>

#include "lab/plan/plan_shards.h"
#include "tests/lab/runner/sweep.h"

static struct sweep sweep;
static struct worklist worklist;
static struct pool pool;

/* Sixteen runs of 1 or 4 epochs: seconds by the constant of the estimate alone. */
static const char *const sizes[] = {"train.epochs=1,4", "norm.kind=none", "seed=range(8)", NULL};

static void begin(void) {
    sweep_create(&sweep, sweep_small, sizes);
    worklist_create(&worklist, &sweep.plan, &sweep.options);
    cr_assert(worklist_look(&worklist, &sweep.options) == OK, "%s", status_message());
    cr_assert(worklist.n_todo == 16, "%d to do", worklist.n_todo);
}

static void end(void) {
    worklist_free(&worklist);
    sweep_free(&sweep);
    pool_free(&pool);
}

TestSuite(shard_size, .init = begin, .fini = end, .timeout = 120);

static double seconds_of(int run) {
    return worklist_seconds(&worklist, run);
}

static double all_seconds(void) {
    double sum = 0;
    for (int run = 0; run < sweep.plan.n_runs; run++)
        sum += seconds_of(run);
    return sum;
}

static struct shard_size choose(int n_tasks, double seconds, int most) {
    struct shard_size size;
    shard_size_choose(&worklist, &(struct shard_request){n_tasks, seconds, most}, &pool, &size);
    return size;
}

/* What plan_shard, which a task asks, gives each. */
static double longest_by_hand(int n) {
    bool take[16];
    double longest = 0;
    for (int shard = 0; shard < n; shard++) {
        double sum = 0;
        plan_shard(&sweep.plan, shard, n, take);
        for (int run = 0; run < 16; run++)
            sum += take[run] ? seconds_of(run) : 0;
        longest = sum > longest ? sum : longest;
    }
    return longest;
}

Test(shard_size, no_shard_takes_longer_than_was_asked_for_and_there_are_few) {
    for (int parts = 1; parts <= 6; parts++) {
        double seconds = all_seconds() / parts * 1.05;
        struct shard_size size = choose(0, seconds, 1000);
        cr_expect(size.longest_s <= seconds, "%d parts: %g s of %g", parts, size.longest_s,
                  seconds);
        cr_expect(size.n >= parts && size.n <= parts + 2, "%d parts: %d shards", parts, size.n);
        cr_expect(!(size.longest_s < longest_by_hand(size.n) * .999) &&
                      !(size.longest_s > longest_by_hand(size.n) * 1.001),
                  "%g s, and the tasks take %g", size.longest_s, longest_by_hand(size.n));
        cr_expect(size.n_todo == size.n && !size.is_cut, "%d of %d", size.n_todo, size.n);
    }
}

Test(shard_size, a_run_that_is_longer_than_the_time_makes_no_more_shards_than_runs_need) {
    struct shard_size size = choose(0, 1e-9, 1000);
    double longest = 0;
    for (int run = 0; run < 16; run++)
        longest = seconds_of(run) > longest ? seconds_of(run) : longest;
    cr_expect(size.longest_s == longest, "%g s, the longest run takes %g", size.longest_s, longest);
    cr_expect(size.n < 16 && !size.is_cut, "%d shards", size.n);
}

Test(shard_size, the_cluster_s_limit_holds_and_is_said) {
    struct shard_size size = choose(0, all_seconds() / 6, 3);
    cr_expect(size.n == 3 && size.is_cut, "%d shards", size.n);
    size = choose(40, 0, 1000);
    cr_expect(size.n == 16 && !size.is_cut, "%d shards of 16 runs", size.n);
}

Test(shard_size, shards_without_work_are_left_out) {
    bool take[16];
    int n = 0;
    plan_shard(&sweep.plan, 2, 5, take);
    for (int i = 0; i < worklist.n_todo; i++) /* shard 2 is done */
        if (!take[worklist.todo[i]])
            worklist.todo[n++] = worklist.todo[i];
    worklist.n_todo = n;
    struct shard_size size = choose(5, 0, 1000);
    cr_expect(size.n == 5 && size.n_todo == 4, "%d of %d", size.n_todo, size.n);
    cr_expect_str_eq(shard_size_indices(&size, &pool), "0-1,3-4");
    worklist.n_todo = 1;
    size = choose(5, 0, 1000);
    cr_expect(size.n_todo == 1 && strlen(shard_size_indices(&size, &pool)) == 1, "%s",
              shard_size_indices(&size, &pool));
}

Test(shard_size, what_sbatch_could_not_read_is_all_shards) {
    int todo[2000];
    struct shard_size size = {.n = 5000, .n_todo = 700, .todo = todo};
    for (int i = 0; i < 2000; i++)
        todo[i] = 2 * i;
    const char *few = shard_size_indices(&size, &pool);
    cr_expect(!strncmp(few, "0,2,4,6,", 8) && strstr(few, ",1398"), "%s", few);
    size.n_todo = 2000;
    cr_expect_str_eq(shard_size_indices(&size, &pool), "0-4999");
}
