/* The program as a user meets it: exit status, and which stream says what. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "tests/cli/one_line.h"
#include "tests/support.h"

static char program[PATH_MAX + 16], folder[64];
static char out[1 << 15], messages[1 << 13];

/* build/normlab beside build/release/normlab-tests, or build/<variant>/normlab beside its tests. */
static bool find_program(void) {
    static const char *const places[] = {"normlab", "../normlab"};
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    cr_assert(n > 0, "/proc/self/exe cannot be read");
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    for (int i = 0; i < 2; i++) {
        snprintf(program, sizeof program, "%s/%s", self, places[i]);
        if (access(program, X_OK) == 0)
            return true;
    }
    return false;
}

static void begin(void) {
    strcpy(folder, "/tmp/normlab-program-XXXXXX");
    cr_assert(mkdtemp(folder), "no folder under /tmp");
    if (!find_program())
        cr_skip_test("the program is not built beside its tests");
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(system(command) == 0, "%s", command);
}

TestSuite(program, .init = begin, .fini = end);

static void slurp(const char *name, char *text, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = fopen(path, "r");
    size_t n = in ? fread(text, 1, size - 1, in) : 0;
    text[n] = '\0';
    if (in)
        fclose(in);
}

/* Runs `normlab <line>` by a shell in the test's folder; the exit status. */
static int run(const char *line) {
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "cd %s && (PATH=%.*s:$PATH; normlab %s) >out 2>messages",
             folder, (int)(strrchr(program, '/') - program), program, line);
    int status = system(command);
    slurp("out", out, sizeof out);
    slurp("messages", messages, sizeof messages);
    cr_assert(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

Test(program, alone_it_prints_help_with_every_command) {
    cr_assert(run("") == 0, "%s", messages);
    in_one_line(out);
    for (int i = 0; i < command_count(); i++)
        cr_expect(strstr(out, command_get(i)->summary), "no %s in\n%s", command_get(i)->name, out);
    cr_expect(strstr(out, "$ normlab run"), "no example in\n%s", out);
    cr_expect(!*messages, "messages: %s", messages);
}

Test(program, help_can_be_asked_for_in_each_way) {
    static const char *const lines[] = {"help run", "run --help", "run -h",
                                        "run --help x --jobs 2"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        cr_expect(run(lines[i]) == 0 && strstr(out, "--jobs") && strstr(out, "Examples"),
                  "%s: %s%s", lines[i], out, messages);
    }
    cr_expect(run("--help") == 0 && strstr(out, "Commands"), "--help: %s", out);
    cr_expect(run("help") == 0 && strstr(out, "Commands"), "help: %s", out);
    cr_expect(run("help rnu") == 2 && strstr(messages, "did you mean 'run'?"), "%s", messages);
    cr_expect(run("help help") == 0 && strstr(out, "normlab help [COMMAND]"), "%s", out);
    cr_expect(run("help --help") == 0 && strstr(out, "normlab help [COMMAND]"), "%s", out);
    cr_expect(run("help nonsense") == 2 &&
                  strstr(messages, "no command 'nonsense'; see normlab help\n"),
              "%s", messages);
    cr_expect(run("help norm.momentum") == 2 &&
                  strstr(messages, "keys are explained by `normlab describe norm.momentum`"),
              "%s", messages);
    cr_expect(run("help run plot") == 2 && strstr(messages, "unexpected 'plot'"), "%s", messages);
}

/* Called by a path, it suggests that path. */
Test(program, suggestions_can_be_pasted) {
    char line[2 * PATH_MAX], part[2 * PATH_MAX];
    cr_assert(
        run("list probes; mkdir 'my folder' && ln -s \"$(command -v normlab)\" 'my folder'") == 0,
        "%s", messages);
    snprintf(line, sizeof line, "list probes; './my folder/normlab' show");
    snprintf(part, sizeof part, "see './my folder/normlab' show --help\n");
    cr_expect(run(line) == 2 && strstr(messages, part), "%s", messages);
    cr_expect(run("show") == 2 && strstr(messages, "see normlab show --help\n"), "%s", messages);
    snprintf(line, sizeof line, "list probes; './my folder/normlab' help show");
    cr_expect(run(line) == 0 && strstr(out, "$ './my folder/normlab' show results"), "%s", out);
}

Test(program, version_begins_as_gnu_wants_it) {
    cr_assert(run("--version") == 0, "%s", messages);
    cr_assert(!strncmp(out, "normlab (normlab) 0.", 20), "first line of\n%s", out);
    static const char *const parts[] = {"\ncommit ", "\ncompiler ", "\nHDF5 ", "\nproducts "};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(out, parts[i]), "no '%s' in\n%s", parts[i] + 1, out);
}

Test(program, a_usage_error_is_2_with_one_message_and_no_output) {
    static const char *const lines[] = {
        "rnu", "--jobs", "plot", "describe nothing.such", "list everything", "run nosuch.yaml"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int status = run(lines[i]);
        cr_expect(status == 2, "%s: exit status %d", lines[i], status);
        cr_expect(!*out, "%s: output %s", lines[i], out);
        char *newline = strchr(messages, '\n');
        cr_expect(newline && !newline[1], "%s: not one line: %s", lines[i], messages);
        cr_expect(!strncmp(messages, "normlab: ", 9), "%s: no name in front: %s", lines[i],
                  messages);
    }
}

Test(program, an_error_in_an_experiment_file_begins_with_its_place) {
    char path[128];
    snprintf(path, sizeof path, "%s/bad.yaml", folder);
    FILE *file = fopen(path, "w");
    fputs("schema: 1\nname: bad\nbase:\n  train: {batch_sise: 8}\n", file);
    fclose(file);
    cr_assert(run("run bad.yaml") == 2, "%s", messages);
    cr_assert(!strncmp(messages, "bad.yaml:4:", 11), "%s", messages);
    cr_assert(strstr(messages, "train.batch_size"), "%s", messages);
}

/* Two runs of some milliseconds. */
static void write_tiny(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/tiny.yaml", folder);
    FILE *file = fopen(path, "w");
    fputs("schema: 1\nname: tiny\n"
          "base:\n"
          "  data: {name: clusters, rows: 60, test_rows: 20, features: 3, classes: 2,\n"
          "         train: 40, validation: 10}\n"
          "  model: {hidden: [4, 3]}\n"
          "  train: {batch_size: 10, epochs: 1}\n"
          "sweep: {norm.kind: [none, batch]}\n",
          file);
    fclose(file);
}

Test(program, run_prints_the_path_of_the_results_and_nothing_else) {
    write_tiny();
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
    cr_assert_str_eq(out, "results/tiny.h5\n", "it printed %s", out);
    cr_assert(strstr(messages, "tiny: 2 runs: 2 complete"), "%s", messages);
    cr_assert(run("merge results/tiny --out again.h5") == 0, "%s", messages);
    cr_assert_str_eq(out, "again.h5\n", "merge printed %s", out);
    cr_assert(run("merge results/tiny --out tiny.yaml") == 4, "the experiment file is gone");
    cr_assert(run("run tiny.yaml seed=1 norm.kind=none") == 0, "%s", messages);
    cr_assert(strstr(messages, "tiny: 1 run: 1 complete"), "%s", messages);
}

/* Forty seeds of some milliseconds, and an effect that ten of them settle: in a series. */
static void write_looked_at_in(const char *series, const char *looks) {
    char path[128];
    snprintf(path, sizeof path, "%s/looked.yaml", folder);
    FILE *file = fopen(path, "w");
    fprintf(file,
            "schema: 1\nname: looked\ntitle: Looked at\n"
            "base:\n"
            "  data: {name: clusters, rows: 60, test_rows: 20, features: 3, classes: 2,\n"
            "         train: 40, validation: 10}\n"
            "  model: {hidden: [3]}\n"
            "  train: {batch_size: 10, epochs: 1}\n"
            "sweep: {optimizer.lr: [1e-9, 0.1], seed: 'range(200, 240)'}\n"
            "claim: {number: 1, notes: A, says: x%s}\n"
            "judge:\n"
            "  - {name: moves, asks: does it learn, figure: {series: %s, take: last},\n"
            "     more: {optimizer.lr: 1e-9}, less: {optimizer.lr: 0.1}, delta: 1e-4,\n"
            "     supported: it does, refuted: it does not}\n",
            looks, series);
    fclose(file);
}

static void write_looked_at(const char *looks) {
    write_looked_at_in("epoch/train_loss", looks);
}

Test(program, until_decided_trains_no_more_seeds_than_it_needs) {
    write_looked_at(", looks: [10, 20, 40]");
    cr_assert(run("run looked.yaml --until-decided --jobs 1") == 0, "%s", messages);
    cr_assert_str_eq(out, "results/looked.h5\n", "it printed %s", out);
    cr_expect(strstr(messages, "looked: 20 runs: 20 complete"), "%s", messages);
    cr_expect(strstr(messages, "looked: supported; looks: 10 seeds at 0.008 a side (supported); "
                               "0.008 of 0.025 spent."),
              "%s", messages);
    cr_assert(run("run looked.yaml --until-decided") == 0, "%s", messages);
    cr_expect(strstr(messages, "nothing to train"), "%s", messages);
    cr_assert(run("run looked.yaml --until-decided --json") == 0, "%s", messages);
    cr_expect(!strncmp(out, "{\"event\": ", 10), "it printed %s", out);
    cr_expect(run("run looked.yaml --until-decided seed=1") == 2, "%s", messages);
    write_looked_at("");
    cr_expect(run("run looked.yaml --until-decided") == 2, "%s", messages);
    cr_expect(strstr(messages, "looked.yaml declares no looks"), "%s", messages);
}

/* Before anything is trained: but `run` by itself trains all the same. */
Test(program, a_claim_that_its_runs_will_not_answer_is_refused) {
    static const char *const lines[] = {"judge looked.yaml", "report looked.yaml",
                                        "run looked.yaml --dry-run",
                                        "run looked.yaml --until-decided"};
    static const char said[] = "looked.yaml:12:57: series: the runs of looked.yaml do not record "
                               "'trace/ics_norm': log.probes must name trace/ics_norm there";
    write_looked_at_in("trace/ics_norm, where: layer=1", ", looks: [10, 20, 40]");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        cr_expect(run(lines[i]) == 2, "%s: %s", lines[i], messages);
        cr_expect(strstr(messages, said), "%s: %s", lines[i], messages);
        cr_expect(!strstr(messages, "complete"), "%s: %s", lines[i], messages);
    }
    cr_expect(run("run looked.yaml log.probes=ics --dry-run") == 0, "%s", messages);
    cr_expect(run("run looked.yaml seed=200 --dry-run") == 2, "%s", messages);
    cr_expect(run("run looked.yaml seed=200") == 0, "%s", messages);
    cr_expect(strstr(messages, "warning: looked.yaml:12:57: series:"), "%s", messages);
}

/* Variables that bind threads to processors, as they stand in many a user's profile. */
Test(program, workers_are_not_bound_to_one_processor) {
    static const char *const variables[] = {"OMP_PROC_BIND=true", "OMP_PLACES=cores",
                                            "GOMP_CPU_AFFINITY=0"};
    char line[PATH_MAX + 128], before[256];
    write_tiny();
    cr_assert(run("run tiny.yaml --force") == 0, "%s", messages);
    snprintf(before, sizeof before, "%.*s", (int)strcspn(messages, "\n"), messages);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        snprintf(line, sizeof line, "list probes >/dev/null; env %s %s run tiny.yaml --force",
                 variables[i], program);
        cr_assert(run(line) == 0, "%s", messages);
        cr_expect(!strncmp(messages, before, strlen(before)), "%s: %s", variables[i], messages);
    }
}

/* Three trials of some milliseconds a cell. */
static void write_tunable(void) {
    char path[128];
    write_tiny();
    snprintf(path, sizeof path, "%s/tiny.yaml", folder);
    FILE *file = fopen(path, "a");
    fputs("tune: {grid: [0.05, 0.1, 0.2], seeds: [9]}\n", file);
    fclose(file);
}

/* What cannot be tuned or judged can be trained: run says so, and a dry run refuses it. */
Test(program, a_dry_run_reads_what_runs_do_not_need) {
    static const char *const sections[][2] = {
        {"tune: {grid: [0.05, 0.1, 0.2], seeds: [9], gird: 3}", "tune: unknown field 'gird'"},
        {"quick: {set: {train.epoch: 1}}", "unknown key 'train.epoch'"},
        {"literal: {only: {norm.kind: bacth}}", "did you mean 'batch'?"},
        {"title: t\nclaim: {number: 1, notes: A, sais: x}", "unknown field 'sais'"},
        {"title: t\ncompute: [{what: nothing}]", "has no section claim"}};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        char path[128];
        write_tiny();
        snprintf(path, sizeof path, "%s/tiny.yaml", folder);
        FILE *file = fopen(path, "a");
        fprintf(file, "%s\n", sections[i][0]);
        fclose(file);
        cr_expect(run("run tiny.yaml --dry-run") == 2, "%s: %s", sections[i][0], out);
        cr_expect(strstr(messages, sections[i][1]), "%s: %s", sections[i][0], messages);
        cr_expect(run("run tiny.yaml") == 0, "%s: %s", sections[i][0], messages);
        cr_expect(strstr(messages, "warning: tiny.yaml:") && strstr(messages, sections[i][1]),
                  "%s: %s", sections[i][0], messages);
    }
}

Test(program, tune_prints_what_it_chose_and_writes_a_file_that_run_reads) {
    write_tunable();
    cr_assert(run("tune tiny.yaml --dry-run") == 0, "%s", messages);
    cr_assert(strstr(out, "tiny-tune: 6 runs, 0 done, 6 to do"), "%s", out);
    cr_assert(run("tune tiny.yaml --jobs 1") == 0, "%s", messages);
    cr_assert(!strncmp(out, "norm.kind\toptimizer.lr\tvalidation_error\t", 40), "%s", out);
    cr_assert(strstr(out, "\nnone\t0") && strstr(out, "\nbatch\t0"), "%s", out);
    cr_assert(strstr(messages, "next: normlab run results/tiny.tuned.yaml\n"), "%s", messages);
    cr_assert(run("run results/tiny.tuned.yaml --jobs 1") == 0, "%s", messages);
    cr_assert_str_eq(out, "results/tiny.h5\n", "it printed %s", out);
    cr_assert(run("tune tiny.yaml --to deep/er/chosen.yaml") == 0, "%s", messages);
    cr_assert(
        run("list probes; sed -i 's,Made from ../,Made from ../../,' results/tiny.tuned.yaml; "
            "cmp results/tiny.tuned.yaml deep/er/chosen.yaml") == 0,
        "--to: %s", out);
    cr_assert(run("tune results/tiny.tuned.yaml") == 2, "a tuned file was tuned");
    cr_assert(strstr(messages, "has no section tune"), "%s", messages);
}

static const char stale[] =
    "normlab: warning: results/tiny.tuned.yaml was made from another version of tiny.yaml: "
    "`normlab tune tiny.yaml --to results/tiny.tuned.yaml` makes it anew\n";

static void write_text(const char *name, const char *mode, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, mode);
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
}

/* Each command that reads the tuned file says it, once, until it is made anew. */
Test(program, a_tuned_file_of_another_version_is_warned_of) {
    static const char *const lines[] = {"run results/tiny.tuned.yaml", "run claim.yaml --dry-run",
                                        "judge claim.yaml other.yaml", "judge claim.yaml --json",
                                        "report claim.yaml other.yaml"};
    static const char claim[] = "experiment: results/tiny.tuned.yaml\n"
                                "claim: {says: s, supported: a, refuted: b}\n"
                                "judge:\n"
                                "  - {name: q, asks: a, more: {norm.kind: none}, less: {norm.kind: "
                                "batch}, delta: 0.1,\n"
                                "     supported: a, refuted: b}\n";
    char text[1024];
    write_tunable();
    cr_assert(run("list probes; sed -i 's/batch]}/batch], seed: range(7)}/' tiny.yaml") == 0);
    snprintf(text, sizeof text, "schema: 1\nname: claim\n%s", claim);
    write_text("claim.yaml", "w", text);
    snprintf(text, sizeof text, "schema: 1\nname: other\n%s", claim);
    write_text("other.yaml", "w", text);
    cr_assert(run("tune tiny.yaml --jobs 1") == 0, "%s", messages);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run(lines[i]);
        cr_expect(!strstr(messages, "another version"), "%s: %s", lines[i], messages);
    }
    write_text("tiny.yaml", "a", "# edited\n");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        run(lines[i]);
        cr_expect(test_count(messages, stale) == 1, "%s: %s", lines[i], messages);
    }
    cr_assert(run("tune tiny.yaml --to results/tiny.tuned.yaml") == 0, "%s", messages);
    cr_expect(strstr(messages, "nothing to train"), "%s", messages);
    cr_assert(run("run results/tiny.tuned.yaml --dry-run") == 0 && !*messages, "%s", messages);
}

/* Rates that nobody chose: the tuned file is what is to be run. */
Test(program, run_says_that_a_section_tune_has_no_part_in_it) {
    write_tunable();
    cr_assert(run("run tiny.yaml --dry-run") == 0, "%s", messages);
    cr_expect(strstr(messages, "`normlab tune tiny.yaml` chooses the rates"), "%s", messages);
    cr_assert(run("tune tiny.yaml --jobs 1") == 0, "%s", messages);
    cr_assert(run("run results/tiny.tuned.yaml --dry-run") == 0 && !*messages, "%s", messages);
}

/* Both streams in one pipe, as in a log: what is said last stands last, and no line is torn. */
Test(program, messages_stand_between_the_lines_of_the_output) {
    write_tunable();
    cr_assert(run("tune tiny.yaml --dry-run 2>&1") == 0, "%s", out);
    const char *memory = strstr(out, "\nmemory: "), *last = strstr(out, "\ntiny: where an optimum");
    cr_expect(memory && last && memory < last && strchr(last + 1, '\n')[1] == '\0', "%s", out);
    cr_assert(run("run tiny.yaml seed='range(7)' --jobs 1") == 0, "%s", messages);
    cr_assert(run("compare results/tiny+seed=0..6.h5 --arms norm.kind=batch,none 2>&1") == 0, "%s",
              out);
    cr_expect(!strncmp(out, "n\tfirst\tsecond\t", 15), "%s", out);
}

/* What a file does not say is said by its defaults: these are what a reader has to know. */
Test(program, a_dry_run_lists_the_keys_and_who_set_them) {
    write_tiny();
    cr_assert(run("run tiny.yaml --dry-run --keys") == 0, "%s", messages);
    cr_expect(!strncmp(out, "key\tvalues\tfrom\n", 16), "%s", out);
    static const char *const lines[] = {
        "\nnorm.kind\tnone|batch\tfile\n", "\nmodel.hidden\t[4, 3]\tfile\n",
        "\noptimizer.momentum\t0.9\tdefault\n", "\nnorm.eps\t1e-5\tdefault\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        cr_expect(strstr(out, lines[i]), "no '%s' in\n%s", lines[i], out);
    static const char *const others[] = {"\nnorm.groups\t", "\nlog.level\t"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect(!strstr(out, others[i]), "'%s' in\n%s", others[i], out);
    cr_expect(run("run tiny.yaml --keys") == 2, "%s", out);
    cr_expect(strstr(messages, "--keys goes with --dry-run"), "%s", messages);
}

/* The first run that a dry run lists, behind its totals. */
static const char *first_run(void) {
    const char *end = strstr(out, "\n\n");
    cr_assert(end, "%s", out);
    return end + 2;
}

/* A folder where a trial's file should be. */
Test(program, tune_chooses_nothing_while_a_trial_is_missing) {
    char line[96];
    write_tunable();
    cr_assert(run("tune tiny.yaml --dry-run") == 0, "%s", messages);
    snprintf(line, sizeof line, "list probes; mkdir -p results/tiny-tune/%.13s.h5/x", first_run());
    cr_assert(run(line) == 0, "%s", messages);
    cr_assert(run("tune tiny.yaml --jobs 1") == 1 && !*out, "%s%s", out, messages);
    snprintf(line, sizeof line, "list probes; test ! -e results/tiny.tuned.yaml");
    cr_assert(run(line) == 0, "a file was written");
}

Test(program, tables_are_asked_for_in_words_that_are_checked) {
    write_tiny();
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
    cr_expect(run("table results/tiny.h5 --columns run,,seed") == 2, "%s", out);
    cr_expect(strstr(messages, "--columns: has an empty word"), "%s", messages);
    cr_expect(run("table results/tiny.h5 --by norm.kind,") == 2, "%s", out);
    cr_expect(run("table results/tiny.h5 --where 'model.hidden=[4,3],norm.kind=none'") == 0, "%s",
              messages);
    cr_expect(run("table results/tiny.h5 --where model.hidden=4-3") == 0, "%s", messages);
    cr_expect(run("table results/tiny.h5 --where norm.kind=btach") == 2, "%s", out);
    cr_expect(strstr(messages, "did you mean 'batch'?"), "%s", messages);
    cr_expect(run("table results/tiny.h5 --by norm.kind") == 0, "%s", messages);
    cr_expect(!strncmp(out, "norm.kind\ttest_error_scored\t", 28), "%s", out);
}

/* A folder where its file should be. */
Test(program, a_run_that_failed_is_shown_with_its_reason) {
    char id[16], line[64];
    write_tiny();
    cr_assert(run("run tiny.yaml --dry-run") == 0, "%s", messages);
    snprintf(id, sizeof id, "%.13s", first_run());
    snprintf(line, sizeof line, "list probes; mkdir -p results/tiny/%s.h5/x", id);
    cr_assert(run(line) == 0, "%s", messages);
    cr_assert(run("run tiny.yaml --jobs 1") == 1, "%s", messages);
    snprintf(line, sizeof line, "show results/tiny.h5 %s", id);
    cr_assert(run(line) == 0, "%s", messages);
    static const char *const parts[] = {": failed\nreason: ", "\nconfiguration\n", "model.hidden",
                                        "4-3", "`normlab run` tries it again"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect(strstr(out, parts[i]), "no '%s' in\n%s", parts[i], out);
    cr_expect(!strstr(out, "norm.momentum"), "a key that does not apply in\n%s", out);
}

Test(program, what_is_in_a_file_fits_into_any_width_from_60_columns) {
    static const char *const shown[] = {
        "", " $(normlab table results/tiny.h5 --columns run | tail -1)"};
    write_tiny();
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
    for (int i = 0; i < 6; i++) {
        char line[256], most[16];
        snprintf(most, sizeof most, "%d", i % 3 == 0 ? 60 : i % 3 == 1 ? 80 : 140);
        snprintf(line, sizeof line,
                 "show results/tiny.h5%s >whole; COLUMNS=%s normlab show results/tiny.h5%s",
                 shown[i / 3], most, shown[i / 3]);
        cr_assert(run(line) == 0 && *out, "%s", messages);
        cr_expect(longest_line(out) <= (size_t)atoi(most), "at %s\n%s", most, out);
        static char whole[sizeof out];
        slurp("whole", whole, sizeof whole);
        cr_expect_str_eq(in_one_line(out), in_one_line(whole), "at %s\n%s", most, out);
    }
}

/* JSON and the definition are no prose. */
Test(program, what_programs_read_is_the_same_at_any_width) {
    static const char *const options[] = {"--json", "--yaml"};
    write_tiny();
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
    for (int i = 0; i < 2; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "show results/tiny.h5 %s >whole; COLUMNS=60 normlab show results/tiny.h5 %s | "
                 "cmp - whole",
                 options[i], options[i]);
        cr_expect(run(line) == 0, "%s: %s%s", options[i], out, messages);
    }
}

Test(program, what_fails_on_the_way_prints_no_half_of_a_document) {
    write_looked_at("");
    cr_assert(run("list probes; sed s/optimizer.lr:/optimizer.mr:/ looked.yaml >bad.yaml") == 0);
    cr_expect(run("judge looked.yaml bad.yaml --json") == 2 && !*out, "%s", out);
    cr_expect(strstr(messages, "bad.yaml:"), "%s", messages);
}

Test(program, a_definition_is_printed_of_a_whole_file_alone) {
    write_tiny();
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
    cr_expect(run("show results/tiny.h5 r1 --yaml") == 2 && !*out, "%s", out);
    cr_expect(run("show results/tiny.h5 --json --yaml") == 2 && !*out, "%s", out);
    cr_expect(strstr(messages, "--yaml prints the experiment file"), "%s", messages);
    cr_expect(run("show $(ls results/tiny/r*.h5 | head -n 1) --yaml") == 4 && !*out, "%s", out);
    cr_expect(strstr(messages, "holds no experiment file"), "%s", messages);
}

/* script gives a command a terminal. */
static int run_on_terminal(const char *environment, const char *command) {
    char line[512];
    snprintf(line, sizeof line, "list probes >probes; %s script -qec '%s' /dev/null </dev/null",
             environment, command);
    return run(line);
}

Test(program, long_output_on_a_terminal_goes_through_a_pager) {
    static const char sed[] = "NORMLAB_PAGER='sed s/^/paged:/' PAGER=false";
    if (access("/usr/bin/script", X_OK) != 0)
        cr_skip_test("script is not installed");
    cr_expect(run_on_terminal(sed, "normlab list normalizers") == 0, "%s", messages);
    cr_expect(strstr(out, "paged:name") && strstr(out, "paged:batch"), "%s", out);
    cr_expect(run_on_terminal(sed, "stty cols 60; normlab help run") == 0, "%s", messages);
    cr_expect(strstr(out, "paged:normlab run: "), "%s", out);
    cr_expect(longest_line(out) <= 60 + strlen("paged:\r"), "%s", out);
    cr_expect(run_on_terminal(sed, "normlab check none >x") == 0 && !strstr(out, "paged"), "%s",
              out);
    cr_expect(run_on_terminal(sed, "normlab list normalizers | cat") == 0 && !strstr(out, "paged"),
              "a pipe: %s", out);
    cr_expect(run_on_terminal("NORMLAB_PAGER=", "normlab list normalizers") == 0 &&
                  strstr(out, "batch"),
              "an empty variable: %s", out);
    cr_expect(run_on_terminal("PAGER=true", "normlab list probes") == 0, "who leaves early: %s",
              out);
    cr_expect(run_on_terminal(sed, "normlab list nosuch") == 2 && strstr(out, "no list of"),
              "an error: %s", out);
    cr_expect(run_on_terminal("NORMLAB_PAGER=nosuch", "normlab list probes") == 1 &&
                  strstr(out, "the pager 'nosuch' cannot be started"),
              "no such pager: %s", out);
}

Test(program, words_have_colours_on_a_terminal_that_wants_them) {
    if (access("/usr/bin/script", X_OK) != 0)
        cr_skip_test("script is not installed");
    static const char off[][64] = {"NO_COLOR=1 TERM=xterm NORMLAB_PAGER=",
                                   "TERM=dumb NORMLAB_PAGER="};
    static const char on[] = "NO_COLOR= TERM=xterm NORMLAB_PAGER=";
    cr_expect(run_on_terminal(on, "normlab help run") == 0 && strstr(out, "\033[1mOptions\033[0m"),
              "%s", out);
    cr_expect(run_on_terminal(on, "normlab help run | cat") == 0 && !strchr(out, '\033'), "a pipe");
    for (int i = 0; i < 2; i++)
        cr_expect(run_on_terminal(off[i], "normlab help run") == 0 && !strchr(out, '\033'),
                  "%s: %s", off[i], out);
    write_tiny();
    cr_assert(run("run tiny.yaml seed='range(8)' --shard 0/16") == 0, "%s", messages);
    cr_assert(run("merge results/tiny --out m.h5") == 1, "%s", messages);
    cr_expect(run_on_terminal(on, "normlab list runs m.h5") == 0 &&
                  strstr(out, "\033[33mmissing\033[0m") && !strstr(out, "mcomplete"),
              "%s", out);
}

Test(program, experiments_are_listed_or_said_to_be_none) {
    write_tiny();
    cr_assert(run("list experiments .//") == 0, "%s", messages);
    cr_assert(strstr(out, "./tiny.yaml"), "%s", out);
    cr_assert(run("list experiments \"$OLDPWD\"/tests/judge/report/page") == 0, "%s", messages);
    cr_assert(strstr(out, "Convolutional networks"), "%s", out);
    cr_assert(run("list probes; mkdir empty") == 0, "%s", messages);
    cr_assert(run("list experiments empty/") == 0 && !*out, "%s", out);
    cr_assert_str_eq(messages, "no experiment files (*.yaml) in empty\n", "%s", messages);
}

Test(program, what_is_missing_is_named_ten_times_and_then_counted) {
    write_tiny();
    cr_assert(run("run tiny.yaml seed='range(8)' --shard 0/16") == 0, "%s", messages);
    cr_assert(run("merge results/tiny") == 1, "%s", messages);
    cr_expect(strstr(messages, "\nand 5 more\n"), "%s", messages);
    cr_expect(strstr(messages, "tiny: 1 of 16 runs\n"), "%s", messages);
}

Test(program, a_results_file_that_is_none_is_4) {
    cr_expect(run("plot nosuch.h5") == 4 && *messages, "exit status of plot; %s", messages);
    cr_expect(run("list runs messages") == 4 && *messages, "exit status of list; %s", messages);
}

Test(program, results_without_their_seal_are_read_where_that_is_asked_for) {
    static const char *const lines[] = {"table %sx.h5", "show x.h5 %s", "list runs x.h5 %s",
                                        "plot x.h5 %s"};
    char line[64], change[256];
    write_tiny();
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
    snprintf(change, sizeof change, "cd %s && head -c -47 results/tiny.h5 > x.h5", folder);
    cr_assert(system(change) == 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        snprintf(line, sizeof line, lines[i], "");
        cr_expect(run(line) == 4 && strstr(messages, "seal"), "%s: %s", line, messages);
        snprintf(line, sizeof line, lines[i], "--unsealed ");
        cr_expect(run(line) == 0, "%s: %s", line, messages);
    }
}

Test(program, a_full_disk_is_an_error) {
    cr_assert(run("describe >/dev/full") == 1, "%s", messages);
    cr_assert(strstr(messages, "standard output: No space left"), "%s", messages);
}

/* `ulimit -f`, which some clusters set, in blocks of 512 or of 1,024 bytes: too little for
 * plan.json, then for the runs. */
Test(program, a_file_over_the_limit_of_its_size_is_a_message) {
    static const struct {
        int blocks;
        const char *said;
    } cases[] = {{1, "plan.json': File too large"}, {16, "2 failed"}};
    char line[PATH_MAX + 128];
    write_tiny();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(line, sizeof line,
                 "list probes >/dev/null; ulimit -f %d; %s run tiny.yaml --jobs 1", cases[i].blocks,
                 program);
        cr_assert(run(line) == 1, "%s", messages);
        cr_expect(strstr(messages, cases[i].said) && strstr(messages, "File too large"), "%s",
                  messages);
    }
    cr_assert(run("run tiny.yaml --jobs 1") == 0, "%s", messages);
}

/* Messages must not land in the first file that is opened, the lock. */
Test(program, closed_descriptors_stay_without_effect_on_files) {
    static const struct {
        const char *closed;
        int status; /* the path of the results cannot be printed where output is closed */
    } cases[] = {{"2>&-", 0}, {">&-", 1}, {"<&-", 0}, {"<&- >&- 2>&-", 1}};
    char line[160];
    write_tiny();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(line, sizeof line, "run tiny.yaml --force %s", cases[i].closed);
        cr_expect(run(line) == cases[i].status, "%s", cases[i].closed);
        cr_expect(run("list probes && test -s results/tiny.h5 && test ! -s results/tiny/.lock") ==
                      0,
                  "%s", cases[i].closed);
    }
}

/* Nobody reads from the start: no race. */
Test(program, a_closed_pipe_is_no_success_and_not_worth_a_word) {
    int ends[2], status;
    cr_assert(pipe(ends) == 0, "no pipe");
    close(ends[0]);
    char path[128];
    snprintf(path, sizeof path, "%s/messages", folder);
    pid_t pid = fork();
    if (pid == 0) {
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        dup2(ends[1], STDOUT_FILENO);
        dup2(file, STDERR_FILENO);
        execl(program, program, "list", "probes", (char *)NULL);
        _exit(99);
    }
    close(ends[1]);
    cr_assert(waitpid(pid, &status, 0) == pid && WIFEXITED(status), "killed");
    slurp("messages", messages, sizeof messages);
    cr_assert(WEXITSTATUS(status) == 1, "exit status %d: %s", WEXITSTATUS(status), messages);
    cr_assert(!*messages, "%s", messages);
}

Test(program, claims_and_papers_are_judged_by_one_protocol) {
    cr_expect(run("judge \"$OLDPWD\"/tests/judge/report/page/2_beta.yaml") == 0, "%s", messages);
    cr_expect(strstr(out, "2_beta: refuted\n  claim 2, 3 (C): "), "%s", out);
    cr_expect(run("judge \"$OLDPWD\"/tests/judge/report/page/papers/*.yaml --quick") == 0, "%s",
              messages);
    cr_expect(strstr(out, ": open\n  Somebody 2000, section 1: Batch norm is better."), "%s", out);
    cr_expect(run("judge x.yaml --quick --literal") == 2, "%s", messages);
    cr_expect(strstr(messages, "--quick and --literal exclude each other"), "%s", messages);
}

/* A terminal obeys what stands in a name. */
Test(program, names_of_folders_are_shown_as_escapes) {
    cr_expect(run("judge \"$OLDPWD\"/tests/judge/report/page/1_learns.yaml "
                  "--out \"$(printf 'd\\033]0;x\\007')\"") == 0,
              "%s", messages);
    cr_expect(strstr(out, "there is no d\\x1b]0;x\\x07/"), "%s", out);
}

/* Judging takes a while: a folder that cannot be is found out before. */
Test(program, the_page_makes_its_folder_or_says_at_once_that_it_cannot) {
    cr_expect(
        run("report \"$OLDPWD\"/tests/judge/report/page/2_beta.yaml --to new/place/page.html") == 0,
        "%s", messages);
    cr_expect(run("list probes; test -s new/place/page.html") == 0, "no page");
    cr_expect(run("report nosuch.yaml --to messages/page.html") == 1, "%s", messages);
    cr_expect(strstr(messages, "'messages' is not a folder"), "%s", messages);
}
