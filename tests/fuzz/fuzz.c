/* The fuzzer: normlab-fuzz --target=NAME [libFuzzer's options] CORPUS..., see scripts/fuzz.sh. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/targets.h"

#define ROW(name) {#name, fuzz_##name},
static const struct {
    const char *name;
    fuzz_function *one;
} targets[] = {FUZZ_TARGETS(ROW)};

enum { TARGETS = sizeof targets / sizeof *targets };

static fuzz_function *chosen;
char fuzz_folder[4096];

static void stop(const char *what, const char *word) {
    fprintf(stderr, "normlab-fuzz: %s%s\n", what, word);
    exit(2);
}

/* The folder goes with the process; after a crash, with the script that started it. */
static void remove_folder(void) {
    char command[5000];
    snprintf(command, sizeof command, "rm -rf '%s'", fuzz_folder);
    if (system(command))
        fprintf(stderr, "normlab-fuzz: %s stays\n", fuzz_folder);
}

static void make_folder(void) {
    const char *in = getenv("TMPDIR");
    snprintf(fuzz_folder, sizeof fuzz_folder, "%s/normlab-fuzz-XXXXXX", in ? in : "/tmp");
    if (!mkdtemp(fuzz_folder))
        stop("no folder ", fuzz_folder);
    atexit(remove_folder);
}

const char *fuzz_file(const char *name, const char *bytes, size_t size) {
    static char path[4200];
    snprintf(path, sizeof path, "%s/%s", fuzz_folder, name);
    FILE *out = fopen(path, "wb");
    if (!out || fwrite(bytes, 1, size, out) != size || fclose(out))
        stop("cannot write ", path);
    return path;
}

/* What HDF5 loses of its own where a file is odd is its own business. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *option = "--target=", *wanted = "";
    for (int i = 1; i < *argc; i++)
        if (!strncmp((*argv)[i], option, strlen(option)))
            wanted = (*argv)[i] + strlen(option);
    for (int i = 0; i < TARGETS; i++)
        if (!strcmp(targets[i].name, wanted))
            chosen = targets[i].one;
    for (int i = 0; i < TARGETS && !strcmp(wanted, "list"); i++)
        puts(targets[i].name);
    if (!strcmp(wanted, "list"))
        exit(0);
    if (!chosen)
        stop("--target=NAME, of those that --target=list prints, not ", wanted);
    make_folder();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    chosen(text, size);
    free(text);
    return 0;
}
