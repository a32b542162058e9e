/* Results files, behind the seal: the input says what becomes of the objects and attributes of a
 * good file ($FUZZ_BASE); the changed file gets a right seal, as a stranger's would have. Commands
 * that read results then go through it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hdf5.h>

#include "base/hash.h"
#include "base/pool.h"
#include "cli/command.h"
#include "lab/figure/figure_data.h"
#include "lab/figure/figure_list.h"
#include "lab/figure/figure_prepare.h"
#include "lab/store/store.h"
#include "lab/store/wrong_rows.h"
#include "tests/fuzz/targets.h"

enum { MOST_CHANGES = 12, CHANGE_SIZE = 4, MOST_VALUES = 64 };

static const char seal_mark[] = "\nnormlab-seal ";

/* ---- the good file ---- */

static struct {
    struct pool pool;
    char *bytes;
    size_t size;
    int n;
    const char **names; /* [n] "/summary/seed", of an attribute "/runs/r1@seed" */
} base;

static void add_name(const char *object, const char *attribute) {
    static int capacity;
    if (base.n == capacity) {
        capacity = 2 * capacity + 256;
        base.names = realloc(base.names, (size_t)capacity * sizeof *base.names);
        if (!base.names)
            abort();
    }
    base.names[base.n++] =
        pool_format(&base.pool, "/%s%s%s", object, *attribute ? "@" : "", attribute);
}

static herr_t add_attribute(hid_t object, const char *name, const H5A_info_t *info, void *path) {
    (void)object, (void)info;
    add_name(path, name);
    return 0;
}

static herr_t add_object(hid_t file, const char *name, const H5O_info_t *info, void *unused) {
    (void)info, (void)unused;
    const char *path = strcmp(name, ".") != 0 ? name : "";
    add_name(path, "");
    hid_t object = H5Oopen(file, name, H5P_DEFAULT);
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, add_attribute, (void *)path);
    H5Oclose(object);
    return 0;
}

static void read_base(void) {
    const char *path = getenv("FUZZ_BASE");
    FILE *in = path ? fopen(path, "rb") : NULL;
    if (!in || !freopen("/dev/null", "w", stdout)) {
        fprintf(stderr, "normlab-fuzz: FUZZ_BASE is not a results file\n");
        exit(2);
    }
    fseek(in, 0, SEEK_END);
    base.size = (size_t)ftell(in);
    rewind(in);
    base.bytes = malloc(base.size);
    if (!base.bytes || fread(base.bytes, 1, base.size, in) != base.size)
        abort();
    fclose(in);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, add_object, NULL, H5O_INFO_BASIC);
    H5Fclose(file);
}

/* ---- changes ---- */

struct change {
    char *object, *attribute; /* attribute: NULL where the object itself changes */
    uint8_t how, value;
};

static hid_t make_compound(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(type, "a", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "b", 8, H5T_NATIVE_INT);
    return type;
}

static hid_t make_type(int which) {
    const hid_t plain[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_INT64,  H5T_NATIVE_INT8, H5T_NATIVE_FLOAT,
                           H5T_STD_U64BE,     H5T_NATIVE_UINT16, H5T_STD_REF_OBJ};
    enum { PLAIN = sizeof plain / sizeof *plain };
    if (which < PLAIN)
        return H5Tcopy(plain[which]);
    hid_t text = H5Tcopy(H5T_C_S1);
    switch (which) {
    case PLAIN: /* without an end */
        H5Tset_size(text, 5);
        return text;
    case PLAIN + 1:
        H5Tset_size(text, H5T_VARIABLE);
        return text;
    case PLAIN + 2:
        H5Tset_size(text, 300);
        H5Tset_strpad(text, H5T_STR_SPACEPAD);
        return text;
    }
    H5Tclose(text);
    return which == PLAIN + 3   ? H5Tvlen_create(H5T_NATIVE_DOUBLE)
           : which == PLAIN + 4 ? H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, (hsize_t[]){3})
           : which == PLAIN + 5 ? H5Tcreate(H5T_OPAQUE, 3)
                                : make_compound();
}

enum { TYPES = 14, SPACES = 8 };

static hid_t make_space(int which) {
    static const hsize_t dims[SPACES][3] = {{0},       {0},       {1, 1, 1}, {6, 1, 1},
                                            {0, 1, 1}, {7, 1, 1}, {6, 2, 1}, {2, 3, 2}};
    static const int ranks[SPACES] = {0, 0, 1, 1, 1, 1, 2, 3};
    if (which == 0)
        return H5Screate(H5S_SCALAR);
    return which == 1 ? H5Screate(H5S_NULL) : H5Screate_simple(ranks[which], dims[which], NULL);
}

/* Bytes that all types take; no pointers, which are never written. */
static void fill(uint8_t value, uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        bytes[i] = value < 64 ? value : (uint8_t)(value * (i + 1));
}

static bool holds_pointers(hid_t type) {
    return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0 ||
           H5Tdetect_class(type, H5T_REFERENCE) > 0;
}

static void write_dataset(hid_t dataset, hid_t type, uint8_t value) {
    static uint8_t bytes[MOST_VALUES * 512];
    static const char *texts[MOST_VALUES];
    for (int i = 0; i < MOST_VALUES; i++)
        texts[i] = value & 1 ? "batch" : "\033[31m\xff<b>\n|x";
    fill(value, bytes, sizeof bytes);
    if (H5Tis_variable_str(type) > 0 && value < 128)
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts);
    else if (!holds_pointers(type))
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes);
}

static void put_dataset(hid_t file, const struct change *change, hid_t type, hid_t space) {
    H5Ldelete(file, change->object, H5P_DEFAULT);
    hid_t dataset =
        H5Dcreate2(file, change->object, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    write_dataset(dataset, type, change->value);
    H5Dclose(dataset);
}

static void put_attribute(hid_t file, const struct change *change, hid_t type, hid_t space) {
    static uint8_t bytes[MOST_VALUES * 512];
    static const char *texts[MOST_VALUES];
    for (int i = 0; i < MOST_VALUES; i++)
        texts[i] = change->value & 1 ? "" : "r0\ttitle\nof two lines";
    fill(change->value, bytes, sizeof bytes);
    H5Adelete_by_name(file, change->object, change->attribute, H5P_DEFAULT);
    hid_t attribute = H5Acreate_by_name(file, change->object, change->attribute, type, space,
                                        H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (H5Tis_variable_str(type) > 0 && change->value < 128)
        H5Awrite(attribute, type, texts);
    else if (!holds_pointers(type))
        H5Awrite(attribute, type, bytes);
    H5Aclose(attribute);
}

static void retype(hid_t file, const struct change *change) {
    hid_t type = make_type(change->how % TYPES), space = make_space(change->how / TYPES % SPACES);
    (change->attribute ? put_attribute : put_dataset)(file, change, type, space);
    H5Tclose(type);
    H5Sclose(space);
}

/* Rows that nobody ever wrote, 2^40 of them. */
static void make_endless(hid_t file, const struct change *change) {
    hid_t list = H5Pcreate(H5P_DATASET_CREATE),
          space = H5Screate_simple(1, (hsize_t[]){(hsize_t)1 << 40}, NULL),
          type = make_type(change->value % TYPES);
    H5Pset_chunk(list, 1, (hsize_t[]){1024});
    H5Ldelete(file, change->object, H5P_DEFAULT);
    H5Dclose(H5Dcreate2(file, change->object, type, space, H5P_DEFAULT, list, H5P_DEFAULT));
    H5Pclose(list);
    H5Sclose(space);
    H5Tclose(type);
}

static void relink(hid_t file, const struct change *change) {
    const char *other = base.names[change->value * 7 % base.n];
    H5Ldelete(file, change->object, H5P_DEFAULT);
    switch (change->value % 4) {
    case 0:
        H5Lcreate_hard(file, other, file, change->object, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 1:
        H5Lcreate_soft(other, file, change->object, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 2:
        H5Lcreate_external("/etc/hostname", "/", file, change->object, H5P_DEFAULT, H5P_DEFAULT);
        break;
    case 3:
        H5Gclose(H5Gcreate2(file, change->object, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        break;
    }
}

static void delete (hid_t file, const struct change *change) {
    if (change->attribute)
        H5Adelete_by_name(file, change->object, change->attribute, H5P_DEFAULT);
    else
        H5Ldelete(file, change->object, H5P_DEFAULT);
}

static void apply(hid_t file, const uint8_t *bytes) {
    struct pool pool = {0};
    struct change change = {.how = bytes[2], .value = bytes[3]};
    change.object = pool_text(&pool, base.names[(bytes[0] + 256 * bytes[1]) % base.n]);
    change.attribute = strchr(change.object, '@');
    if (change.attribute)
        *change.attribute++ = 0;
    if (change.how < TYPES * SPACES)
        retype(file, &change);
    else if (change.how < 140 || change.attribute)
        delete (file, &change);
    else if (change.how < 180)
        make_endless(file, &change);
    else
        relink(file, &change);
    pool_free(&pool);
}

static void seal(const char *path) {
    struct hash hash;
    char text[HASH_TEXT_SIZE], block[1 << 16];
    FILE *file = fopen(path, "r+b");
    hash_begin(&hash);
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        hash_add(&hash, block, n);
    hash_end(&hash, text);
    fseek(file, 0, SEEK_END);
    fprintf(file, "%s%s\n", seal_mark, text);
    fclose(file);
}

/* ---- who reads it ---- */

static void draw(const char *path) {
    struct figure_source source;
    struct pool pool = {0};
    struct figure *figures;
    int n = 0;
    if (figure_source_open(1, &path, &source))
        return;
    if (figure_list(&source, NULL, 0, NULL, &pool, &figures, &n))
        n = 0;
    for (int i = 0; i < n; i++) {
        struct drawing drawing;
        struct table points, data;
        if (figure_prepare(&source, &figures[i], &pool, &drawing))
            continue;
        if (!figure_data(&source, &drawing, &points, &data)) {
            table_free(&points);
            table_free(&data);
        }
        drawing_free(&drawing);
    }
    pool_free(&pool);
    figure_source_close(&source);
}

/* Rows that were wrong, of each run and of a member of its bank. */
static void read_rows(const char *path) {
    static const char *const member[] = {"momentum=0.9", "average=1"};
    struct table summary;
    struct pool pool = {0};
    struct wrong_rows rows;
    if (store_read_summary(path, &summary))
        return;
    const struct column *ids = table_find(&summary, "run");
    for (int i = 0; ids && ids->type == TYPE_TEXT && i < summary.n_rows; i++) {
        if (!wrong_rows_read(path, ids->texts[i], "test_error_scored", 0, NULL, &pool, &rows) &&
            rows.bits && wrong_rows_count(&rows) > rows.m)
            abort();
        if (!wrong_rows_read(path, ids->texts[i], "bank/test_error", 2, member, &pool, &rows) &&
            rows.bits && wrong_rows_count(&rows) > rows.m)
            abort();
    }
    pool_free(&pool);
    table_free(&summary);
}

static void read_results(const char *path) {
    const char *const lines[][8] = {
        {"normlab", "show", path},
        {"normlab", "table", path},
        {"normlab", "table", path, "--series", "layer*/gamma", "--by", "norm.kind,seed"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int n = 0;
        while (n < 8 && lines[i][n])
            n++;
        command_main(n, lines[i]);
    }
    draw(path);
    read_rows(path);
}

void fuzz_results(const char *text, size_t size) {
    if (!base.bytes)
        read_base();
    const char *path = fuzz_file("results.h5", base.bytes, base.size);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    for (size_t i = 0; i < MOST_CHANGES && (i + 1) * CHANGE_SIZE <= size; i++)
        apply(file, (const uint8_t *)text + i * CHANGE_SIZE);
    H5Fclose(file);
    seal(path);
    read_results(path);
}
