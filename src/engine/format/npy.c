/* Reading .npy: the header by its grammar, then the values in the file's order. */
#include "engine/format/npy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/files.h"

enum { MAX_DIMS = 8, MOST_HEADER = 1 << 16, MOST_DESCR = 64, MAGIC = 8 /* with the version */ };

struct header {
    char descr[MOST_DESCR];
    bool fortran;
    int n_dims;
    uint64_t dims[MAX_DIMS];
};

/* ---- the header ---- */

/* What is left of its text, which ends in a 0. */
struct text {
    const char *at;
    size_t from; /* place of the text in the file */
    const char *begin;
};

static enum status fail_header(const struct text *text, const char *what) {
    return fail(ERROR_DATA, "byte %zu: its header is damaged: %s",
                text->from + (size_t)(text->at - text->begin), what);
}

static void skip_spaces(struct text *text) {
    text->at += strspn(text->at, " ");
}

static bool take(struct text *text, char character) {
    skip_spaces(text);
    if (*text->at != character)
        return false;
    text->at++;
    return true;
}

static bool take_word(struct text *text, const char *word) {
    size_t size = strlen(word);
    skip_spaces(text);
    if (strncmp(text->at, word, size) != 0)
        return false;
    text->at += size;
    return true;
}

/* 'word' or "word", without escapes. */
static enum status read_quoted(struct text *text, size_t most, char *word) {
    skip_spaces(text);
    char quote = *text->at;
    if (quote != '\'' && quote != '"')
        return fail_header(text, "a word in quotes belongs here");
    size_t size = strcspn(text->at + 1, "'\"\\\n");
    if (text->at[1 + size] != quote || size >= most)
        return fail_header(text, "a word without its end");
    memcpy(word, text->at + 1, size);
    word[size] = '\0';
    text->at += size + 2;
    return OK;
}

static enum status read_descr(struct text *text, struct header *header) {
    skip_spaces(text);
    if (*text->at == '[')
        return fail(ERROR_DATA, "holds records of several fields; save each array by itself");
    return read_quoted(text, sizeof header->descr, header->descr);
}

static enum status read_order(struct text *text, struct header *header) {
    header->fortran = take_word(text, "True");
    return header->fortran || take_word(text, "False")
               ? OK
               : fail_header(text, "True or False belongs here");
}

static enum status read_dim(struct text *text, uint64_t *dim) {
    enum { DIGITS = 18 };
    size_t n = strspn(text->at, "0123456789");
    if (n < 1 || n > DIGITS)
        return fail_header(text, "a dimension is no number, or one of more than 18 digits");
    *dim = strtoull(text->at, NULL, 10);
    text->at += n + (text->at[n] == 'L'); /* of Python 2 */
    return OK;
}

/* (60000, 784), (60000,) or (). */
static enum status read_shape(struct text *text, struct header *header) {
    if (!take(text, '('))
        return fail_header(text, "( belongs here");
    while (!take(text, ')')) {
        if (header->n_dims == MAX_DIMS)
            return fail(ERROR_DATA, "has more than %d dimensions", MAX_DIMS);
        enum status status = read_dim(text, &header->dims[header->n_dims++]);
        if (status)
            return status;
        skip_spaces(text);
        if (!take(text, ',') && *text->at != ')')
            return fail_header(text, ", or ) belongs here");
    }
    return OK;
}

static const struct {
    const char *name;
    enum status (*read)(struct text *text, struct header *header);
} fields[] = {{"descr", read_descr}, {"fortran_order", read_order}, {"shape", read_shape}};

enum { FIELDS = sizeof fields / sizeof *fields };

/* One field and what is after it; `seen` has a bit for each that was there. */
static enum status read_field(struct text *text, unsigned *seen, struct header *header) {
    char name[MOST_DESCR];
    enum status status = read_quoted(text, sizeof name, name);
    if (status)
        return status;
    int i = 0;
    while (i < FIELDS && strcmp(fields[i].name, name) != 0)
        i++;
    if (i == FIELDS || *seen & 1u << i)
        return fail_header(text, "a field that is unknown, or there twice");
    *seen |= 1u << i;
    if (!take(text, ':'))
        return fail_header(text, ": belongs here");
    status = fields[i].read(text, header);
    skip_spaces(text);
    if (!status && !take(text, ',') && *text->at != '}')
        return fail_header(text, ", or } belongs here");
    return status;
}

static enum status parse_header(struct text *text, struct header *header) {
    unsigned seen = 0;
    if (!take(text, '{'))
        return fail_header(text, "{ belongs here");
    while (!take(text, '}')) {
        enum status status = read_field(text, &seen, header);
        if (status)
            return status;
    }
    skip_spaces(text);
    if (text->at[0] == '\n')
        text->at++;
    if (*text->at)
        return fail_header(text, "something stands behind it");
    return seen == (1u << FIELDS) - 1
               ? OK
               : fail_header(text, "descr, fortran_order or shape is missing");
}

/* ---- types ---- */

static const struct {
    const char *code;
    enum number_type type;
} types[] = {
    {"u1", NUMBER_U8},  {"i1", NUMBER_S8},  {"u2", NUMBER_U16}, {"i2", NUMBER_I16},
    {"u4", NUMBER_U32}, {"i4", NUMBER_I32}, {"u8", NUMBER_U64}, {"i8", NUMBER_I64},
    {"f4", NUMBER_F32}, {"f8", NUMBER_F64},
};

/* What else NumPy has, by the letter of its code, and what to do. */
static const struct {
    char letter;
    const char *what;
} refused[] = {
    {'O', "Python objects (a pickle), which normlab does not read; X.astype('float32') makes "
          "numbers of them"},
    {'b', "truth values; X.astype('uint8') makes numbers of them"},
    {'f', "floats of a size that normlab does not read; X.astype('float32') makes some of 32 bits"},
    {'c', "complex numbers; save real and imaginary parts as columns"},
    {'U', "texts; of classes, save their numbers: np.unique(y, return_inverse=True)[1]"},
    {'S', "texts; of classes, save their numbers: np.unique(y, return_inverse=True)[1]"},
    {'M', "times; save them as numbers"},
    {'m', "times; save them as numbers"},
};

static enum status find_type(const char *descr, enum number_type *type, bool *big_endian) {
    size_t order = strspn(descr, "<>|=") > 0;
    *big_endian = descr[0] == '>';
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(descr + order, types[i].code)) {
            *type = types[i].type;
            return OK;
        }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (descr[order] == refused[i].letter)
            return fail(ERROR_DATA, "holds %s", refused[i].what);
    return fail(ERROR_DATA, "holds values of the type '%s', which normlab does not read", descr);
}

/* ---- the file ---- */

struct npy {
    int descriptor;
    size_t begin, row_size, value_size; /* bytes */
    long n_rows;
    bool fortran;
};

static enum status read_at(int descriptor, size_t at, void *bytes, size_t size) {
    if (file_read_at(descriptor, (off_t)at, bytes, size))
        return OK;
    return fail(ERROR_UNREADABLE, "cannot be read: %s", strerror(errno));
}

/* Column after column in the file: row i of column j is value j n + i. */
static enum status read_columns(const struct npy *npy, long first, long n, uint8_t *raw) {
    size_t size = npy->value_size, width = npy->row_size / size;
    uint8_t *column = malloc((size_t)n * size);
    enum status status = column ? OK : fail(ERROR_RUN, "out of memory for a column");
    for (size_t j = 0; j < width && !status; j++) {
        size_t at = j * (size_t)npy->n_rows + (size_t)first;
        status = read_at(npy->descriptor, npy->begin + at * size, column, (size_t)n * size);
        for (size_t i = 0; i < (size_t)n && !status; i++)
            memcpy(raw + i * npy->row_size + j * size, column + i * size, size);
    }
    free(column);
    return status;
}

static enum status read_rows(void *context, long first, long n, void *raw) {
    const struct npy *npy = context;
    if (npy->fortran)
        return read_columns(npy, first, n, raw);
    return read_at(npy->descriptor, npy->begin + (size_t)first * npy->row_size, raw,
                   (size_t)n * npy->row_size);
}

/* Where the header's text is. */
static enum status find_header(int descriptor, size_t file_size, size_t *begin, size_t *size) {
    static const char magic[] = "\x93NUMPY";
    enum { WORD = sizeof magic - 1, LONGEST = MAGIC + 4 };
    uint8_t head[LONGEST] = {0};
    enum status status = read_at(descriptor, 0, head, file_size < LONGEST ? file_size : LONGEST);
    if (status)
        return status;
    if (memcmp(head, magic, WORD) != 0)
        return fail(ERROR_DATA, "is not a .npy file: it does not begin with \\x93NUMPY");
    int major = head[WORD], minor = head[WORD + 1];
    if (major < 1 || major > 3 || minor != 0)
        return fail(ERROR_DATA, "has version %d.%d of the format; normlab reads 1.0 to 3.0", major,
                    minor);
    *begin = major == 1 ? MAGIC + 2 : MAGIC + 4;
    *size = head[MAGIC] | (size_t)head[MAGIC + 1] << 8;
    if (major > 1)
        *size |= (size_t)head[MAGIC + 2] << 16 | (size_t)head[MAGIC + 3] << 24;
    if (*begin > file_size || *size > file_size - *begin)
        return fail(ERROR_DATA, "is cut off in its header");
    if (*size > MOST_HEADER)
        return fail(ERROR_DATA, "has a header of %zu bytes, of which an array needs 100", *size);
    return OK;
}

static enum status read_header(int descriptor, size_t file_size, size_t *end,
                               struct header *header) {
    size_t begin = 0, size = 0;
    enum status status = find_header(descriptor, file_size, &begin, &size);
    if (status)
        return status;
    char *bytes = malloc(size + 1);
    if (!bytes)
        return fail(ERROR_RUN, "out of memory for a header");
    status = read_at(descriptor, begin, bytes, size);
    bytes[size] = '\0';
    struct text text = {bytes, begin, bytes};
    if (!status && memchr(bytes, 0, size))
        status = fail_header(&text, "it is no text");
    if (!status)
        status = parse_header(&text, header);
    free(bytes);
    *end = begin + size;
    return status;
}

static enum status check_length(const struct npy *npy, size_t file_size) {
    size_t size = (size_t)npy->n_rows * npy->row_size, there = file_size - npy->begin;
    if (size > there)
        return fail(ERROR_DATA, "is cut off in its values: %zu bytes of %zu are there", there,
                    size);
    if (size < there)
        return fail(ERROR_DATA, "goes on after the last value that its header announces");
    return OK;
}

static enum status read_open(int descriptor, const struct array *like, struct array *array) {
    struct stat info;
    struct header header = {0};
    struct npy npy = {.descriptor = descriptor};
    struct array_rows rows = {.read = read_rows, .context = &npy};
    enum number_type type = NUMBER_U8;
    if (fstat(descriptor, &info) != 0)
        return fail(ERROR_UNREADABLE, "cannot be read: %s", strerror(errno));
    enum status status = read_header(descriptor, (size_t)info.st_size, &npy.begin, &header);
    if (!status)
        status = find_type(header.descr, &type, &rows.big_endian);
    if (!status && header.n_dims == 0)
        status = fail(ERROR_DATA, "holds a single number and no array");
    if (!status && header.fortran && header.n_dims > 2)
        status = fail(ERROR_DATA, "is in Fortran's order; save np.ascontiguousarray(X)");
    if (!status)
        status = array_set_shape(type, header.n_dims, header.dims, array);
    if (status)
        return status;
    npy.n_rows = array->n_rows;
    npy.value_size = number_type_size(type);
    npy.row_size = (size_t)array->n_features * npy.value_size;
    npy.fortran = header.fortran && array->n_features > 1;
    status = check_length(&npy, (size_t)info.st_size);
    return status ? status : array_read(&rows, like, array);
}

enum status npy_read(const char *path, const struct array *like, struct array *array) {
    struct array read = {0};
    int descriptor;
    enum status status = file_open(path, &descriptor);
    if (status)
        return fail_in(status == ERROR_UNREADABLE ? status : ERROR_DATA, "%s: cannot be opened",
                       path);
    status = read_open(descriptor, like, &read);
    close(descriptor); /* only read from */
    if (status) {
        array_free(&read);
        return fail_in(status, "%s", path);
    }
    *array = read;
    return OK;
}
