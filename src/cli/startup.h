/* What main puts right before anything else: descriptors that are closed, requests to stop. */
#pragma once

#include <stdbool.h>

/* Nothing that is opened later gets the number of a standard descriptor, so that no message lands
 * in a file: where one was closed, reading or writing fails as it did before. From here on SIGTERM
 * and SIGHUP, unless they are ignored, end the program with STOPPED_TERM; what can clean up
 * (io/workers) takes them over. Signals that others have ignored, or that would kill where a
 * message can be given, are put right, too. false: a closed descriptor cannot be helped, or the
 * processor cannot run this program, which is said. */
bool startup(void);

/* From here on standard output (without a descriptor of stdio's own) remembers why a write failed:
 * a line may be lost long before the end, where it is asked for. */
void startup_output(void);
/* The errno of the first write that failed; 0: none. */
int startup_output_error(void);

/* Drops from an environment ("NAME=value", NULL at its end) what binds threads to processors. */
void startup_unbind(char **environment);
