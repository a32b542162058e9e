/* Refuses a processor that lacks instructions of the program, before it meets the first of them.
 *
 * The Makefile compiles this file, startup.c and main.c for any processor of the family. */
#include "cli/processor.h"

#include <stdio.h>
#include <unistd.h>

#include "io/version_info.h"

#ifdef __x86_64__
#    define IS_THERE(name, macro) {name, __builtin_cpu_supports(name) != 0},
#else
#    define IS_THERE(name, macro) {name, true},
#endif

int processor_lacks(const char *const *used, char *lacking, size_t size) {
    const struct {
        const char *name;
        bool is_there;
    } features[] = {PROCESSOR_FEATURES(IS_THERE)};
    int n = 0;
    size_t at = 0;
    *lacking = '\0';
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        if (*used[i] != '1' || features[i].is_there || at >= size)
            continue;
        at +=
            (size_t)snprintf(lacking + at, size - at, "%s%s", n > 0 ? ", " : "", features[i].name);
        n++;
    }
    return n;
}

bool processor_suits(void) {
    char lacking[256], host[256] = "";
    if (processor_lacks(build_features, lacking, sizeof lacking) == 0)
        return true;
    gethostname(host, sizeof host - 1);
    fprintf(stderr,
            "normlab: this program was built for processors with %s, which this one lacks (host "
            "%s); build it here from its source (make), with MARCH=x86-64-v3 for all that have "
            "AVX2, or with MARCH=x86-64 for any\n",
            lacking, host);
    return false;
}
