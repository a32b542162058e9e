/* What a field says, and how a file begins. */
#include "engine/format/csv_field.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 9 };

/* What stands for a number that nobody knows. */
bool csv_is_missing(const char *text) {
    static const char *const words[] = {"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(text, words[i]))
            return true;
    return false;
}

/* Digits alone, which most numbers are, or as C has decimal numbers; the text ends in a 0. */
bool csv_number(const char *text, size_t size, double *number) {
    unsigned whole = 0;
    size_t i = 0;
    for (; i < size && i < MOST_DIGITS && text[i] >= '0' && text[i] <= '9'; i++)
        whole = 10 * whole + (unsigned)(text[i] - '0');
    *number = whole;
    if (i == size && size > 0)
        return true;
    char *end;
    if (size == 0 || strspn(text, "0123456789+-.eE") != size)
        return false;
    *number = strtod(text, &end);
    return end == text + size;
}

/* A comma where the first line has one, else a semicolon, else a tab; not those within quotes. */
char csv_separator(const char *bytes, size_t size) {
    static const char separators[] = ",;\t";
    size_t best = sizeof separators - 1;
    bool quoted = false;
    for (size_t i = 0; i < size && (quoted || bytes[i] != '\n'); i++) {
        const char *found = bytes[i] ? strchr(separators, bytes[i]) : NULL;
        quoted ^= bytes[i] == '"';
        if (found && !quoted && (size_t)(found - separators) < best)
            best = (size_t)(found - separators);
    }
    return best < sizeof separators - 1 ? separators[best] : ',';
}

/* Passes over the byte order mark of UTF-8; ERROR_DATA: it is UTF-16. */
enum status csv_begin(const char *bytes, size_t size, size_t *skip) {
    *skip = size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    if (size >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
        return fail(ERROR_DATA, "is UTF-16; save it as UTF-8");
    return OK;
}
