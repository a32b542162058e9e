/* A file driver of HDF5 on a descriptor. */
#include "io/hdf5_driver.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What HDF5 holds of an open file; its own part comes first. */
struct driven {
    H5FD_t hdf5;
    struct hdf5_medium *medium;
    haddr_t end; /* of what HDF5 has allocated */
};

static struct hdf5_medium *medium_of(const H5FD_t *file) {
    return ((const struct driven *)file)->medium;
}

/* ---- opening and closing ---- */

/* Refuses a second file at the same medium, which somebody's link could ask for. */
static H5FD_t *open_medium(const char *name, unsigned flags, hid_t access, haddr_t most) {
    (void)name;
    (void)flags;
    (void)most;
    struct hdf5_medium *const *given = H5Pget_driver_info(access);
    if (!given || (*given)->opened)
        return NULL;
    struct driven *file = calloc(1, sizeof *file);
    if (!file) {
        hdf5_note_error(ENOMEM);
        return NULL;
    }
    file->medium = *given;
    file->medium->opened = true;
    return &file->hdf5; /* analysis: HDF5 has it, until close_medium */
}

static herr_t close_medium(H5FD_t *file) {
    medium_of(file)->opened = false;
    free(file);
    return 0;
}

/* ---- sizes ---- */

static haddr_t get_allocated(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const struct driven *)file)->end;
}

static herr_t set_allocated(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
    (void)type;
    ((struct driven *)file)->end = end;
    return 0;
}

static haddr_t get_size(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return medium_of(file)->size;
}

/* ---- reading and writing ---- */

/* Notes the first error of a medium. */
static void note(struct hdf5_medium *medium, int error) {
    if (!medium->writes)
        hdf5_note_error(error);
    else if (!medium->error)
        medium->error = error;
}

static uint64_t little_endian(const unsigned char *bytes, int n) {
    uint64_t number = 0;
    for (int i = n - 1; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
}

/* Texts lie in heaps, "GCOL", version, size, objects: number, count, size, contents. HDF5 goes from
 * one to the next by sizes that it believes: beyond the heap's end, or for ever by 0. */
static bool is_sound(const void *buffer, size_t size) {
    enum { HEADER = 16, LEAST = 4096 };
    static const char mark[] = {'G', 'C', 'O', 'L', 1, 0, 0, 0};
    const unsigned char *bytes = buffer;
    if (size < LEAST || memcmp(bytes, mark, sizeof mark) != 0)
        return true; /* something else */
    uint64_t whole = little_endian(bytes + 8, 8), at = HEADER;
    while (whole <= size && at < whole && whole - at >= HEADER) { /* else: it comes again, whole */
        uint64_t number = little_endian(bytes + at, 2), need = little_endian(bytes + at + 8, 8);
        if (need > whole)
            return false;
        if (number > 0) /* else free space, whose size includes its own header */
            need = HEADER + (need + 7) / 8 * 8;
        if (need < HEADER || need > whole - at)
            return false;
        at += need;
    }
    return true;
}

/* Zeros beyond the end, as HDF5's own driver gives them; an end that has come nearer since the file
 * was opened is an error. */
static herr_t read_bytes(struct hdf5_medium *medium, haddr_t at, size_t size, void *buffer) {
    if (size > INT64_MAX || at > INT64_MAX - size)
        return -1; /* an address that no file has: it is damaged */
    for (char *to = buffer; size > 0;) {
        ssize_t n = pread(medium->descriptor, to, size, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && at < medium->size)) {
            note(medium, n < 0 ? errno : ESTALE);
            return -1;
        }
        if (n == 0) {
            memset(to, 0, size);
            return 0;
        }
        to += n;
        at += (haddr_t)n;
        size -= (size_t)n;
    }
    return 0;
}

/* HDF5 goes to and fro between what lies near: a quarter of the window lies before. */
static herr_t fill_window(struct hdf5_medium *medium, haddr_t at) {
    haddr_t first = at < HDF5_WINDOW / 4 ? 0 : at - HDF5_WINDOW / 4;
    haddr_t there = medium->size - first;
    size_t size = there < HDF5_WINDOW ? (size_t)there : HDF5_WINDOW;
    medium->window_size = 0;
    if (read_bytes(medium, first, size, medium->window) < 0)
        return -1;
    medium->window_at = first;
    medium->window_size = size;
    return 0;
}

static bool is_in_window(const struct hdf5_medium *medium, haddr_t at, size_t size) {
    return at >= medium->window_at && size <= medium->window_size &&
           at - medium->window_at <= medium->window_size - size;
}

/* Few bytes by way of the window. What begins or ends beyond the file is no case for it. */
static herr_t read_few(struct hdf5_medium *medium, haddr_t at, size_t size, void *buffer) {
    if (medium->writes || size > HDF5_WINDOW / 4 || at > medium->size || size > medium->size - at)
        return read_bytes(medium, at, size, buffer);
    if (!is_in_window(medium, at, size) && fill_window(medium, at) < 0)
        return -1;
    memcpy(buffer, medium->window + (at - medium->window_at), size);
    return 0;
}

static herr_t read_medium(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size,
                          void *buffer) {
    (void)type;
    (void)transfer;
    struct hdf5_medium *medium = medium_of(file);
    herr_t failed = read_few(medium, at, size, buffer);
    return failed < 0 || (!medium->writes && !is_sound(buffer, size)) ? -1 : 0;
}

static herr_t write_medium(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t size,
                           const void *buffer) {
    (void)type;
    (void)transfer;
    struct hdf5_medium *medium = medium_of(file);
    for (const char *from = buffer; size > 0 && !medium->error;) {
        ssize_t n = pwrite(medium->descriptor, from, size, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            note(medium, n < 0 ? errno : ENOSPC);
            break;
        }
        from += n;
        at += (haddr_t)n;
        size -= (size_t)n;
    }
    if (at > medium->size)
        medium->size = at;
    return 0;
}

/* The file ends where HDF5's allocation ends, in closing. */
static herr_t fit_medium(H5FD_t *file, hid_t transfer, hbool_t closing) {
    (void)transfer;
    (void)closing;
    struct hdf5_medium *medium = medium_of(file);
    haddr_t end = get_allocated(file, H5FD_MEM_DEFAULT);
    if (!medium->writes || medium->error || end == medium->size)
        return 0;
    int result;
    do
        result = ftruncate(medium->descriptor, (off_t)end);
    while (result != 0 && errno == EINTR);
    if (result != 0)
        note(medium, errno);
    else
        medium->size = end;
    return 0;
}

/* ---- the driver ---- */

/* What HDF5's own driver says of itself, so that files are laid out alike; but for reading without
 * the accumulator, which copies from beyond its end what lies at a forged address. */
static herr_t get_features(const H5FD_t *file, unsigned long *features) {
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
                H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA |
                H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    if (file && !medium_of(file)->writes)
        *features &= ~(unsigned long)H5FD_FEAT_ACCUMULATE_METADATA;
    return 0;
}

static const H5FD_class_t driver = {
    .name = "normlab",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(struct hdf5_medium *),
    .open = open_medium,
    .close = close_medium,
    .query = get_features,
    .get_eoa = get_allocated,
    .set_eoa = set_allocated,
    .get_eof = get_size,
    .read = read_medium,
    .write = write_medium,
    .truncate = fit_medium,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* A reader comes by once: of what it has seen HDF5 would keep up to 32 MB, far more than a
 * processor's cache holds. */
static herr_t keep_little(hid_t access) {
    enum { KEPT = 512 << 10 };
    H5AC_cache_config_t cache = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Pget_mdc_config(access, &cache) < 0)
        return -1;
    cache.set_initial_size = true;
    cache.initial_size = cache.min_size = cache.max_size = KEPT;
    cache.incr_mode = H5C_incr__off;
    cache.flash_incr_mode = H5C_flash_incr__off;
    cache.decr_mode = H5C_decr__off;
    return H5Pset_mdc_config(access, &cache);
}

hid_t hdf5_access(struct hdf5_medium *medium) {
    static hid_t id = -1;
    if (id < 0)
        id = H5FDregister(&driver);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0 && H5Pset_driver(access, id, &medium) >= 0 &&
        (medium->writes || keep_little(access) >= 0))
        return access;
    if (access >= 0)
        H5Pclose(access);
    return -1;
}
