/* A normalizer in a shared object: what `normlab run --plugin FILE.so` looks for.
 *
 *     #include <normlab/plugin.h>
 *     static const struct normalizer row = {...};
 *     NORMLAB_PLUGIN(row);
 *
 * Build it with cc -shared -fPIC -I PREFIX/include. Its author needs this one header, which
 * scripts/make-plugin-header.sh makes from this file and what it includes. It is plain C: of the
 * program it may call fail() and the random_...() of base/random.h, and nothing else.
 * examples/plugin has a whole one.
 */
#pragma once

#include <stdint.h>

#include "engine/norm/normalizer.h"

/* Raised when the meaning of what is declared in normalizer.h changes and no size does. */
enum { NORMLAB_ABI = 2 };

struct normlab_plugin {
    uint32_t abi;
    uint32_t sizes[5]; /* of the structs that both sides look into */
    const struct normalizer *row;
};

#define NORMLAB_PLUGIN_SIZES                                                                       \
    {                                                                                              \
        sizeof(struct normalizer), sizeof(struct norm), sizeof(struct norm_step),                  \
            sizeof(struct norm_config), sizeof(struct key)                                         \
    }

#define NORMLAB_PLUGIN(normalizer_row)                                                             \
    extern const struct normlab_plugin normlab_plugin;                                             \
    __attribute__((visibility("default"))) const struct normlab_plugin normlab_plugin = {          \
        NORMLAB_ABI, NORMLAB_PLUGIN_SIZES, &(normalizer_row)}
