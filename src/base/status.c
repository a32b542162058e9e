/* The message that goes with a status, one a thread. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"

enum { MESSAGE_SIZE = 2048, KEYS_SIZE = 256 };

static _Thread_local char message[MESSAGE_SIZE];
static _Thread_local char blamed[KEYS_SIZE];

/* Names of files and words of strangers' files stand in messages: a terminal must not obey them. */
static void set_message_from(const char *format, va_list arguments) {
    /* By way of a second buffer: the arguments may point into the message. */
    char text[MESSAGE_SIZE];
    vsnprintf(text, sizeof text, format, arguments);
    text_show(message, sizeof message, text);
}

__attribute__((format(printf, 1, 2))) static void set_message(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    set_message_from(format, arguments);
    va_end(arguments);
}

enum status fail(enum status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    set_message_from(format, arguments);
    va_end(arguments);
    blamed[0] = '\0';
    return status;
}

enum status fail_in(enum status status, const char *format, ...) {
    char context[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    set_message("%s: %s", context, message);
    return status;
}

/* "a and b" for "a|b". */
static void join_keys(const char *keys, char joined[MESSAGE_SIZE]) {
    size_t end = 0;
    joined[0] = '\0';
    while (*keys && end < MESSAGE_SIZE) {
        int size = (int)strcspn(keys, "|");
        const char *and = keys[size] ? " and " : "";
        end += (size_t)snprintf(joined + end, MESSAGE_SIZE - end, "%.*s%s", size, keys, and);
        keys += size + (keys[size] == '|');
    }
}

enum status fail_key(enum status status, const char *keys, const char *format, ...) {
    char text[MESSAGE_SIZE], context[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    join_keys(keys, context);
    set_message("%s: %s", context, text);
    snprintf(blamed, sizeof blamed, "%s", keys);
    return status;
}

const char *status_keys(void) {
    return blamed;
}

enum status fail_at(enum status status, struct origin origin) {
    if (!origin.file)
        return status;
    if (origin.line == 0)
        return fail_in(status, "%s", origin.file);
    return fail_in(status, "%s:%d:%d", origin.file, origin.line, origin.column);
}

const char *status_message(void) {
    return message;
}

void notice_once(bool *said, const char *format, ...) {
    va_list arguments;
    if (*said)
        return;
    *said = true;
    flockfile(stderr);
    fputs("normlab: ", stderr);
    va_start(arguments, format);
    text_vprint(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    funlockfile(stderr);
}
