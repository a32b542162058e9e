#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset.h"

TestSuite(order);

static struct random_key order_key(uint64_t seed, uint32_t epoch) {
    return (struct random_key){seed, RANDOM_ORDER, epoch};
}

Test(order, is_a_permutation) {
    const uint32_t sizes[] = {1, 2, 3, 64, 1000, 55000};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t n = sizes[s], *rows = malloc(n * sizeof *rows);
        char *seen = calloc(n, 1);
        order_shuffle(order_key(0, 0), n, rows);
        for (uint32_t i = 0; i < n; i++) {
            cr_assert(rows[i] < n && !seen[rows[i]], "%u rows: row %u at %u", n, rows[i], i);
            seen[rows[i]] = 1;
        }
        free(rows);
        free(seen);
    }
}

Test(order, follows_seed_and_epoch_alone) {
    enum { N = 500 };
    uint32_t first[N], rows[N];
    order_shuffle(order_key(0, 0), N, first);
    for (uint64_t seed = 0; seed < 3; seed++)
        for (uint32_t epoch = 0; epoch < 3; epoch++) {
            int equal = 0;
            order_shuffle(order_key(seed, epoch), N, rows);
            for (int i = 0; i < N; i++)
                equal += rows[i] == first[i];
            bool same = seed == 0 && epoch == 0;
            cr_assert(same ? equal == N : equal < 10, "seed %d, epoch %u: %d rows at equal places",
                      (int)seed, epoch, equal);
        }
    int in_place = 0;
    for (int i = 0; i < N; i++)
        in_place += (int)first[i] == i;
    cr_assert(in_place < 10, "seed 0 leaves %d rows in place", in_place);
}

/* All 24 orders of four rows are equally frequent: a shuffle with a wrong range is not. */
Test(order, all_orders_are_equally_likely) {
    enum { N = 24000 };
    long counts[256] = {0};
    for (uint32_t epoch = 0; epoch < N; epoch++) {
        uint32_t rows[4];
        order_shuffle(order_key(0, epoch), 4, rows);
        counts[rows[0] * 64 + rows[1] * 16 + rows[2] * 4 + rows[3]]++;
    }
    double chi = 0;
    int orders = 0;
    for (int i = 0; i < 256; i++)
        if (counts[i] > 0) {
            orders++;
            chi += pow((double)counts[i] - N / 24.0, 2) / (N / 24.0);
        }
    cr_assert(orders == 24, "%d orders of 24 were seen", orders);
    cr_assert(fabs(chi - 23) <= 4.5 * sqrt(2 * 23.0), "chi-square %g instead of 23 +- 7", chi);
}
