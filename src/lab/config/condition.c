/* Reads conditions, such as norm.kind=batch|layer, and says whether they hold. */
#include "lab/config/condition.h"

#include <math.h>
#include <string.h>

static const struct sign {
    const char *text;
    enum relation relation;
} signs[] = {{"!=", NOT_EQUAL}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"==", EQUAL},
             {"=", EQUAL},      {"<", BELOW},    {">", ABOVE}}; /* the longest first */

enum { SIGNS = sizeof signs / sizeof *signs };

static const struct sign *sign_at(const char *text) {
    for (int i = 0; i < SIGNS; i++)
        if (!strncmp(text, signs[i].text, strlen(signs[i].text)))
            return &signs[i];
    return NULL;
}

static void read_values(const char *text, struct pool *pool, struct condition *condition) {
    const char **values = pool_alloc(pool, (strlen(text) + 1) * sizeof *values);
    bool several = condition->relation == EQUAL || condition->relation == NOT_EQUAL;
    for (bool more = true; more;) {
        size_t size = several ? strcspn(text, "|") : strlen(text);
        values[condition->n_values++] = pool_format(pool, "%.*s", (int)size, text);
        more = text[size] == '|';
        text += size + more;
    }
    condition->values = values;
}

enum status condition_read(const char *text, struct pool *pool, struct condition *condition) {
    size_t length = strcspn(text, "!<>=");
    const struct sign *sign = length > 0 ? sign_at(text + length) : NULL;
    if (!sign)
        return fail(
            ERROR_USAGE,
            "condition '%s': not of the form name=value (or !=, <=, >=, <, > in place of =)", text);
    *condition = (struct condition){.text = pool_text(pool, text),
                                    .name = pool_format(pool, "%.*s", (int)length, text),
                                    .relation = sign->relation};
    read_values(text + length + strlen(sign->text), pool, condition);
    return OK;
}

enum status conditions_read(const char *text, struct pool *pool, int *n,
                            struct condition **conditions) {
    struct condition *all = pool_alloc(pool, (strlen(text) + 1) * sizeof *all);
    enum status status = OK;
    int count = 0;
    while (*text && !status) {
        size_t size = strcspn(text, " ");
        status = condition_read(pool_format(pool, "%.*s", (int)size, text), pool, &all[count++]);
        text += size + (text[size] == ' ');
    }
    if (!status) {
        *n = count;
        *conditions = all;
    }
    return status;
}

bool condition_holds(const struct condition *condition, const char *text) {
    bool any = false;
    for (int i = 0; i < condition->n_values && !any; i++)
        any = !strcmp(condition->values[i], text);
    return any == (condition->relation != NOT_EQUAL);
}

bool relation_holds(double a, enum relation relation, double b) {
    switch (relation) {
    case EQUAL:
        return a == b || (isnan(a) && isnan(b));
    case NOT_EQUAL:
        return !relation_holds(a, EQUAL, b);
    case AT_MOST:
        return a <= b;
    case AT_LEAST:
        return a >= b;
    case BELOW:
        return a < b;
    case ABOVE:
        return a > b;
    }
    return false;
}
