/* Memory of one owner: zeroed, aligned, each piece its own, whatever the order of sizes. */
#include "base/pool.h"

#include <criterion/criterion.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Small ones until blocks have grown as far as they do, and now and then one that fits no block. */
static size_t size_of(int i) {
    return i % 1000 == 999 ? (size_t)3 << 20 : i % 100 == 99 ? 40000 : (size_t)(i % 300);
}

static bool is_filled(const unsigned char *bytes, size_t size, int value) {
    for (size_t k = 0; k < size; k++)
        if (bytes[k] != value)
            return false;
    return true;
}

Test(pool, pieces_are_zeroed_aligned_and_apart) {
    enum { N = 20000 };
    struct pool pool = {0};
    static unsigned char *pieces[N];
    for (int i = 0; i < N; i++) {
        size_t size = size_of(i);
        pieces[i] = pool_alloc(&pool, size);
        cr_assert((uintptr_t)pieces[i] % alignof(max_align_t) == 0, "piece %d is not aligned", i);
        cr_assert(is_filled(pieces[i], size, 0), "piece %d is not zeroed", i);
        memset(pieces[i], i % 255 + 1, size);
    }
    for (int i = 0; i < N; i++)
        cr_assert(is_filled(pieces[i], size_of(i), i % 255 + 1), "piece %d is another's", i);
    pool_free(&pool);
    cr_expect(!pool.blocks, "it is not empty");
}

/* What fits no block has one of its own: the one that is being filled goes on. */
Test(pool, a_large_piece_costs_no_room_of_small_ones) {
    struct pool pool = {0};
    char *before = pool_alloc(&pool, 64);
    pool_alloc(&pool, 10 << 20);
    char *after = pool_alloc(&pool, 64);
    cr_expect(after == before + 64, "the next small piece is elsewhere");
    pool_free(&pool);
}
