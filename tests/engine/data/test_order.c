#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "engine/data/order.h"

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

/* ---- by class ---- */

/* Labels of n rows, class c with chance 1 : 1 + c lean. */
static void fill_labels(uint32_t n, int K, int lean, uint8_t *labels) {
    struct random_key key = {0, RANDOM_TEST, (uint32_t)(K + 1000 * lean)};
    uint32_t total = 0;
    for (int c = 0; c < K; c++)
        total += (uint32_t)(1 + c * lean);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t draw = random_below(key, i, total);
        int c = 0;
        for (; draw >= (uint32_t)(1 + c * lean); c++)
            draw -= (uint32_t)(1 + c * lean);
        labels[i] = (uint8_t)c;
    }
}

static void assert_permutation(uint32_t n, const uint32_t *rows, const char *what) {
    char *seen = calloc(n, 1);
    for (uint32_t i = 0; i < n; i++) {
        cr_assert(rows[i] < n && !seen[rows[i]], "%s: row %u at %u of %u", what, rows[i], i, n);
        seen[rows[i]] = 1;
    }
    free(seen);
}

Test(order, sorted_rows_ascend_by_class_and_are_shuffled_within) {
    enum { N = 3000 };
    static uint8_t labels[N];
    static uint32_t rows[N], other[N];
    const int classes[] = {2, 3, 10, 256};
    for (size_t k = 0; k < sizeof classes / sizeof *classes; k++) {
        int moved = 0, ascending = 0;
        fill_labels(N, classes[k], 1, labels);
        order_sorted(order_key(0, 0), N, labels, classes[k], rows);
        order_sorted(order_key(0, 1), N, labels, classes[k], other);
        assert_permutation(N, rows, "sorted");
        for (int i = 1; i < N; i++) {
            cr_assert(labels[rows[i - 1]] <= labels[rows[i]], "class %d after %d", labels[rows[i]],
                      labels[rows[i - 1]]);
            cr_assert(labels[rows[i]] == labels[other[i]], "place %d changed its class", i);
            ascending += rows[i] > rows[i - 1];
            moved += rows[i] != other[i];
        }
        cr_assert(ascending < N * 2 / 3, "%d classes: in the file's order", classes[k]);
        cr_assert(moved > N * 2 / 3, "%d classes: the same in the next epoch", classes[k]);
        order_sorted(order_key(0, 0), N, labels, classes[k], other);
        cr_assert(!memcmp(rows, other, sizeof rows), "not a function of its arguments");
    }
}

static void count_classes(uint32_t n, const uint8_t *labels, int K, long *counts) {
    memset(counts, 0, (size_t)K * sizeof *counts);
    for (uint32_t i = 0; i < n; i++)
        counts[labels[i]]++;
}

/* Row i of a mini-batch has the class of its row i mod k, and these k differ. */
static void assert_batch(const struct class_batches *batches, const uint8_t *labels,
                         const uint32_t *rows) {
    bool seen[256] = {false};
    for (int i = 0; i < (int)batches->B; i++) {
        int class = labels[rows[i]];
        if (i < batches->k) {
            cr_assert(!seen[class], "class %d twice among %d", class, batches->k);
            seen[class] = true;
        }
        cr_assert(class == labels[rows[i % batches->k]], "row %d is of class %d", i, class);
    }
}

/* Is there one mini-batch more than was said, however cleverly they were dealt out? A class comes
 * at most once in each and no oftener than its rows allow. */
static bool possible(const struct class_batches *batches, const long *counts, long steps) {
    long share = (long)batches->B / batches->k, places = 0;
    for (int c = 0; c < batches->K; c++)
        places += counts[c] / share < steps ? counts[c] / share : steps;
    return places >= steps * batches->k;
}

/* Every number of classes, of balanced and unbalanced ones; all that is left over is accounted
 * for. */
static void check_classes(int K, int k, int share, int lean) {
    enum { N = 2000 };
    static uint8_t labels[N];
    static uint32_t rows[N], again[N], by_class[N];
    struct class_batches batches = {K, k, (uint32_t)(k * share)};
    long counts[256];
    fill_labels(N, K, lean, labels);
    count_classes(N, labels, K, counts);
    long steps = order_classes_steps(&batches, counts);
    cr_assert(possible(&batches, counts, steps) && !possible(&batches, counts, steps + 1),
              "%d of %d classes: %ld steps", k, K, steps);
    order_classes(order_key(3, 5), &batches, N, labels, by_class, rows);
    assert_permutation(N, rows, "classes");
    for (long step = 0; step < steps; step++)
        assert_batch(&batches, labels, rows + step * batches.B);
    order_classes(order_key(3, 5), &batches, N, labels, by_class, again);
    cr_assert(!memcmp(rows, again, sizeof rows), "not a function of its arguments");
}

Test(order, classes_of_a_mini_batch) {
    for (int K = 2; K <= 10; K++)
        for (int k = 1; k <= K; k++)
            for (int share = 1; share <= 8; share += 7)
                for (int lean = 0; lean <= 4; lean += 4)
                    check_classes(K, k, share, lean);
    check_classes(256, 1, 1, 0);
    check_classes(256, 256, 1, 0);
    check_classes(256, 100, 2, 1);
}

/* Balanced classes: what is dropped is a share of each class and a mini-batch, at most. */
Test(order, classes_leave_few_rows_out) {
    enum { N = 55000 };
    static uint8_t labels[N];
    long counts[10];
    fill_labels(N, 10, 0, labels);
    count_classes(N, labels, 10, counts);
    for (int k = 1; k <= 9; k++) { /* 10 of 10: as many as the rarest has */
        struct class_batches batches = {10, k, (uint32_t)(8 * k)};
        long left = N - order_classes_steps(&batches, counts) * 8 * k;
        cr_assert(left < 10 * 8 + 8 * k, "%d classes: %ld rows are left out", k, left);
    }
}

Test(order, a_rare_class_limits_mini_batches_of_all) {
    const long counts[] = {90, 100, 35};
    cr_assert(order_classes_steps(&(struct class_batches){3, 3, 30}, counts) == 3, "all three");
    cr_assert(order_classes_steps(&(struct class_batches){3, 2, 20}, counts) == 11, "two of them");
    cr_assert(order_classes_steps(&(struct class_batches){3, 1, 10}, counts) == 22, "one of them");
    cr_assert(order_classes_steps(&(struct class_batches){3, 3, 108}, counts) == 0, "too large");
}

/* Over many epochs every class is as likely in the first mini-batch, in the last one, and with
 * each other class. */
Test(order, classes_are_drawn_evenly) {
    enum { N = 400, K = 4, EPOCHS = 3000 };
    uint8_t labels[N];
    uint32_t rows[N], by_class[N];
    const struct class_batches batches = {K, 2, 20};
    double first[K * K] = {0}, last[K * K] = {0};
    for (int i = 0; i < N; i++)
        labels[i] = (uint8_t)(i % K);
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        order_classes(order_key(0, epoch), &batches, N, labels, by_class, rows);
        first[labels[rows[0]] * K + labels[rows[1]]]++;
        last[labels[rows[N - 20]] * K + labels[rows[N - 19]]]++;
    }
    const double expected = EPOCHS / 12.0, tolerance = 4.5 * sqrt(expected);
    for (int pair = 0; pair < K * K; pair++) {
        bool same = pair / K == pair % K;
        double chance = same ? 0 : expected;
        cr_assert(fabs(first[pair] - chance) <= (same ? 0 : tolerance), "first, pair %d: %g", pair,
                  first[pair]);
        cr_assert(fabs(last[pair] - chance) <= (same ? 0 : tolerance), "last, pair %d: %g", pair,
                  last[pair]);
    }
}

/* ---- the table ---- */

/* `fixed` says which orders do not know seed and epoch: seeds.order does not apply to them. */
Test(order, of_a_fixed_one_all_epochs_are_equal_and_of_no_other) {
    enum { N = 60, K = 3 };
    uint8_t labels[N];
    for (int i = 0; i < N; i++)
        labels[i] = (uint8_t)(i % K);
    const struct order_rows rows = {N, labels, {.K = K, .k = 1, .B = 4}};
    for (int index = 0; order_name(index); index++) {
        const struct order_kind *kind = order_get(index);
        uint32_t first[N] = {0}, other[N] = {0}, room[N];
        if (kind->fill) {
            kind->fill(order_key(0, 0), &rows, room, first);
            kind->fill(order_key(1, 2), &rows, room, other);
        }
        bool same = !memcmp(first, other, sizeof first);
        cr_expect(same == kind->fixed, "%s: epochs are %s", kind->name,
                  same ? "equal" : "not equal");
    }
}
