/* The program around its commands: --help, --version, dispatch, and the end of standard output. */
#include <errno.h>
#include <string.h>

#include "cli/command.h"
#include "cli/names.h"
#include "cli/pager.h"
#include "cli/program_help.h"
#include "cli/startup.h"
#include "engine/kernel/gemm.h"
#include "io/hdf5_file.h"
#include "io/version_info.h"
#include "judge/check/plugin_load.h"
#include "lab/store/store.h"

static void print_version(void) {
    printf("normlab (normlab) %s\n", build_version);
    printf("commit    %s%s\n", build_commit, build_dirty ? "-dirty" : "");
    printf("compiler  %s, %s\n", build_compiler, build_flags);
    printf("HDF5      %s\n", hdf5_version());
    printf("products  %s\n", gemm_kind());
}

/* Before anything is made from the registry. */
static enum status load_plugins(const struct words *plugins) {
    enum status status = OK;
    for (int i = 0; i < plugins->n && !status; i++)
        status = plugin_load(plugins->items[i]);
    return status;
}

static enum status run_command(const struct command *command, int argc, const char *const *argv,
                               int first) {
    struct pool pool = {0};
    struct arguments arguments;
    bool help;
    enum status status =
        command_parse(command, argc - first, argv + first, &pool, &arguments, &help);
    if (!status && (help || command->paged))
        pager_begin();
    if (!status && help)
        command_print_help(command, stdout);
    if (!status && !help) {
        arguments.argc = argc;
        arguments.argv = argv;
        store_accept_unsealed(arguments.unsealed);
        status = load_plugins(&arguments.plugins);
        if (!status)
            status = names_resolve(command, &arguments);
        if (!status)
            status = command->run(&arguments);
    }
    pool_free(&pool);
    return status;
}

static enum status print_help(void) {
    pager_begin();
    program_print_help(stdout);
    return OK;
}

static enum status dispatch(int argc, const char *const *argv) {
    const char *word = argc > 1 ? argv[1] : "--help";
    const struct command *command;
    if (!strcmp(word, "--help") || !strcmp(word, "-h"))
        return print_help();
    if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
        print_version();
        return OK;
    }
    if (word[0] == '-')
        return fail(ERROR_USAGE, "unknown option '%s'; see normlab help", word);
    enum status status = command_find(word, &command);
    return status ? status : run_command(command, argc, argv, 1);
}

enum status command_main(int argc, const char *const *argv) {
    enum status status = dispatch(argc, argv);
    errno = 0;
    bool lost = fflush(stdout) != 0 || ferror(stdout);
    int error = startup_output_error() ? startup_output_error() : errno;
    enum paging paging = pager_end();
    if (!status && paging == PAGER_MISSING)
        return fail(ERROR_RUN,
                    "the pager '%s' cannot be started; with NORMLAB_PAGER=cat there is none",
                    pager_command());
    if (lost && error == EPIPE && paging != NOT_PAGED)
        return status; /* the reader has seen enough */
    if (lost && error == EPIPE)
        return status ? status
                      : fail(ERROR_RUN, "%s", ""); /* `| head` has seen enough: not a word */
    if (!status && lost)
        return fail(ERROR_RUN, "cannot write to standard output: %s",
                    error ? strerror(error) : "an earlier write failed");
    return status;
}
