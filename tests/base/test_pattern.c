/* Patterns, against the C library's regular expressions. */
#include <criterion/criterion.h>
#include <regex.h>

#include "base/words.h"
#include "lab/config/fields.h"

static bool fits_regex(const char *pattern, const char *text) {
    regex_t regex;
    cr_assert(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
    bool fits = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return fits;
}

Test(pattern, fits_what_a_regular_expression_fits) {
    static const char *const patterns[] = {NAME_PATTERN, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "^[a-z]+$",
                                           "^ab{2}c$", "^[_-]$"};
    static const char w64[] = "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char w65[] = "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFGHIJKLMNOPQRSTUVWXYZ0";
    static const char *const texts[] = {
        "",     "a",     "-",     "_",   "a b",        "a\n",         "name",
        "Name", "2024-", "é",     "[",   "2024-01-31", "2024-1-31",   "2024-01-311",
        "abc",  "abbc",  "abbbc", "abb", "20240131",   " 2024-01-31", "2024-01-31\n",
        "{",    "`",     "@",     "/",   ":",          w64,           w65};
    int n_fit = 0;
    for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++)
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            bool fits = fits_regex(patterns[p], texts[t]);
            cr_expect(pattern_fits(patterns[p], texts[t]) == fits, "%s of '%s'", patterns[p],
                      texts[t]);
            n_fit += fits;
        }
    cr_expect(n_fit > 10, "%d", n_fit);
}
