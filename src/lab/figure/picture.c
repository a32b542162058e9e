/* Looks whether a picture is whole, by what its format says of itself. */
#include "lab/figure/picture.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"

/* ---- PNG: chunks with lengths and check sums (ISO 15948, section 5) ---- */

static uint32_t big_endian(const char *at) {
    const unsigned char *bytes = (const unsigned char *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* CRC-32 of the polynomial x^32 + x^26 + x^23 + ... + 1, bits reversed. */
static uint32_t check_sum(const char *bytes, size_t size) {
    uint32_t sum = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++) {
        sum ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320u : 0);
    }
    return ~sum;
}

static bool png_is_whole(const struct picture *picture) {
    static const char signature[] = "\x89PNG\r\n\x1a\n";
    enum { SIGNATURE = sizeof signature - 1, LENGTH = 4, TYPE = 4, SUM = 4 };
    size_t at = SIGNATURE, size = picture->size;
    bool ended = false;
    if (size < SIGNATURE || memcmp(picture->bytes, signature, SIGNATURE) != 0)
        return false;
    while (!ended && size - at >= LENGTH + TYPE + SUM) {
        const char *chunk = picture->bytes + at;
        size_t length = big_endian(chunk);
        if (length > size - at - LENGTH - TYPE - SUM ||
            check_sum(chunk + LENGTH, TYPE + length) != big_endian(chunk + LENGTH + TYPE + length))
            return false;
        ended = !memcmp(chunk + LENGTH, "IEND", TYPE);
        at += LENGTH + TYPE + length + SUM;
    }
    return ended && at == size;
}

/* ---- PDF: a table of where each object begins, and at the end the place of the table (ISO 32000,
 * section 7.5) ---- */

/* The last occurrence. */
static const char *last_of(const struct picture *picture, const char *word) {
    size_t length = strlen(word);
    for (size_t at = picture->size; at-- > 0;)
        if (picture->size - at >= length && !memcmp(picture->bytes + at, word, length))
            return picture->bytes + at;
    return NULL;
}

static bool stands_at(const struct picture *picture, size_t at, const char *word) {
    size_t length = strlen(word);
    return at <= picture->size && picture->size - at >= length &&
           !memcmp(picture->bytes + at, word, length);
}

static bool object_stands_at(const struct picture *picture, size_t at, long number) {
    struct pool pool = {0};
    bool stands = stands_at(picture, at, pool_format(&pool, "%ld 0 obj", number));
    pool_free(&pool);
    return stands;
}

/* Lines of 20 bytes: "0000000015 00000 n \n". */
static bool pdf_table_is_right(const struct picture *picture, size_t table) {
    enum { LINE = 20, KIND = 17 };
    char *end;
    const char *first = picture->bytes + table + strlen("xref\n0 ");
    long n = strtol(first, &end, 10);
    size_t at = (size_t)(end + 1 - picture->bytes);
    for (long i = 0; i < n; i++, at += LINE) {
        if (at > picture->size || picture->size - at < LINE)
            return false;
        const char *line = picture->bytes + at;
        if (line[KIND] != 'f' &&
            !(line[KIND] == 'n' && object_stands_at(picture, strtoul(line, NULL, 10), i)))
            return false;
    }
    return n > 0 && stands_at(picture, at, "trailer");
}

static bool pdf_is_whole(const struct picture *picture) {
    static const char word[] = "startxref\n";
    const char *start = last_of(picture, word);
    if (!stands_at(picture, 0, "%PDF-") || !start)
        return false;
    char *end;
    size_t table = strtoul(start + strlen(word), &end, 10);
    if (!stands_at(picture, (size_t)(end - picture->bytes), "\n%%EOF") || table >= picture->size)
        return false;
    if (stands_at(picture, table, "xref\n0 "))
        return pdf_table_is_right(picture, table);
    long number =
        strtol(picture->bytes + table, NULL, 10); /* since 1.5 the table may be an object */
    return number > 0 && object_stands_at(picture, table, number);
}

/* ---- SVG: text that ends with the tag that it began with ---- */

static bool svg_is_whole(const struct picture *picture) {
    static const char closing[] = "</svg>";
    const char *end = last_of(picture, closing);
    return strlen(picture->bytes) == picture->size && text_plain(picture->bytes) == picture->size &&
           strstr(picture->bytes, "<svg") && end &&
           !end[strlen(closing) + strspn(end + strlen(closing), " \n")];
}

/* ---- formats ---- */

static const struct format {
    const char *name;
    bool (*is_whole)(const struct picture *picture);
    bool checks_itself;
} formats[] = {
    {"svg", svg_is_whole, false},
    {"png", png_is_whole, true},
    {"pdf", pdf_is_whole, true},
};

static const struct format *find(const char *name) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (!strcmp(formats[i].name, name))
            return &formats[i];
    return NULL;
}

bool picture_checks_itself(const char *format) {
    const struct format *found = find(format);
    return found && found->checks_itself;
}

enum status picture_check(const struct picture *picture, const char *format) {
    const struct format *found = find(format);
    if (picture->size == 0)
        return fail(ERROR_RUN, "gnuplot drew nothing");
    if (found && !found->is_whole(picture))
        return fail(ERROR_RUN, "gnuplot wrote no whole %s", format);
    return OK;
}
