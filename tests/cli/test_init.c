/* An experiment file to begin with: it runs as it is, and with everything that it comments out. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/files.h"
#include "lab/plan/plan.h"
#include "tests/cli/capture.h"

static char folder[64];
static struct pool pool;

static void begin(void) {
    strcpy(folder, "/tmp/normlab-init-XXXXXX");
    cr_assert(mkdtemp(folder) && chdir(folder) == 0, "no folder under /tmp");
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    pool_free(&pool);
    cr_assert(system(command) == 0, "%s", command);
}

TestSuite(init, .init = begin, .fini = end);

static enum status init(const char *file, const char *option) {
    const char *const words[] = {"normlab", "init", file, option, NULL};
    return command_main(option ? 4 : 3, words);
}

static void expect_runs(const char *file, int n_runs) {
    struct experiment experiment;
    struct plan plan;
    cr_assert(experiment_read(file, 0, NULL, &experiment) == OK, "%s", status_message());
    cr_assert(plan_create(&experiment, &plan) == OK, "%s", status_message());
    cr_expect_str_eq(experiment.name, "mine", "the experiment is called %s", experiment.name);
    cr_expect(plan.n_runs == n_runs, "%d runs", plan.n_runs);
    cr_expect(plan.n_warnings == 0, "%s", plan.n_warnings ? plan.warnings[0] : "");
    plan_free(&plan);
    experiment_free(&experiment);
}

Test(init, the_file_is_an_experiment_of_its_own_name) {
    cr_assert(init("made/mine", NULL) == OK, "%s", status_message());
    expect_runs("made/mine.yaml", 36);
    const char *text = text_of("made/mine.yaml", &pool);
    cr_expect(!strstr(text, "NAME"), "a place is not filled in:\n%s", text);
    cr_expect(strstr(text, "normlab plot results/mine.h5"), "%s", text);
    cr_expect(!strncmp(text, "# yaml-language-server: $schema=/", 33) &&
                  strstr(text, "/experiments/schema.json\n"),
              "editors find no schema:\n%s", text);
    char said[256] = "";
    fflush(stdout);
    cr_assert(fgets(said, sizeof said, cr_get_redirected_stdout()), "no path");
    cr_expect_str_eq(said, "made/mine.yaml\n", "%s", said);
}

/* Takes what was said since the last call. */
static const char *words(void) {
    static char text[512];
    fflush(stderr);
    text[fread(text, 1, sizeof text - 1, cr_get_redirected_stderr())] = '\0';
    return text;
}

Test(init, a_new_folder_is_told) {
    cr_assert(init("new/below/mine", NULL) == OK, "%s", status_message());
    cr_expect_str_eq(words(), "normlab: made the folder new/below\n"
                              "next: normlab run new/below/mine.yaml --dry-run\n");
    cr_assert(init("new/below/mine", "--force") == OK, "%s", status_message());
    cr_expect_str_eq(words(), "next: normlab run new/below/mine.yaml --dry-run\n", "it is there");
    cr_assert(init("mine", NULL) == OK, "%s", status_message());
    cr_expect_str_eq(words(), "next: normlab run mine.yaml --dry-run\n", "this one, too");
}

/* What is commented out can be used by taking away the #. */
Test(init, what_it_comments_out_is_right_too) {
    cr_assert(init("mine.yaml", NULL) == OK, "%s", status_message());
    cr_assert(system("sed -i 's/^# exclude:/exclude:/; s/^#   - {/  - {/; s/^# tune:/tune:/' "
                     "mine.yaml && grep -q ^exclude mine.yaml && grep -q ^tune mine.yaml") == 0,
              "sed");
    expect_runs("mine.yaml", 32);
    const char *const words[] = {"normlab", "tune", "mine.yaml", "--dry-run"};
    cr_expect(command_main(4, words) == OK, "%s", status_message());
}

Test(init, a_file_that_is_there_stays) {
    cr_assert(system("echo own >mine.yaml") == 0, "mine.yaml");
    cr_assert(init("mine.yaml", NULL) == ERROR_USAGE, "it was replaced");
    cr_expect(strstr(status_message(), "mine.yaml is there already"), "%s", status_message());
    cr_expect_str_eq(text_of("mine.yaml", &pool), "own\n");
    cr_assert(init("mine.yaml", "--force") == OK, "%s", status_message());
    expect_runs("mine.yaml", 36);
}

Test(init, a_name_that_no_experiment_can_have_is_refused) {
    static const char *const names[] = {"a b.yaml", ".yaml", "x/.yaml", "a.tuned", "x/"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_expect(init(names[i], NULL) == ERROR_USAGE, "%s", names[i]);
        cr_expect(strstr(status_message(), "letters, digits"), "%s", status_message());
    }
    cr_expect(access("a b.yaml", F_OK) != 0, "a file was written");
}
