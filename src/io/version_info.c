/* What scripts/version.sh wrote at build time: version, commit, compiler, flags. */
#include "io/version_info.h"

#include <stdio.h>

#include "base/hash.h"

#include "version.h"

const char build_version[] = NORMLAB_VERSION;
const char build_commit[] = NORMLAB_COMMIT;
const int build_dirty = NORMLAB_DIRTY;
#ifdef __clang__
const char build_compiler[] = "clang " __clang_version__;
#else
const char build_compiler[] = "gcc " __VERSION__;
#endif
#ifndef BUILD_FLAGS
#    define BUILD_FLAGS "unknown"
#endif
const char build_flags[] = BUILD_FLAGS;

#define TEXT(value) #value
#define VALUE(name, macro) TEXT(macro),
const char *const build_features[] = {PROCESSOR_FEATURES(VALUE)};

static void hash_program(char text[HASH_TEXT_SIZE]) {
    struct hash hash;
    char block[16384];
    FILE *file = fopen("/proc/self/exe", "rbe");
    if (!file)
        return;
    hash_begin(&hash);
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        hash_add(&hash, block, n);
    if (!ferror(file))
        hash_end(&hash, text);
    fclose(file); /* opened for reading */
}

const char *build_hash(void) {
    static char text[HASH_TEXT_SIZE];
    if (!*text)
        hash_program(text);
    return *text ? text : "unknown";
}
