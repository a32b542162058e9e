/* Memory that is walked through again and again, or looked up at random. */
#pragma once

#include <stddef.h>

/* Asks the system for huge pages, so that a page need not be looked up for every 4 KiB. A wish:
 * nothing changes where it is not met, or where the block is small. */
void pages_large(void *block, size_t size);
