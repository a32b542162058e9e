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
    snprintf(command, sizeof command, "cd %s && (%s %s) >out 2>messages", folder, program, line);
    int status = system(command);
    slurp("out", out, sizeof out);
    slurp("messages", messages, sizeof messages);
    cr_assert(WIFEXITED(status), "killed by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

Test(program, alone_it_prints_help_with_every_command) {
    cr_assert(run("") == 0, "%s", messages);
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
}

Test(program, version_begins_as_gnu_wants_it) {
    cr_assert(run("--version") == 0, "%s", messages);
    cr_assert(!strncmp(out, "normlab (normlab) 0.", 20), "first line of\n%s", out);
    static const char *const parts[] = {"\ncommit ", "\ncompiler ", "\nHDF5 ", "\nBLAS "};
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

Test(program, a_results_file_that_is_none_is_4) {
    cr_expect(run("plot nosuch.h5") == 4 && *messages, "exit status of plot; %s", messages);
    cr_expect(run("list runs messages") == 4 && *messages, "exit status of list; %s", messages);
}

Test(program, a_full_disk_is_an_error) {
    cr_assert(run("describe >/dev/full") == 1, "%s", messages);
    cr_assert(strstr(messages, "standard output: No space left"), "%s", messages);
}

/* Nobody reads from the start: no race. */
Test(program, a_closed_pipe_is_an_error) {
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
    cr_assert(strstr(messages, "Broken pipe"), "%s", messages);
}
