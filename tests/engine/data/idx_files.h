/* A temporary folder and IDX files in it, right and wrong. */
#pragma once

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/status.h"

enum { FILE_CAPACITY = 4096 };

struct folder {
    char path[64];
};

/* The content of a file, before it is written. */
struct content {
    size_t size;
    uint8_t bytes[FILE_CAPACITY];
};

static inline struct folder folder_create(void) {
    struct folder folder = {"/tmp/normlab-test-XXXXXX"};
    cr_assert(mkdtemp(folder.path) != NULL, "no temporary folder");
    return folder;
}

static inline int folder_remove_entry(const char *path, const struct stat *info, int kind,
                                      struct FTW *level) {
    (void)info, (void)kind, (void)level;
    return remove(path);
}

static inline void folder_remove(const struct folder *folder) {
    nftw(folder->path, folder_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline const char *folder_path(const struct folder *folder, const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    return path;
}

/* Writes `content`, with gzip where the name ends in .gz. Returns the path. */
static inline const char *folder_write(const struct folder *folder, const char *name,
                                       const struct content *content) {
    const char *path = folder_path(folder, name);
    bool gz = strlen(name) > 3 && !strcmp(name + strlen(name) - 3, ".gz");
    gzFile file = gzopen(path, gz ? "wb" : "wbT");
    cr_assert(file != NULL, "%s: cannot be written", path);
    if (content->size > 0)
        gzwrite(file, content->bytes, (unsigned)content->size);
    cr_assert(gzclose(file) == Z_OK, "%s: cannot be written", path);
    return path;
}

/* Takes away a file's last n bytes. */
static inline void file_cut(const char *path, long n) {
    FILE *file = fopen(path, "rb");
    cr_assert(file != NULL, "%s: cannot be read", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    fclose(file);
    cr_assert(size > n && truncate(path, size - n) == 0, "%s: cannot be cut", path);
}

/* Changes the byte that is the n-th from the end. */
static inline void file_flip(const char *path, long n) {
    FILE *file = fopen(path, "r+b");
    cr_assert(file != NULL, "%s: cannot be opened", path);
    fseek(file, -n, SEEK_END);
    int byte = fgetc(file);
    fseek(file, -n, SEEK_END);
    fputc(byte ^ 0x55, file);
    fclose(file);
}

static inline void content_add(struct content *content, const void *bytes, size_t size) {
    cr_assert(content->size + size <= FILE_CAPACITY, "test file too large");
    memcpy(content->bytes + content->size, bytes, size);
    content->size += size;
}

/* An IDX header of n dimensions. */
static inline struct content idx_header(int type, int n, const uint32_t *dims) {
    struct content content = {0};
    content_add(&content, (uint8_t[]){0, 0, (uint8_t)type, (uint8_t)n}, 4);
    for (int i = 0; i < n; i++)
        content_add(&content,
                    (uint8_t[]){(uint8_t)(dims[i] >> 24), (uint8_t)(dims[i] >> 16),
                                (uint8_t)(dims[i] >> 8), (uint8_t)dims[i]},
                    4);
    return content;
}

/* n images of 2x3 bytes: pixel p of image i is (start + 37 (6 i + p)) mod 251. */
static inline struct content images_u8(uint32_t n, int start) {
    struct content content = idx_header(0x08, 3, (uint32_t[]){n, 2, 3});
    for (uint32_t i = 0; i < 6 * n; i++)
        content_add(&content, (uint8_t[]){(uint8_t)(((uint32_t)start + 37 * i) % 251)}, 1);
    return content;
}

/* n labels 0, 1, .., K-1, 0, 1, ... */
static inline struct content labels_u8(uint32_t n, int K) {
    struct content content = idx_header(0x08, 1, (uint32_t[]){n});
    for (uint32_t i = 0; i < n; i++)
        content_add(&content, (uint8_t[]){(uint8_t)(i % (uint32_t)K)}, 1);
    return content;
}

/* Asserts the status, and that the message has every one of the words (up to NULL) in it. */
static inline void assert_failure(const char *name, enum status status, enum status expected,
                                  const char *const *words) {
    cr_assert(status == expected, "%s: status %d instead of %d (%s)", name, status, expected,
              status_message());
    for (; *words; words++)
        cr_assert(strstr(status_message(), *words) != NULL, "%s: no '%s' in the message: %s", name,
                  *words, status_message());
}
#define ASSERT_FAILURE(name, status, expected, ...)                                                \
    assert_failure(name, status, expected, (const char *const[]){__VA_ARGS__, NULL})
