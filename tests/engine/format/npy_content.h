/* Contents of .npy files. */
#pragma once

#include "tests/engine/data/idx_files.h"

/* Version 1.0 with this dictionary, padded as NumPy does. */
static inline struct content npy_header(const char *dictionary) {
    struct content content = {0};
    char text[512];
    int size = snprintf(text, sizeof text, "%s", dictionary);
    while ((10 + size + 1) % 64 != 0)
        text[size++] = ' ';
    text[size++] = '\n';
    content_add(&content, "\x93NUMPY\x01\x00", 8);
    content_add(&content, (uint8_t[]){(uint8_t)size, (uint8_t)(size >> 8)}, 2);
    content_add(&content, text, (size_t)size);
    return content;
}

static inline struct content npy_content(const char *descr, const char *order, const char *shape,
                                         const void *bytes, size_t size) {
    char dictionary[256];
    snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }",
             descr, order, shape);
    struct content content = npy_header(dictionary);
    content_add(&content, bytes, size);
    return content;
}
