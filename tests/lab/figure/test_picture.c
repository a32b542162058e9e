/* A picture that lacks a part is not taken for a whole one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/files.h"
#include "lab/figure/gnuplot.h"

static struct pool pool;
static const char *folder;

static void begin(void) {
    char *made = pool_text(&pool, "/tmp/normlab-picture-XXXXXX");
    cr_assert(mkdtemp(made) != NULL);
    folder = made;
    cr_assert(chdir(folder) == 0);
}

static void end(void) {
    static const char *const files[] = {"plot.gp", "gnuplot", "calls", "out.svg"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    rmdir(folder);
    pool_free(&pool);
}

TestSuite(picture, .init = begin, .fini = end, .timeout = 120);

static void write_file(const char *name, const char *text, mode_t mode) {
    FILE *out = fopen(name, "w");
    cr_assert(out && fputs(text, out) >= 0 && fclose(out) == 0 && chmod(name, mode) == 0);
}

static enum status draw(const char *terminal, struct picture *picture) {
    struct gnuplot_call call = {"plot.gp", "out.svg", terminal, "d.tsv", "p.tsv", 0, NULL};
    return gnuplot_run(&call, &pool, picture);
}

/* A real one. */
static struct picture drawn(const char *terminal) {
    struct picture picture;
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        cr_skip_test("gnuplot is not installed");
    write_file("plot.gp",
               "eval 'set terminal '.ARG2.(ARG2 eq 'svg' ? '' : 'cairo')\nset output ARG1\nset "
               "samples 3000\nplot sin(x), cos(3 * x)\n",
               0600);
    cr_assert(draw(terminal, &picture) == OK, "%s", status_message());
    return picture;
}

/* Without `length` bytes at `at`. */
static struct picture without(const struct picture *picture, size_t at, size_t length) {
    size_t end = at + length < picture->size ? at + length : picture->size;
    char *bytes = pool_alloc(&pool, picture->size + 1);
    memcpy(bytes, picture->bytes, at);
    memcpy(bytes + at, picture->bytes + end, picture->size - end);
    return (struct picture){bytes, picture->size - (end - at)};
}

Test(picture, a_hole_in_a_png_or_pdf_is_seen_wherever_it_is) {
    static const char *const terminals[] = {"png", "pdf"};
    static const size_t lengths[] = {1, 20, 512, 4096};
    for (int t = 0; t < 2; t++) {
        struct picture whole = drawn(terminals[t]);
        cr_expect(whole.size > 8192, "%zu bytes", whole.size);
        cr_expect(picture_check(&whole, terminals[t]) == OK, "%s", status_message());
        cr_expect(picture_checks_itself(terminals[t]));
        for (int l = 0; l < 4; l++)
            for (size_t at = 0; at + 2 < whole.size; at += lengths[l] == 4096 ? 256 : 997) {
                struct picture part = without(&whole, at, lengths[l]);
                cr_expect(picture_check(&part, terminals[t]) == ERROR_RUN,
                          "%s: %zu bytes at %zu are not missed", terminals[t], lengths[l], at);
            }
    }
}

Test(picture, half_an_svg_is_none) {
    struct picture whole = drawn("svg");
    cr_expect(picture_check(&whole, "svg") == OK, "%s", status_message());
    cr_expect(!picture_checks_itself("svg"));
    for (size_t size = 0; size + 8 < whole.size; size += 512) {
        struct picture part = without(&whole, size, whole.size);
        cr_expect(picture_check(&part, "svg") == ERROR_RUN, "%zu bytes of it", size);
    }
    static const char strange[] = "<svg>\x1b[2J</svg>\n";
    struct picture control = {strange, sizeof strange - 1};
    cr_expect(picture_check(&control, "svg") == ERROR_RUN, "a control character");
}

/* ---- programs in gnuplot's place ---- */

static void pretend(const char *script) {
    write_file("gnuplot", script, 0700);
    write_file("plot.gp", "", 0600);
    setenv("PATH", pool_format(&pool, "%s:%s", folder, getenv("PATH")), 1);
}

Test(picture, a_drawing_that_lost_a_write_differs_from_the_other) {
    struct picture picture = {0};
    /* the second of both lacks a line */
    pretend("#!/bin/sh\necho >> calls\necho '<svg>'\n"
            "[ $(wc -l < calls) -eq 2 ] || echo '<path/>'\necho '</svg>'\n");
    cr_expect(draw("svg", &picture) == ERROR_RUN, "it was taken");
    cr_expect(strstr(status_message(), "two different pictures"), "%s", status_message());
    cr_expect(picture.size == 0, "a picture all the same");
    pretend("#!/bin/sh\necho '<svg>'\necho '</svg>'\n");
    cr_expect(draw("svg", &picture) == OK, "%s", status_message());
}

Test(picture, a_program_that_fails_or_draws_nothing_or_half_is_an_error) {
    struct picture picture;
    pretend("#!/bin/sh\necho '<svg></svg>'\nexit 3\n");
    cr_expect(draw("svg", &picture) == ERROR_RUN);
    cr_expect(strstr(status_message(), "exit status 3"), "%s", status_message());
    pretend("#!/bin/sh\nkill -9 $$\n");
    cr_expect(draw("svg", &picture) == ERROR_RUN);
    cr_expect(strstr(status_message(), "signal 9"), "%s", status_message());
    pretend("#!/bin/sh\necho 'warning: Cannot find or open file \"d.tsv\"' >&2\n"
            "echo '<svg></svg>'\n");
    cr_assert(freopen("/dev/null", "w", stderr), "stderr");
    cr_expect(draw("svg", &picture) == ERROR_RUN, "lines are missing");
    cr_expect(strstr(status_message(), "could not read a table"), "%s", status_message());
    pretend("#!/bin/sh\n");
    cr_expect(draw("dumb", &picture) == ERROR_RUN);
    cr_expect(strstr(status_message(), "drew nothing"), "%s", status_message());
    pretend("#!/bin/sh\necho '<svg>'\n");
    cr_expect(draw("svg", &picture) == ERROR_RUN);
    cr_expect(strstr(status_message(), "no whole svg"), "%s", status_message());
}

Test(picture, what_the_program_says_is_shown_once_without_commands_for_a_terminal) {
    struct picture picture;
    char said[256] = "";
    pretend("#!/bin/sh\nprintf 'it says \\033[2J\\n' >&2\necho '<svg></svg>'\n");
    FILE *out = tmpfile();
    fflush(stderr);
    cr_assert(out && dup2(fileno(out), STDERR_FILENO) >= 0);
    cr_expect(draw("svg", &picture) == OK, "%s", status_message());
    fflush(stderr);
    rewind(out);
    said[fread(said, 1, sizeof said - 1, out)] = '\0';
    fclose(out);
    cr_expect(!strcmp(said, "it says \\x1b[2J\n"), "'%s'", said);
}

Test(picture, it_is_published_whole_and_leaves_nothing_beside) {
    struct picture picture = {"<svg></svg>", 11};
    cr_assert(file_publish_bytes("out.svg", picture.bytes, picture.size) == OK, "%s",
              status_message());
    cr_assert(file_publish_bytes("not/there.svg", picture.bytes, picture.size) == ERROR_RUN);
    FILE *files = popen("ls", "r");
    char names[64] = "";
    names[fread(names, 1, sizeof names - 1, files)] = '\0';
    pclose(files);
    cr_expect(!strcmp(names, "out.svg\n"), "%s", names);
}
