/* What the names of columns say. */
#include "engine/format/csv_header.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/pool.h"
#include "base/words.h"
#include "engine/format/csv_field.h"

/* Names that are numbers count up, 0, 1, 2, ... or 1, 2, 3, ...; else they are data. */
enum status csv_check_names(const char *const *names, int n) {
    double last = -1;
    bool any = false;
    for (int i = 0; i < n; i++) {
        double number;
        if (!csv_number(names[i], strlen(names[i]), &number))
            continue;
        bool counts = any ? number == last + 1 : number == 0 || number == 1;
        if (!counts)
            return fail(ERROR_DATA,
                        "'%s' in the first line: is that no header, but data? "
                        "Then say data.header: false",
                        names[i]);
        any = true;
        last = number;
    }
    return OK;
}

static enum status fail_target(const char *const *names, int n, const char *wanted, int times) {
    struct pool pool = {0};
    const char *meant = times || !names ? NULL : words_meant(wanted, names, n, &pool);
    const char *ask = meant ? pool_format(&pool, " (did you mean %s?)", meant) : "";
    enum status status = fail(ERROR_DATA, "%s column '%s' (data.target) among %d%s",
                              times ? "more than one" : "no", wanted, n, ask);
    pool_free(&pool);
    return status;
}

enum status csv_find_target(const char *const *names, int n, const char *wanted, int *found) {
    double number;
    int times = *wanted ? 0 : 1;
    *found = n - 1;
    for (int i = 0; i < n && names && *wanted; i++)
        if (!strcmp(names[i], wanted)) {
            *found = i;
            times++;
        }
    if (!times && csv_number(wanted, strlen(wanted), &number) && number >= 0 && number < n &&
        number == floor(number)) {
        *found = (int)number;
        times = 1;
    }
    if (times != 1)
        return fail_target(names, n, wanted, times);
    if (n < 2)
        return fail(ERROR_DATA, "one column alone; there must be inputs and a target");
    /* A network that is given the numbers of sorted rows knows their classes. */
    if (names && !*names[0] && *found != 0)
        return fail(ERROR_DATA,
                    "the first column has no name, as row numbers have that pandas and R write: "
                    "write without them (index=False, row.names = FALSE), or give it a name");
    return OK;
}
