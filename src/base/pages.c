/* Huge pages for large blocks, where the system has them. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void pages_large(void *block, size_t size) {
    enum { HUGE_PAGE = 2 << 20 };
    if (size < 2 * HUGE_PAGE)
        return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)block;
    uintptr_t first = (begin + page - 1) / page * page;
#ifdef MADV_HUGEPAGE
    madvise((char *)block + (first - begin), (begin + size - first) / page * page, MADV_HUGEPAGE);
#else
    (void)first;
#endif
}
