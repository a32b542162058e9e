/* Reads the sections quick and literal, and applies them. */
#include "lab/plan/protocol.h"

#include <string.h>

static const struct field protocol_fields[] = {
    {.name = "set",
     .read = field_node,
     .offset = offsetof(struct protocol, set),
     .form = FORM_MAP,
     .keys = FORM_ONE | FORM_LIST | FORM_SEQUENCE,
     .like = "{train.epochs: 1, seed: range(8)}",
     .doc = "Keys and their values, as on the command line, which wins over them."},
    {.name = "only",
     .read = field_node,
     .offset = offsetof(struct protocol, only),
     .form = FORM_MAP,
     .keys = FORM_ONE | FORM_LIST | FORM_SEQUENCE,
     .like = "{norm.kind: [batch, layer], train.batch_size: 4}",
     .doc = "The cells to keep: those with these values, or with one of a list of them."},
};

const struct section protocol_section = {
    .name = "quick",
    .title = "`quick` and `literal`",
    .doc = "`normlab run FILE protocol=quick` applies it and adds `-quick` to the name of the "
           "results; `literal` likewise.",
    SECTION_FIELDS(protocol_fields),
    .like = "quick:\n"
            "  set: {train.epochs: 1, seed: range(8)}\n"
            "  only: {train.batch_size: [2, 64]}\n",
};

enum status protocol_read(const struct yaml_node *node, struct pool *pool,
                          struct protocol *protocol) {
    struct section section = protocol_section;
    section.name = node->key;
    *protocol = (struct protocol){0};
    return section_read(&section, node, pool, protocol);
}

enum status protocol_set_keys(const struct protocol *protocol, struct axes *axes) {
    struct key_node *nodes;
    int n = 0;
    enum status status = protocol->set ? key_nodes_read(protocol->set, axes->pool, &n, &nodes) : OK;
    for (int i = 0; i < n && !status; i++) {
        struct node_values values;
        if (axes_overrides(axes, nodes[i].key))
            continue;
        status = node_excluded_values(nodes[i].node, key_get(nodes[i].key), axes->pool, &values);
        if (status)
            break;
        struct override override = {nodes[i].key, nodes[i].node->origin, values.n, values.values,
                                    false};
        axes_override(axes, &override);
    }
    return status;
}

enum status protocol_keep_cells(const struct protocol *protocol, struct pool *pool, int *n,
                                const struct exclusion **exclusions) {
    size_t old = (size_t)*n;
    if (!protocol->only)
        return OK;
    struct exclusion *all = pool_alloc(pool, (old + 1) * sizeof *all);
    enum status status = exclusion_read(protocol->only, pool, &all[old]);
    if (status)
        return status;
    if (old > 0)
        memcpy(all, *exclusions, old * sizeof *all);
    all[old].others = true;
    *exclusions = all;
    ++*n;
    return OK;
}
