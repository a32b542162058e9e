/* The message that goes with a status, one a thread. */
#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 2048 };

static _Thread_local char message[MESSAGE_SIZE];

enum status fail(enum status status, const char *format, ...) {
    /* By way of a second buffer: the arguments may point into the message. */
    char text[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(message, text, sizeof message);
    return status;
}

enum status fail_in(enum status status, const char *format, ...) {
    char context[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(context, sizeof context, format, arguments);
    va_end(arguments);
    return fail(status, "%s: %s", context, message);
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
