/* A processor that lacks instructions is known before one of them is met; `check-heavy.sh
 * old-processor` shows the whole program such a processor. */
#include "cli/processor.h"

#include <criterion/criterion.h>
#include <string.h>

#include "io/version_info.h"

#define NOTHING(name, macro) "0",
#define ALL(name, macro) "1",
#define NAME(name, macro) name,
static const char *const nothing[] = {PROCESSOR_FEATURES(NOTHING)};
static const char *const all[] = {PROCESSOR_FEATURES(ALL)};
static const char *const names[] = {PROCESSOR_FEATURES(NAME)};
enum { FEATURES = sizeof names / sizeof *names };

/* Tests are compiled as the program is. */
Test(processor, what_the_compiler_may_use_is_known) {
#ifdef __AVX2__
    const char expected = '1';
#else
    const char expected = '_';
#endif
    for (int i = 0; i < FEATURES; i++)
        if (strcmp(names[i], "avx2") == 0)
            cr_expect(*build_features[i] == expected, "avx2 is '%s'", build_features[i]);
}

Test(processor, what_a_program_does_not_use_is_not_missed) {
    char lacking[256];
    cr_expect(processor_lacks(nothing, lacking, sizeof lacking) == 0, "lacks %s", lacking);
    cr_expect(processor_lacks(build_features, lacking, sizeof lacking) == 0,
              "this processor, which runs the tests, lacks %s", lacking);
}

/* No processor has both: fma4 and xop were AMD's until 2017, avx512f came to AMD in 2022. */
Test(processor, what_is_used_and_not_there_is_named) {
#ifndef __x86_64__
    cr_skip_test("only x86-64 processors are asked");
#endif
    char lacking[256], word[16];
    int n = processor_lacks(all, lacking, sizeof lacking);
    cr_assert(n > 0, "has both fma4 and avx512f");
    int commas = 0;
    for (const char *c = lacking; *c; c++)
        commas += *c == ',';
    cr_expect(commas == n - 1, "%d names in '%s'", n, lacking);
    for (int i = 0; i < FEATURES; i++) {
        const char *only[FEATURES];
        memcpy(only, nothing, sizeof only);
        only[i] = "1";
        if (processor_lacks(only, word, sizeof word) == 1)
            cr_expect(strcmp(word, names[i]) == 0, "'%s' stands for '%s'", word, names[i]);
    }
}

Test(processor, a_list_without_room_is_cut) {
    char lacking[4];
    processor_lacks(all, lacking, sizeof lacking);
    cr_expect(memchr(lacking, 0, sizeof lacking) != NULL, "no end");
}
