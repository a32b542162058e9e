/* The help on the program as a whole: its commands, exit statuses and environment. */
#include "cli/program_help.h"

#include "cli/command.h"
#include "cli/print.h"
#include "cli/terminal.h"
#include "cli/terminal_colour.h"

const struct named exit_statuses[] = {
    {"0", "all complete"},
    {"1", "a run failed; check: a law is broken; diff, rerun: something differs; status: "
          "runs are left, and nobody is at work"},
    {"2", "command line or experiment file"},
    {"3", "data missing or corrupt"},
    {"4", "results that do not fit: incomplete, of another experiment, corrupt"},
    {"5", "a file cannot be read now"},
    {"75", "stopped by SIGTERM; status: not done yet, and being worked on"},
    {"130", "stopped by SIGINT"},
    {0},
};

const struct named environment_variables[] = {
    {"COLUMNS", "the width of the lines for people; default: the terminal's"},
    {"NO_COLOR", "no colours on a terminal, if it is not empty"},
    {"NORMLAB_PAGER", "what shows long output on a terminal, in front of $PAGER; default: less; "
                      "empty: nothing"},
    {"NORMLAB_SHARE", "the folder of figure scripts, parts of the report and experiments; default: "
                      "where normlab was built or installed"},
    {"SLURM_CPUS_PER_TASK", "the cores that a run may use"},
    {"TMPDIR", "the folder of temporary files; default: /tmp"},
    {0},
};

static void print_rows(FILE *out, const char *title, int width, const struct named *rows) {
    fputc('\n', out);
    terminal_print_heading(out, title);
    fputc('\n', out);
    for (; rows->name; rows++)
        print_named(out, width, rows->name, rows->doc);
}

static const struct named options[] = {
    {"--help", "print this help"}, {"--version", "print versions"}, {0}};

static const struct named examples[] = {
    {"$ normlab run smoke", "train all runs of an experiment"},
    {"$ normlab plot results/smoke.h5", "draw what came out"},
    {"$ normlab describe norm.momentum", "what a key means"},
    {0},
};

void program_print_help(FILE *out) {
    print_wrapped(out,
                  "normlab compares normalizers in multilayer perceptrons. It turns an experiment "
                  "file into numbers in HDF5, and these into figures and verdicts.\n",
                  terminal_prose_width());
    terminal_print_heading(out, "Commands");
    fputc('\n', out);
    for (int i = 0; i < command_count(); i++)
        print_named(out, 10, command_get(i)->name, command_get(i)->summary);
    print_rows(out, "Options", 10, options);
    print_rows(out, "Examples", 32, examples);
    print_rows(out, "Exit status", 10, exit_statuses);
    print_rows(out, "Environment", 19, environment_variables);
}
