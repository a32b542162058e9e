/* Errors of the user and of the world: a status code up the call chain, one message a thread.
 *
 * The message is written where the problem is understood (`fail`), context is put in front on the
 * way up (`fail_in`), and main prints it once. Our own mistakes are asserts. Results such as
 * divergence are data, not errors. */
#pragma once

#include <stdbool.h>

enum status {
    OK = 0,
    ERROR_RUN = 1,     /* some run failed; also: out of memory, cannot write */
    ERROR_USAGE = 2,   /* command line or experiment file */
    ERROR_DATA = 3,    /* data missing or corrupt */
    ERROR_RESULTS = 4, /* results that do not fit: other experiment, corrupt, incomplete */
    /* A file is there, but cannot be read now (permission, too many open files, memory, a failing
     * disk, in use by another program): nothing is known about what it holds. Try again. */
    ERROR_UNREADABLE = 5,
    STOPPED_TERM = 75, /* asked to stop by SIGTERM */
    STOPPED_INT = 130, /* by SIGINT */
};

/* What comes of this may not be left unsaid: of closing what was written to, for one. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Sets the thread's message and returns `status`, so that `return fail(...)` reads well. */
__attribute__((format(printf, 2, 3))) enum status fail(enum status status, const char *format, ...);

/* Puts "context: " in front of the thread's message and returns `status` unchanged. */
__attribute__((format(printf, 2, 3))) enum status fail_in(enum status status, const char *format,
                                                          ...);

/* The same where the value of a configuration key is wrong, or of one of several, "a|b": puts
 * "a: ", or "a and b: ", in front, and notes the keys, so that whoever knows where their values
 * come from can say it. */
__attribute__((format(printf, 3, 4))) enum status fail_key(enum status status, const char *keys,
                                                           const char *format, ...);
/* The keys that the thread's last failure blames, "a|b"; "": none. */
const char *status_keys(void);

/* The thread's message; "" before the first failure. */
const char *status_message(void);

/* Where a value came from, for messages. file NULL: a default. line 0: the command line, and file
 * says which part of it. */
struct origin {
    const char *file;
    int line, column;
};

/* Puts "file:line:column: ", or what stands for it, in front of the thread's message. */
enum status fail_at(enum status status, struct origin origin);

/* No error: work goes on. "normlab: ..." on standard error, unless it was `said` before. */
__attribute__((format(printf, 2, 3))) void notice_once(bool *said, const char *format, ...);
