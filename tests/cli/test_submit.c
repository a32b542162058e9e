/* normlab submit without a cluster: its scripts, what it refuses, and what it leaves beside the
 * runs; the real Slurm is met by scripts/check-slurm.sh. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/capture.h"

static const char study[] = "schema: 1\n"
                            "name: tiny\n"
                            "title: Tiny\n"
                            "base:\n"
                            "  data: {name: clusters, rows: 120, validation: 40, test_rows: 40}\n"
                            "  model: {hidden: [4]}\n"
                            "  train: {epochs: 1, batch_size: 20}\n"
                            "sweep:\n"
                            "  norm.kind: [none, batch]\n"
                            "  seed: range(8)\n";
/* The same with a claim. */
static const char claim[] = "quick: {set: {train.epochs: 1}}\n"
                            "claim: {number: 1, notes: A, says: One is better., supported: It is., "
                            "refuted: It is not.}\n"
                            "judge:\n"
                            "  - name: first\n"
                            "    asks: Is it?\n"
                            "    kind: direction\n"
                            "    metric: test_error\n"
                            "    more: {name: none, norm.kind: none}\n"
                            "    less: {name: batch, norm.kind: batch}\n"
                            "    delta: 0.1\n"
                            "    supported: It is.\n"
                            "    refuted: It is not.\n";

static struct pool pool;
static char folder[] = "/tmp/normlab-submit-XXXXXX", said[1 << 16];

static void write_text(const char *name, const char *text, mode_t mode) {
    FILE *out = fopen(name, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0 && chmod(name, mode) == 0);
}

static void begin(void) {
    char root[4096];
    cr_assert(getcwd(root, sizeof root) && setenv("NORMLAB_SHARE", root, 1) == 0);
    cr_assert(mkdtemp(folder) && chdir(folder) == 0 && mkdir("bin", 0700) == 0);
    cr_assert(setenv("PATH", pool_format(&pool, "%s/bin:/usr/bin:/bin", folder), 1) == 0);
    write_text("bin/scontrol", "#!/bin/sh\nexit 1\n", 0700);
    write_text("tiny.yaml", study, 0600);
    write_text("claim.yaml", pool_format(&pool, "%s%s", study, claim), 0600);
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void end(void) {
    cr_expect(system(pool_format(&pool, "rm -rf %s", folder)) == 0);
    pool_free(&pool);
}

TestSuite(submit, .init = begin, .fini = end, .timeout = 120);

enum { MOST_WORDS = 20 };

/* normlab WORDS...; what it printed is in `said`. */
static enum status call(const char *const words[MOST_WORDS]) {
    const char *argv[MOST_WORDS + 2] = {"normlab"};
    memcpy(argv + 1, words, MOST_WORDS * sizeof *argv);
    return capture_command(argv, sizeof said, said);
}

#define CALL(...) call((const char *const[MOST_WORDS]){__VA_ARGS__})

static void expect_line(const char *line) {
    const char *at = strstr(said, pool_format(&pool, "\n%s\n", line));
    cr_expect(at, "no line '%s' in:\n%s", line, said);
}

static void expect_refused(enum status status, const char *part) {
    cr_expect(status == ERROR_USAGE && strstr(status_message(), part), "%d: %s", status,
              status_message());
}

Test(submit, a_dry_run_prints_scripts_that_a_shell_can_read_and_writes_nothing) {
    enum status status =
        CALL("submit", "tiny.yaml", "--tasks", "4", "--limit", "2", "--jobs", "3", "--threads", "2",
             "--dry-run", "--out", "a 'b' \"c\" $d %e", "--", "-p", "long", "--comment=x # y");
    cr_assert(status == OK, "%s", status_message());
    expect_line("#SBATCH --job-name=tiny");
    expect_line("#SBATCH --array=0-3%2");
    expect_line("#SBATCH --cpus-per-task=6");
    expect_line("#SBATCH --signal=B:USR1@60");
    expect_line("#SBATCH -p long");
    expect_line("#SBATCH \"--comment=x # y\"");
    expect_line(pool_format(
        &pool, "#SBATCH --output=\"%s/a 'b' \\\"c\\\" $d %%%%e/tiny/slurm/1\"/%%A_%%a.log",
        folder));
    cr_expect(strstr(said, "--shard \"$SLURM_ARRAY_TASK_ID/4\""), "no shard");
    cr_expect(strstr(said, "--jobs 3 --threads 2 --checkpoint 600"), "no options of run");
    cr_expect(
        strstr(said, pool_format(&pool, "merge '%s/a '\\''b'\\'' \"c\" $d %%e/tiny'", folder)),
        "no merge in:\n%s", said);
    cr_expect(!strstr(said, "{{") && !strstr(said, "judge"), "%s", said);
    cr_expect(access("a 'b' \"c\" $d %e", F_OK) != 0, "it has written something");
    write_text("scripts.sh", said, 0600);
    cr_expect(system("bash -n scripts.sh") == 0, "bash cannot read:\n%s", said);
}

Test(submit, a_disk_of_the_node_is_named_in_the_job_s_words) {
    static const char *const words[][2] = {{"$TMPDIR/x", " --stage \"$TMPDIR/x\" &\n"},
                                           {"/local/`id` x", " --stage '/local/`id` x' &\n"},
                                           {"&id", " --stage '&id' &\n"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        cr_assert(CALL("submit", "tiny.yaml", "--dry-run", "--stage", words[i][0]) == OK, "%s",
                  status_message());
        cr_expect(strstr(said, words[i][1]), "no%s in:\n%s", words[i][1], said);
    }
}

Test(submit, what_the_file_claims_is_judged_as_it_stands_or_under_a_protocol) {
    cr_assert(CALL("submit", "claim.yaml", "--dry-run") == OK, "%s", status_message());
    cr_expect(strstr(said, pool_format(&pool, "judge %s/claim.yaml --out %s/results || status=$?\n",
                                       folder, folder)),
              "%s", said);
    cr_assert(CALL("submit", "claim.yaml", "protocol=quick", "--dry-run") == OK, "%s",
              status_message());
    cr_expect(strstr(said, "--quick || status=$?\n"), "%s", said);
    cr_assert(CALL("submit", "claim.yaml", "seed=0", "--dry-run") == OK, "%s", status_message());
    cr_expect(!strstr(said, "judge"), "other runs than the claim asks for:\n%s", said);
}

Test(submit, wrong_words_are_refused) {
    expect_refused(CALL("submit", "tiny.yaml", "--tasks", "2", "--minutes", "3"), "one of them");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--", "--array=0-3"), "--array");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--", "-d", "after:3"), "--dependency");
    expect_refused(CALL("submit", "tiny.yaml", "--tasks", "5000", "--dry-run"), "1001 at most");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--out", "a\nb"), "#SBATCH");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--templates", "nowhere"), "neither");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--stage", "/scratch/$USER/x"),
                   "$TMPDIR");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--stage", "${TMPDIR}"), "$TMPDIR");
    expect_refused(CALL("submit", "tiny.yaml", "--dry-run", "--out", "a\\b"), "a \\ in its path");
}

Test(submit, a_template_of_one_s_own_stands_before_ours) {
    write_text("finish.sh", "{{runs}} of {{name}} {{nme}}\n", 0600);
    expect_refused(CALL("submit", "tiny.yaml", "--templates", ".", "--dry-run"),
                   "./finish.sh:1: nothing is called {{nme}} (did you mean {{name}}?)");
    write_text("finish.sh", "mine: {{name}}\n", 0600);
    cr_assert(CALL("submit", "tiny.yaml", "--templates", ".", "--dry-run") == OK);
    expect_line("mine: tiny");
    expect_line("#SBATCH --requeue");
}

/* Prints numbers from 41 on, and keeps what it was asked. */
static const char sbatch[] = "#!/bin/sh\necho \"$@\" >>asked\n"
                             "echo $((40 + $(wc -l <asked)))\n";

Test(submit, jobs_are_sent_and_kept_beside_the_runs) {
    write_text("bin/sbatch", sbatch, 0700);
    cr_assert(CALL("submit", "tiny.yaml", "--tasks", "2") == OK, "%s", status_message());
    cr_expect_str_eq(said, "41\tresults/tiny/slurm/1/train.sh\n"
                           "42\tresults/tiny/slurm/1/finish.sh\n");
    cr_expect_str_eq(text_of("asked", &pool),
                     "--parsable results/tiny/slurm/1/train.sh\n"
                     "--parsable --dependency=afterany:41 results/tiny/slurm/1/finish.sh\n");
    cr_expect_str_eq(text_of("results/tiny/slurm/1/train.job", &pool), "41\n");
    cr_expect_str_eq(text_of("results/tiny/slurm/1/finish.job", &pool), "42\n");
    cr_expect_str_eq(text_of("results/tiny/slurm/1/train.shards", &pool), "2\n");
    cr_expect_str_eq(text_of("results/tiny/slurm/1/plan.json", &pool),
                     text_of("results/tiny/plan.json", &pool));
    cr_assert(CALL("submit", "tiny.yaml", "--tasks", "2") == OK, "%s", status_message());
    cr_expect_str_eq(text_of("results/tiny/slurm/2/train.job", &pool), "43\n");
}

Test(submit, a_job_that_stands_alone_is_told) {
    write_text("bin/sbatch", "#!/bin/sh\n[ $# -eq 2 ] && echo 41\n", 0700);
    enum status status = CALL("submit", "tiny.yaml");
    cr_expect(status == ERROR_RUN && strstr(status_message(), "job 41 was submitted"), "%s",
              status_message());
    cr_expect_str_eq(text_of("results/tiny/slurm/1/train.job", &pool), "41\n");
}

/* A plan that was kept is trained as it was made, whatever became of its file. */
Test(submit, tasks_train_what_was_submitted) {
    write_text("bin/sbatch", sbatch, 0700);
    cr_assert(CALL("submit", "tiny.yaml", "seed=0,1", "--tasks", "2") == OK, "%s",
              status_message());
    write_text("tiny.yaml", "schema: 2\n", 0600);
    cr_assert(CALL("run", "results/tiny/slurm/1/plan.json", "--shard", "1/2") == OK, "%s",
              status_message());
    cr_assert(CALL("run", "results/tiny/slurm/1/plan.json") == OK, "%s", status_message());
    cr_expect_str_eq(said, "results/tiny+seed=0,1.h5\n");
    expect_refused(CALL("run", "results/tiny/plan.json", "seed=1"), "key=value");
    write_text("results/tiny/plan.json", "{}\n", 0600);
    cr_expect(CALL("run", "results/tiny/plan.json") == ERROR_RESULTS, "%s", status_message());
}

Test(submit, what_is_in_the_queue_is_not_sent_again) {
    write_text("bin/sbatch", sbatch, 0700);
    write_text("bin/squeue", "#!/bin/sh\necho '41|0|PENDING|Priority'\n", 0700);
    cr_assert(CALL("submit", "tiny.yaml") == OK, "%s", status_message());
    cr_expect(CALL("submit", "tiny.yaml") == ERROR_RUN, "it was sent");
    cr_expect(strstr(status_message(), "job 41 still has 1 task"), "%s", status_message());
    cr_expect(CALL("submit", "tiny.yaml", "--dry-run") == OK, "%s", status_message());
    write_text("bin/squeue", "#!/bin/sh\nexit 1\n", 0700);
    cr_expect(CALL("submit", "tiny.yaml") == OK, "%s", status_message());
}

Test(submit, results_of_another_file_are_not_to_be_replaced) {
    static const char other[] =
        "schema: 1\nname: tiny\ntitle: Another\nbase:\n"
        "  data: {name: clusters, rows: 120, validation: 40, test_rows: 40}\n"
        "  model: {hidden: [3]}\n"
        "  train: {epochs: 1, batch_size: 20}\n";
    write_text("bin/sbatch", sbatch, 0700);
    write_text("other.yaml", other, 0600);
    cr_assert(CALL("run", "other.yaml") == OK, "%s", status_message());
    cr_expect(CALL("submit", "tiny.yaml") == ERROR_RESULTS, "%s", status_message());
    cr_expect(access("asked", F_OK) != 0, "it was sent");
}

Test(submit, what_is_done_is_not_sent) {
    write_text("bin/sbatch", sbatch, 0700);
    cr_assert(CALL("run", "tiny.yaml", "--shard", "0/3") == OK, "%s", status_message());
    cr_assert(CALL("submit", "tiny.yaml", "--tasks", "3", "--dry-run") == OK, "%s",
              status_message());
    expect_line("#SBATCH --array=1-2");
    cr_assert(CALL("run", "tiny.yaml") == OK, "%s", status_message());
    cr_assert(CALL("submit", "tiny.yaml") == OK && !*said, "%s", said);
    cr_expect(access("asked", F_OK) != 0, "it was sent");
}
