/* What may happen in a process of its own, and what is said of it. */
#include "io/sandbox.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"

enum { LONG_S = 600 };

static enum status leave_a_mark(void *argument) {
    *(int *)argument = 7;
    return OK;
}

static enum status refuse(void *argument) {
    (void)argument;
    return fail(ERROR_USAGE, "for a reason");
}

static enum status crash(void *argument) {
    (void)argument;
    raise(SIGKILL);
    return OK;
}

static enum status wait_for_ever(void *argument) {
    (void)argument;
    while (pause() < 0)
        ;
    return OK;
}

static enum status end_quietly(void *argument) {
    (void)argument;
    _exit(0);
}

Test(trial, what_it_leaves_in_its_memory_is_seen) {
    int *mark = sandbox_memory(sizeof *mark);
    cr_assert(mark && *mark == 0, "no memory");
    cr_expect(sandbox_run(end_quietly, mark, LONG_S, NULL) == OK && *mark == 0, "%s",
              status_message());
    cr_expect(sandbox_run(leave_a_mark, mark, LONG_S, NULL) == OK, "%s", status_message());
    cr_expect(*mark == 7, "the mark is %d", *mark);
    sandbox_memory_free(mark, sizeof *mark);
}

Test(trial, its_status_and_message_come_back) {
    cr_expect(sandbox_run(refuse, NULL, LONG_S, NULL) == ERROR_USAGE, "not refused");
    cr_expect_str_eq(status_message(), "for a reason", "%s", status_message());
}

Test(trial, a_crash_is_a_message) {
    bool hangs = true;
    cr_expect(sandbox_run(crash, NULL, LONG_S, &hangs) == ERROR_RUN, "no error");
    cr_expect(!hangs, "a crash is called a hang");
    cr_expect(strstr(status_message(), "killed by signal 9"), "%s", status_message());
}

Test(trial, what_never_ends_is_ended) {
    bool hangs = false;
    cr_expect(sandbox_run(wait_for_ever, NULL, 0.1, &hangs) == ERROR_RUN, "no error");
    cr_expect(hangs, "no hang");
    cr_expect(strstr(status_message(), "did not end within 0.1 s"), "%s", status_message());
}

/* No memory has room for it. */
static enum status take_too_much(void *argument) {
    (void)argument;
    struct pool pool = {0};
    pool_alloc(&pool, PTRDIFF_MAX / 4);
    return OK;
}

static enum status call_exit(void *argument) {
    (void)argument;
    exit(0);
}

Test(trial, without_memory_it_ends_with_a_message) {
    cr_expect(sandbox_run(take_too_much, NULL, LONG_S, NULL) == ERROR_RUN, "no error");
    cr_expect(strstr(status_message(), "out of memory for 23058"), "%s", status_message());
}

Test(trial, exit_inside_is_no_success) {
    cr_expect(sandbox_run(call_exit, NULL, LONG_S, NULL) == ERROR_RUN, "no error");
    cr_expect(strstr(status_message(), "ended itself"), "%s", status_message());
}

/* ---- programs ---- */

static struct pool program_pool;
static struct program_output output;

static enum status start_program(const char *const *arguments) {
    return program_run(arguments, &program_pool, &output);
}

Test(program, what_it_writes_and_how_it_ends_is_known) {
    static const char *const arguments[] = {"sh", "-c", "echo out; echo words >&2; exit 3", NULL};
    cr_expect(start_program(arguments) == ERROR_RUN, "it ended with 3");
    cr_expect_str_eq(status_message(), "sh ended with exit status 3");
    cr_expect_str_eq(output.bytes, "out\n");
    cr_expect_str_eq(output.said, "words\n");
    cr_expect(output.size == 4 && output.is_installed, "%zu bytes", output.size);
    pool_free(&program_pool);
}

Test(program, no_shell_reads_its_arguments) {
    static const char *const arguments[] = {"printf", "%s|", "a b", "$HOME", "'*'", "", NULL};
    cr_assert(start_program(arguments) == OK, "%s", status_message());
    cr_expect_str_eq(output.bytes, "a b|$HOME|'*'||");
    pool_free(&program_pool);
}

Test(program, much_is_read_whole) {
    static const char *const arguments[] = {"sh", "-c", "seq 200000", NULL};
    cr_assert(start_program(arguments) == OK, "%s", status_message());
    cr_expect(output.size == 1288895 && !strcmp(output.bytes + output.size - 7, "200000\n"),
              "%zu bytes", output.size);
    pool_free(&program_pool);
}

Test(program, one_that_is_not_there_and_one_that_is_killed_are_named) {
    static const char *const missing[] = {"normlab-no-such-program", NULL};
    static const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    cr_expect(start_program(missing) == ERROR_RUN && !output.is_installed, "it is there");
    cr_expect(strstr(status_message(), "normlab-no-such-program is not installed"), "%s",
              status_message());
    cr_expect(start_program(killed) == ERROR_RUN && output.is_installed, "not killed");
    cr_expect_str_eq(status_message(), "sh was killed by signal 9");
    pool_free(&program_pool);
}
