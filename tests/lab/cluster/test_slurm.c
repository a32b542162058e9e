/* What Slurm says is read as it means it. */
#include "lab/cluster/slurm.h"
#include "lab/cluster/slurm_queue.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pool pool;
static char folder[] = "/tmp/normlab-slurm-test-XXXXXX";

/* Programs of Slurm's names, which print what the real ones did. */
static void begin(void) {
    cr_assert(mkdtemp(folder) &&
              setenv("PATH", pool_format(&pool, "%s:/usr/bin:/bin", folder), 1) == 0);
}

static void end(void) {
    static const char *const names[] = {"scontrol", "sbatch", "squeue", "asked"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(pool_format(&pool, "%s/%s", folder, names[i]));
    rmdir(folder);
    pool_free(&pool);
}

TestSuite(slurm, .init = begin, .fini = end);

static void program(const char *name, const char *body) {
    const char *path = pool_format(&pool, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    cr_assert(out && fprintf(out, "#!/bin/sh\n%s\n", body) > 0 && fclose(out) == 0 &&
              chmod(path, 0700) == 0);
}

static const char config[] =
    "[ \"$2\" = config ] && printf 'Configuration data as of ...\\nMaxArraySize            = "
    "51\\nMaxJobCount             = %s\\nKillWait                = 30 sec\\n' || "
    "echo 'PartitionName=short AllowGroups=ALL Default=NO MaxTime=01:30:00 MaxMemPerNode=2000\n"
    "PartitionName=all AllowGroups=ALL Default=YES MaxTime=1-00:00:00 MaxMemPerNode=UNLIMITED'";

Test(slurm, times_are_read) {
    cr_expect(slurm_seconds("1-02:03:04") == 93784 && slurm_seconds("00:01:00") == 60);
    cr_expect(isinf(slurm_seconds("UNLIMITED")) && isnan(slurm_seconds("soon")));
    cr_expect_str_eq(slurm_duration(61, &pool), "0:02:00");
    cr_expect_str_eq(slurm_duration(3600 * 30, &pool), "30:00:00");
}

Test(slurm, fields_are_found_by_their_whole_name) {
    static const char text[] = "XMaxTime=1 MaxTimes=2 MaxTime=3 a\nKillWait   = 30 sec\n";
    cr_expect_str_eq(slurm_field(text, "MaxTime", &pool), "3");
    cr_expect_str_eq(slurm_field(text, "KillWait", &pool), "30");
    cr_expect_null(slurm_field(text, "Kill", &pool));
}

Test(slurm, limits_are_those_of_the_partition) {
    struct slurm_limits limits;
    program("scontrol", pool_format(&pool, config, "10000"));
    slurm_limits_read(NULL, &pool, &limits);
    cr_assert(!limits.unknown, "%s", limits.unknown);
    cr_expect(limits.array_size == 51 && limits.seconds == 86400 && isinf(limits.bytes),
              "%d tasks, %g s, %g bytes", limits.array_size, limits.seconds, limits.bytes);
    cr_expect_str_eq(limits.partition, "all");
    program("scontrol", pool_format(&pool, config, "10"));
    slurm_limits_read("short", &pool, &limits);
    cr_expect(limits.array_size == 9 && limits.seconds == 5400 && limits.bytes == 2000 * 1048576.,
              "%d tasks, %g s, %g bytes", limits.array_size, limits.seconds, limits.bytes);
}

Test(slurm, without_slurm_its_defaults_are_said_to_be_assumed) {
    struct slurm_limits limits;
    program("scontrol", "echo 'no\nconfig' >&2; exit 1");
    slurm_limits_read(NULL, &pool, &limits);
    cr_expect(limits.array_size == 1001 && isinf(limits.seconds), "%d", limits.array_size);
    cr_expect_str_eq(limits.unknown, "scontrol ended with exit status 1: no config");
}

Test(slurm, a_job_has_a_number_or_a_reason) {
    const char *job;
    program("sbatch", pool_format(&pool, "echo \"$@\" >%s/asked; echo '123;east'", folder));
    cr_assert(slurm_submit("a b.sh", "7", &pool, &job) == OK, "%s", status_message());
    cr_expect_str_eq(job, "123");
    char asked[80] = "";
    FILE *in = fopen(pool_format(&pool, "%s/asked", folder), "r");
    cr_assert(in && fgets(asked, sizeof asked, in) && fclose(in) == 0);
    cr_expect_str_eq(asked, "--parsable --dependency=afterany:7 a b.sh\n");
    program("sbatch", "echo 'sbatch: error: Invalid account' >&2; exit 1");
    cr_expect(slurm_submit("x", NULL, &pool, &job) == ERROR_RUN);
    cr_expect_str_eq(status_message(),
                     "sbatch ended with exit status 1: sbatch: error: Invalid account");
    program("sbatch", "echo Submitted");
    cr_expect(slurm_submit("x", NULL, &pool, &job) == ERROR_RUN, "job %s", job);
}

/* ---- the queue ---- */

/* "<folder>/slurm/<n>/train.job" with this text; its folders stay until end_jobs. */
static void keep_job(int n, const char *text) {
    const char *dir = pool_format(&pool, "%s/slurm", folder);
    mkdir(dir, 0700);
    mkdir(pool_format(&pool, "%s/%d", dir, n), 0700);
    FILE *out = fopen(pool_format(&pool, "%s/%d/train.job", dir, n), "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0);
}

static void end_jobs(void) {
    for (int n = 1; n <= 10; n++) {
        unlink(pool_format(&pool, "%s/slurm/%d/train.job", folder, n));
        rmdir(pool_format(&pool, "%s/slurm/%d", folder, n));
    }
    rmdir(pool_format(&pool, "%s/slurm", folder));
}

static const char answers[] = "echo \"$@\" >\"${0%/*}/asked\"\n"
                              "echo '12|0|RUNNING|None'\necho '12|3|PENDING|Resources'\n"
                              "echo '12|N/A|PENDING|(null)'\necho nonsense\n";

Test(slurm, the_queue_of_the_last_submission) {
    struct slurm_queue queue;
    char said[256] = "";
    program("squeue", answers);
    slurm_queue_read(folder, &pool, &queue);
    cr_expect(queue.n == 0, "nothing was submitted");
    keep_job(9, "11\n");
    keep_job(10, "12\n");
    slurm_queue_read(folder, &pool, &queue);
    cr_assert(queue.n == 3, "%d tasks", queue.n);
    const struct slurm_task *third = slurm_queue_find(&queue, 3);
    cr_assert(third, "task 3 is not there");
    cr_expect_str_eq(third->state, "PENDING");
    cr_expect_str_eq(third->reason, "Resources");
    cr_expect_str_eq(slurm_queue_find(&queue, 0)->reason, "");
    cr_expect_null(slurm_queue_find(&queue, 1));
    FILE *in = fopen(pool_format(&pool, "%s/asked", folder), "r");
    cr_assert(in && fgets(said, sizeof said, in) && fclose(in) == 0);
    cr_expect_str_eq(said, "--noheader --array --format=%F|%K|%T|%r --jobs 12\n");
    end_jobs();
}

/* What the file says becomes a word of a command: a number, or nothing is asked. */
Test(slurm, a_job_that_is_no_number_is_not_asked_for) {
    static const char *const texts[] = {"", "x\n", "12", "12 13\n", "-1\n", "1234567890123\n"};
    struct slurm_queue queue;
    program("squeue", answers);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        keep_job(1, texts[i]);
        slurm_queue_read(folder, &pool, &queue);
        cr_expect(queue.n == 0, "'%s' was asked for", texts[i]);
    }
    keep_job(1, "12\n");
    program("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
    slurm_queue_read(folder, &pool, &queue);
    cr_expect(queue.n == 0, "Slurm has forgotten it");
    unlink(pool_format(&pool, "%s/squeue", folder));
    slurm_queue_read(folder, &pool, &queue);
    cr_expect(queue.n == 0, "squeue is not installed");
    end_jobs();
}
