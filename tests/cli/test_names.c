/* Names of definitions on a command line: what they stand for, here and in the share folder. */
#include "cli/names.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static struct pool pool;

static void shell(const char *command) {
    cr_assert(system(command) == 0, "%s", command);
}

/* A folder to stand in, with an experiment of its own, beside a share folder with others. */
static void begin(void) {
    strcpy(folder, "/tmp/normlab-names-XXXXXX");
    cr_assert(mkdtemp(folder) && chdir(folder) == 0, "no folder under /tmp");
    shell("mkdir -p here/experiments share/experiments/claims share/experiments/papers");
    shell("touch here/own.yaml here/experiments/both.yaml share/experiments/both.yaml "
          "share/experiments/shipped.yaml share/experiments/claims/study.yaml "
          "share/experiments/papers/1999_paper.yaml");
    shell("printf 'name: a\\n' | tee share/experiments/claims/study.yaml "
          ">share/experiments/papers/1999_paper.yaml");
    shell("printf 'claim: {number: 1}\\n' | tee share/experiments/claims/01_a.yaml "
          ">share/experiments/claims/02_b.yaml");
    setenv("NORMLAB_SHARE", "../share", 1);
    cr_assert(chdir("here") == 0, "here");
    cr_redirect_stderr();
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    pool_free(&pool);
    shell(command);
}

TestSuite(names, .init = begin, .fini = end);

/* Below the share folder, which is found as a whole path. */
static void expect_shared(const char *name, const char *expected) {
    char path[256];
    const char *found = names_find_definition(name, &pool);
    snprintf(path, sizeof path, "%s/share/%s", folder, expected);
    cr_assert(found, "no %s", name);
    cr_expect_str_eq(found, path, "%s is %s", name, found);
}

Test(names, a_file_here_comes_first_then_experiments_then_the_share_folder) {
    static const char *const here[][2] = {{"own.yaml", "own.yaml"},
                                          {"own", "own.yaml"},
                                          {"./own.yaml", "./own.yaml"},
                                          {"both", "experiments/both.yaml"},
                                          {"experiments/both.yaml", "experiments/both.yaml"}};
    for (size_t i = 0; i < sizeof here / sizeof *here; i++) {
        const char *found = names_find_definition(here[i][0], &pool);
        cr_expect(found && !strcmp(found, here[i][1]), "%s is %s", here[i][0], found);
    }
    expect_shared("shipped", "experiments/shipped.yaml");
    expect_shared("shipped.yaml", "experiments/shipped.yaml");
    expect_shared("experiments/shipped.yaml", "experiments/shipped.yaml");
    expect_shared("study", "experiments/claims/study.yaml");
    expect_shared("claims/study", "experiments/claims/study.yaml");
    expect_shared("1999_paper", "experiments/papers/1999_paper.yaml");
    cr_expect(!names_find_definition("experiments", &pool), "a folder is no definition");
    cr_expect(!names_find_definition("/shipped", &pool), "an absolute path is itself");
    cr_expect(!names_find_definition("nosuch", &pool), "nosuch");
}

Test(names, folders_are_found_likewise) {
    char path[256];
    snprintf(path, sizeof path, "%s/share/experiments/claims", folder);
    cr_expect_str_eq(names_find_folder("experiments", &pool), "experiments");
    cr_expect_str_eq(names_find_folder("claims", &pool), path);
    cr_expect_str_eq(names_find_folder("experiments/claims", &pool), path);
    cr_expect(!names_find_folder("nosuch", &pool), "nosuch");
}

Test(names, each_name_is_told_once) {
    struct words names = names_of_definitions(&pool);
    static const char *const expected[] = {"both", "shipped", "01_a",
                                           "02_b", "study",   "1999_paper"};
    cr_assert(names.n == 6, "%d names", names.n);
    for (int i = 0; i < 6; i++)
        cr_expect_str_eq(names.items[i], expected[i], "%s", names.items[i]);
}

/* ---- a whole line ---- */

static struct arguments arguments;

static enum status resolve(const struct command *command, const char *const *words) {
    bool help;
    int n = 0;
    while (words[n])
        n++;
    enum status status = command_parse(command, n, words, &pool, &arguments, &help);
    cr_assert(!status, "%s", status_message());
    return names_resolve(command, &arguments);
}

#define RESOLVE(command, ...) resolve(&command, (const char *const[]){__VA_ARGS__, NULL})

/* The first field of what run, tune and judge have. */
static const char *file(void) {
    return *(const char *const *)arguments.options;
}

static const struct words *claims(void) {
    return arguments.options;
}

static const char *said(void) {
    static char text[4096];
    fflush(stderr);
    text[fread(text, 1, sizeof text - 1, cr_get_redirected_stderr())] = '\0';
    return text;
}

Test(names, the_operand_that_is_a_definition_becomes_a_path) {
    cr_assert(RESOLVE(command_run, "run", "shipped", "seed=1") == OK, "%s", status_message());
    cr_expect(*file() == '/' && strstr(file(), "/share/experiments/shipped.yaml"), "%s", file());
    cr_expect(strstr(said(), "normlab: shipped is /"), "nothing was said");
    cr_assert(RESOLVE(command_tune, "tune", "own.yaml") == OK, "%s", status_message());
    cr_expect_str_eq(file(), "own.yaml", "%s", file());
    cr_assert(RESOLVE(command_show, "show", "shipped") == OK, "%s", status_message());
    cr_expect_str_eq(file(), "shipped", "results are no definition: %s", file());
}

Test(names, a_name_of_nothing_says_what_was_meant) {
    cr_assert(RESOLVE(command_run, "run", "wn.yaml") == ERROR_USAGE, "wn.yaml");
    cr_expect_str_eq(status_message(), "no file 'wn.yaml' (did you mean 'own.yaml'?)");
    cr_assert(RESOLVE(command_run, "run", "quite_another.yaml") == OK, "%s", status_message());
    cr_assert(RESOLVE(command_run, "run", "shiped") == ERROR_USAGE, "shiped");
    cr_expect_str_eq(status_message(), "no experiment 'shiped' (did you mean 'shipped'?)");
    cr_assert(RESOLVE(command_judge, "judge", "xyzzyxyzzy") == ERROR_USAGE, "xyzzyxyzzy");
    cr_expect(strstr(status_message(), "`normlab list experiments`"), "%s", status_message());
    cr_assert(RESOLVE(command_run, "run", "no/such.yaml") == OK, "a path is read, and fails then");
    cr_expect_str_eq(file(), "no/such.yaml", "%s", file());
}

Test(names, a_pattern_that_fits_nothing_here_fits_what_comes_with_the_program) {
    cr_assert(RESOLVE(command_judge, "judge", "experiments/claims/[0-9]*.yaml") == OK, "%s",
              status_message());
    cr_assert(claims()->n == 2, "%d claims", claims()->n);
    cr_expect(strstr(claims()->items[1], "/share/experiments/claims/02_b.yaml"), "%s",
              claims()->items[1]);
    cr_expect(strstr(said(), "normlab: experiments/claims/[0-9]*.yaml is 2 files in /"), "words");
}

Test(names, a_study_among_claims_is_left_out_with_a_word) {
    cr_assert(RESOLVE(command_report, "report", "claims/*.yaml", "1999_paper") == OK, "%s",
              status_message());
    cr_assert(claims()->n == 2, "%d claims", claims()->n);
    const char *text = said();
    cr_expect(strstr(text, "skipped ") && strstr(text, "/study.yaml and 1 more: no section claim"),
              "%s", text);
    cr_assert(RESOLVE(command_judge, "judge", "study") == OK, "%s", status_message());
    cr_expect(claims()->n == 1, "alone it stays, and reading says what it is not");
}
