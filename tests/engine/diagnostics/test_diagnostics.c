/* The table of diagnostics: its order, its sets, and what a set leaves in memory. */
#include <criterion/criterion.h>
#include <string.h>

#include "engine/diagnostics/snapshot.h"
#include "engine/probe/probe.h"
#include "tests/support.h"

Test(diagnostics, every_row_stands_after_what_it_reads_and_has_a_name_of_its_own) {
    for (int i = 0; i < diagnostic_count(); i++) {
        const struct diagnostic *row = diagnostic_get(i);
        unsigned before = (1u << i) - 1, own = 1u << i;
        cr_expect(row->name && *row->name, "row %d has no name", i);
        cr_expect(diagnostic_set(row) & own && !(diagnostic_set(row) & ~(before | own)),
                  "%s reads a row that stands after it", row->name);
        for (int k = 0; k < i; k++)
            cr_expect(strcmp(row->name, diagnostic_get(k)->name) != 0, "%s twice", row->name);
    }
}

Test(diagnostics, a_probe_reads_every_row) {
    unsigned read = 0;
    for (int i = 0; i < probe_count(); i++)
        read |= diagnostic_set(probe_get(i)->reads);
    for (int i = 0; i < diagnostic_count(); i++)
        cr_expect(read >> i & 1, "nobody reads %s", diagnostic_get(i)->name);
    cr_expect(read == diagnostic_set_of_all(), "%x, not %x", read, diagnostic_set_of_all());
}

Test(diagnostics, a_set_brings_what_its_rows_read) {
    unsigned set = diagnostic_set(&diagnostic_unit_inputs);
    cr_expect(set == (set | diagnostic_set(&diagnostic_sample)), "the sample is missing");
    cr_expect(diagnostic_set(NULL) == 0, "nothing reads something");
    cr_expect(!diagnostic_set_of_last_step(set), "a pass over the sample sees no step");
    cr_expect(diagnostic_set_of_last_step(set | diagnostic_set(&diagnostic_gradient)),
              "a gradient is that of a step");
}

Test(diagnostics, only_what_is_in_the_set_takes_memory) {
    struct run_config config = test_config();
    struct test_data *data = test_data_create(5, 6, 3, 40, 20, 10);
    struct trainer *trainer = test_trainer(&config, data, 1);
    size_t sum = 0;
    cr_expect(diagnostics_memory(trainer, 0) == 0, "memory for nothing");
    for (int i = 0; i < diagnostic_count(); i++)
        sum += diagnostics_memory(trainer, 1u << i);
    cr_expect(sum == diagnostics_memory(trainer, diagnostic_set_of_all()), "%zu bytes", sum);
    struct diagnostics all;
    unsigned set = diagnostic_set(&diagnostic_sample);
    cr_assert(!diagnostics_create(&all, trainer, set), "%s", status_message());
    cr_expect(all.arena.size == diagnostics_memory(trainer, set), "%zu bytes", all.arena.size);
    cr_expect(diagnostics_state(&all, &diagnostic_sample) != NULL, "no sample");
    cr_expect(diagnostics_state(&all, &diagnostic_update) == NULL, "an update nobody wants");
    diagnostics_free(&all);
    trainer_free(trainer);
    test_data_free(data);
}
