/* The end where nothing can be returned, because there is no memory for small things. */
#pragma once

/* Ends the process by exit(). Whoever started it says the last words, and does not take it for a
 * success (cli/main.c, io/workers.c). */
__attribute__((format(printf, 1, 2))) _Noreturn void give_up(const char *format, ...);

/* What give_up was told; if somebody else called exit(), a sentence about that. */
const char *last_words(void);
