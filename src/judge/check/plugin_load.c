/* Normalizers from shared objects: loaded, tried in a process of their own, added to the registry.
 */
#include "judge/check/plugin_load.h"

#include <dlfcn.h>
#include <errno.h>
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "engine/norm/plugin.h"
#include "engine/probe/probe.h"
#include "io/files.h"
#include "io/sandbox.h"
#include "judge/check/fixture.h"
#include "judge/check/laws.h"
#include "lab/config/keys.h"

/* ---- the file ---- */

static enum status hash_file(const char *path, char text[HASH_TEXT_SIZE]) {
    int descriptor;
    if (file_open(path, &descriptor) != OK)
        return fail_in(ERROR_USAGE, "cannot be read");
    FILE *file = fdopen(descriptor, "rb");
    if (!file) {
        close(descriptor); /* nothing was read from it yet */
        return fail(ERROR_USAGE, "cannot be read: %s", strerror(errno));
    }
    struct hash hash;
    char block[1 << 14];
    size_t n;
    hash_begin(&hash);
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        hash_add(&hash, block, n);
    hash_end(&hash, text);
    bool failed = ferror(file) != 0;
    fclose(file); /* only read from */
    return failed ? fail(ERROR_USAGE, "cannot be read") : OK;
}

static enum status check_version(const struct normlab_plugin *plugin) {
    static const uint32_t sizes[] = NORMLAB_PLUGIN_SIZES;
    if (plugin->abi != NORMLAB_ABI)
        return fail(ERROR_USAGE,
                    "is built for version %u of the interface, and this program has version %d: "
                    "build it again with this program's headers",
                    (unsigned)plugin->abi, NORMLAB_ABI);
    if (memcmp(plugin->sizes, sizes, sizeof sizes) != 0)
        return fail(ERROR_USAGE, "is built with other headers than this program: build it again");
    return plugin->row ? OK : fail(ERROR_USAGE, "exports no row: NORMLAB_PLUGIN(NULL)");
}

/* An object built with -Ofast sets flush-to-zero on the thread that loads it: that is undone. */
static enum status open_object(const char *path, const struct normalizer **row) {
    fenv_t before;
    fegetenv(&before);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    fesetenv(&before);
    if (!object)
        return fail(ERROR_USAGE, "cannot be loaded: %s", dlerror());
    const struct normlab_plugin *plugin = dlsym(object, "normlab_plugin");
    if (!plugin)
        return fail(ERROR_USAGE, "exports no normlab_plugin: its last line must be "
                                 "NORMLAB_PLUGIN(row), see <normlab/plugin.h>");
    enum status status = check_version(plugin);
    if (!status)
        *row = plugin->row;
    return status;
}

/* ---- what it declares ---- */

/* A vector is a dataset beside others in a group of the results. */
static enum status check_vectors(const struct norm_field fields[NORM_FIELDS]) {
    static const char *const taken[] = {"b", "in", "out", "unit", "epoch"};
    for (int i = 0; i < norm_fields(fields); i++) {
        const char *name = fields[i].name;
        enum probe_axis axis = fields[i].length == NORM_OF_UNIT ? PROBE_UNITS : PROBE_LAYER;
        int n = 0;
        bool is_taken = false;
        if (!*name || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name))
            return fail(ERROR_USAGE, "the vector '%s' needs a name of a-z, 0-9 and _", name);
        for (size_t k = 0; k < sizeof taken / sizeof *taken; k++)
            is_taken |= !strcmp(taken[k], name);
        for (int k = 0; k < probe_count(); k++)
            n += probe_get(k)->axis == axis && !strcmp(probe_get(k)->name, name);
        if (is_taken || n > 1)
            return fail(ERROR_USAGE, "the vector '%s' needs another name: that one is taken", name);
        if (n == 0)
            return fail(ERROR_USAGE, "the vector '%s' is one too many for the table of probes",
                        name);
    }
    return OK;
}

static enum status check_declared(long kind) {
    const struct normalizer *row = normalizer_get(kind);
    struct norm_config config = {.kind = kind};
    struct law_result result;
    law_judge(law_find("declared"), &config, &result);
    if (result.verdict == LAW_BROKEN)
        return fail(ERROR_USAGE, "%s", result.detail);
    if (row->averages)
        return fail(ERROR_USAGE, "declares averages, which only rows of the program can keep");
    enum status status = key_check_own(row);
    if (!status)
        status = check_vectors(row->param);
    return status ? status : check_vectors(row->state);
}

/* ---- the trial ---- */

enum { LIMIT_S = 20 };

struct load {
    const char *path;
    struct norm_object object;
    bool *reached_the_end;
};

/* Each kernel once, at the first shape that is taken. */
static void try_kernels(long kind) {
    struct norm_config config = fixture_config(kind);
    for (int B = 1; B <= 64; B *= 2) {
        struct fixture fixture;
        if (!fixture_allowed(&config, B, 2 * B))
            continue;
        fixture_create(&fixture, &config, B, 2 * B, 1);
        fixture_whole_pass(&fixture, 0.1, CUT_NONE);
        fixture_forward_eval(&fixture, fixture.norm.state, CUT_NONE);
        fixture_free(&fixture);
        return;
    }
}

static enum status add(const struct load *load) {
    const struct normalizer *row = NULL;
    enum status status = open_object(load->path, &row);
    return status ? status : normalizer_add(row, load->object);
}

static enum status try_object(void *argument) {
    const struct load *load = argument;
    long kind = normalizer_count();
    enum status status = add(load);
    if (!status)
        status = check_declared(kind);
    if (!status)
        try_kernels(kind);
    *load->reached_the_end = true;
    return status;
}

static enum status try_apart(struct load *load) {
    load->reached_the_end = sandbox_memory(sizeof *load->reached_the_end);
    if (!load->reached_the_end)
        return fail(ERROR_RUN, "out of memory");
    bool hangs = false;
    enum status status = sandbox_run(try_object, load, LIMIT_S, &hangs);
    if (status == ERROR_RUN)
        status = fail(ERROR_USAGE, "%s when it is loaded and tried: %s",
                      hangs ? "hangs" : "crashes", status_message());
    if (!status && !*load->reached_the_end)
        status = fail(ERROR_USAGE, "ends the program when it is loaded");
    sandbox_memory_free(load->reached_the_end, sizeof *load->reached_the_end);
    return status;
}

/* ---- the whole ---- */

/* Texts of the registry last as long as the program. */
static struct pool texts;

enum status plugin_load(const char *file) {
    char hash[HASH_TEXT_SIZE];
    char *path = realpath(file, NULL); /* a name without slash would be looked for elsewhere */
    enum status status =
        path ? hash_file(path, hash) : fail(ERROR_USAGE, "cannot be read: %s", strerror(errno));
    struct load load = {.path = path};
    if (!status) {
        load.object = (struct norm_object){pool_text(&texts, file), pool_text(&texts, hash)};
        status = try_apart(&load);
    }
    if (!status)
        status = add(&load);
    free(path);
    return status ? fail_in(status, "%s", file) : OK;
}
