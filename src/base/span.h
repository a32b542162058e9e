/* A part of a range of rows, columns or elements: begin <= i < end. */
#pragma once

struct span {
    int begin, end;
};

static inline int span_size(struct span span) {
    return span.end - span.begin;
}

/* Part `tile` of 0..total, cut into pieces of `size`: what every division of work uses, so that the
 * cuts follow from the shape alone and never from the number of threads. */
static inline struct span span_tile(int total, int size, int tile) {
    int begin = tile * size;
    int end = begin + size;
    return (struct span){begin, end < total ? end : total};
}

static inline int span_tiles(int total, int size) {
    return (total + size - 1) / size;
}
