/* Characters that are no text: a terminal obeys them, XML has no place for them, and some turn
 * around what a reader sees. Refused where a text is written, shown as escapes where one is read.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/pool.h"

/* How many bytes from the beginning are plain: UTF-8 without control characters (a tab and the end
 * of a line are none), marks that change the direction of writing, and what is no character. The
 * whole length where all are. */
size_t text_plain(const char *text);
/* The text with what is not plain as escapes, "\x1b" or "\u202e"; a plain one itself. */
const char *text_visible(const char *text, struct pool *pool);
/* The same into a buffer of `size` bytes, cut where it does not fit. */
void text_show(char *shown, size_t size, const char *text);
/* The text as one word for a shell: itself, '...', or $'...' where it is not plain. */
const char *text_quoted(const char *text, struct pool *pool);

/* The name that the program was called by, argv[0]: suggestions have it in place of "normlab". */
void text_set_program(const char *called);
/* That name as a word for a shell. */
const char *text_program(struct pool *pool);
/* The text with it wherever a command for a shell begins: "`normlab run x`", "see
 * normlab run --help", "next: normlab plot x", "$ normlab list". */
const char *text_called(const char *text, struct pool *pool);

/* Prints as vfprintf does, with escapes for what is not plain; to standard error as text_called. */
void text_vprint(FILE *out, const char *format, va_list arguments);
__attribute__((format(printf, 2, 3))) void text_print(FILE *out, const char *format, ...);
/* A line with a path: to a terminal as it is shown, to a program as it is. */
void text_print_path(FILE *out, const char *path);
