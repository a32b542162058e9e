/* Words in messages. */
#pragma once

/* "s" behind a noun of which there are n: "1 run", "2 runs". */
const char *plural(long n);
