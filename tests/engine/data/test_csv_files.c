/* CSV: what tables can hold, and what they cannot. */
#include "tests/engine/data/idx_files.h"

#include <sys/stat.h>

#include "engine/data/source.h"
#include "engine/format/csv_field.h"

static struct folder folder;
static struct data_source *source;

static void begin(void) {
    folder = folder_create();
}

static void end(void) {
    data_source_free(source);
    source = NULL;
    folder_remove(&folder);
}

static const char *write_text(const char *name, const char *text) {
    const char *path = folder_path(&folder, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", path);
    return path;
}

static struct data_config usual(const char *path) {
    return (struct data_config){
        .name = DATA_CSV, .dir = path, .target = "", .header = true, .test_share = .25};
}

static enum status load(const struct data_config *config) {
    data_source_free(source);
    source = NULL;
    return data_source_load(config, &source);
}

static enum status load_text(const char *text) {
    const struct data_config config = usual(write_text("data.csv", text));
    return load(&config);
}

TestSuite(csv_files, .init = begin, .fini = end);

/* Rows 3 and 7 are for testing. */
static const char *const eight = "a,b,kind\n1,2,cat\n3,4,dog\n5,6,ant\n7,8,cat\n"
                                 "9,10,dog\n11,12,ant\n13,14,cat\n15,16,ant\n";

Test(csv_files, words_are_classes_in_the_order_of_the_alphabet) {
    cr_assert(load_text(eight) == OK, "%s", status_message());
    cr_expect(source->n_train_rows == 6 && source->n_test_rows == 2 && source->n_features == 2);
    cr_assert(source->n_classes == 3 && source->train_bytes && source->class_names);
    cr_expect(!memcmp(source->train_labels, (uint8_t[]){1, 2, 0, 2, 0, 1}, 6), "training labels");
    cr_expect(!memcmp(source->test_labels, (uint8_t[]){1, 0}, 2), "test labels");
    cr_expect(!memcmp(source->train_bytes, (uint8_t[]){1, 2, 3, 4, 5, 6, 9, 10}, 8), "rows");
    cr_expect(!memcmp(source->test_bytes, (uint8_t[]){7, 8, 15, 16}, 4), "test rows");
    cr_expect(!strcmp(source->class_names[0], "ant") && !strcmp(source->class_names[2], "dog"));
}

/* However it is written: the content is the same. */
Test(csv_files, quotes_ends_of_lines_separators_and_marks) {
    static const char *const written[] = {
        "a,b,kind\r\n1,2,cat\r\n3,4,dog\r\n5,6,ant\r\n7,8,cat\r\n"
        "9,10,dog\r\n11,12,ant\r\n13,14,cat\r\n15,16,ant",
        "\xef\xbb\xbf\"a\",\"b\",\"kind\"\n\"1\",\"2\",\"cat\"\n3,4,dog\n5,6,ant\n7,8,cat\n"
        "9,10,dog\n11,12,ant\n13,14,cat\n15,16,ant\n",
        "a;b;kind\n1;2;cat\n3;4;dog\n5;6;ant\n7;8;cat\n9;10;dog\n11;12;ant\n13;14;cat\n15;16;ant",
        "a\tb\tkind\n1\t2\tcat\n\n3\t4\tdog\n5\t6\tant\n7\t8\tcat\n9\t10\tdog\n11\t12\tant\n"
        "13\t14\tcat\n15\t16\tant\n\n\n",
        "a,b,kind\r1,2,cat\r3,4,dog\r5,6,ant\r7,8,cat\r9,10,dog\r11,12,ant\r13,14,cat\r15,16,ant\r",
        "a, b, kind\n1, 2.0, cat\n3, 4e0, dog\n5, 6, ant\n7, 8, cat\n"
        "9, 1e1, dog\n11, +12, ant\n13, 14, cat\n15, 16, ant\n",
    };
    cr_assert(load_text("\"a,b\";kind\n1;x\n2;y\n3;x\n4;y\n5;x\n6;y\n7;x\n8;y\n") == OK, "%s",
              status_message());
    cr_expect(source->n_features == 1, "a comma within quotes separates");
    char hash[33];
    cr_assert(load_text(eight) == OK, "%s", status_message());
    memcpy(hash, source->hash, sizeof hash);
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        cr_assert(load_text(written[i]) == OK, "%zu: %s", i, status_message());
        cr_expect(!strcmp(source->hash, hash), "%zu: another content", i);
    }
}

Test(csv_files, target_by_name_by_number_and_no_header) {
    struct data_config config = usual(write_text(
        "data.csv", "kind,a,b\n0,1.5,2\n1,3,4\n0,5,6\n1,7,8\n0,9,10\n1,1,2\n0,3,4\n1,5,6\n"));
    config.target = "kind";
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(!source->class_names && source->n_classes == 2 && source->train_values);
    char hash[33];
    memcpy(hash, source->hash, sizeof hash);
    config.target = "0";
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(!strcmp(source->hash, hash));
    config.dir =
        write_text("data.csv", "0,1.5,2\n1,3,4\n0,5,6\n1,7,8\n0,9,10\n1,1,2\n0,3,4\n1,5,6\n");
    config.header = false;
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(!strcmp(source->hash, hash), "without a header: another content");
    config.target = "kind";
    ASSERT_FAILURE("name", load(&config), ERROR_DATA, "data.csv:1", "no column 'kind'");
    config.target = "3";
    ASSERT_FAILURE("number", load(&config), ERROR_DATA, "data.csv:1", "no column '3'", "among 3");
}

Test(csv_files, fractions_are_numbers) {
    const char *const text = "x,y\n1,0.5\n2,1\n3,2\n4,3\n5,4\n";
    struct data_config config = usual(write_text("data.csv", text));
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_assert(source->train_targets && !source->train_labels && source->n_classes == 1);
    cr_expect(source->train_targets[0] == .5f && (int)source->test_targets[0] == 3);
    config.targets = TARGETS_CLASSES;
    ASSERT_FAILURE("classes", load(&config), ERROR_DATA, "data.csv:2: column 'y'", "not whole");
    config.dir = write_text("data.csv", "x,y\n1,0\n2,1\n3,2\n4,3\n5,4\n");
    config.targets = TARGETS_NUMBERS;
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(source->train_targets && !source->train_labels);
    config.dir = write_text("data.csv", "x,y\n1,0\n2,1\n3,b\n4,3\n5,4\n");
    ASSERT_FAILURE("a word", load(&config), ERROR_DATA, "data.csv:4: column 'y': 'b' is no number");
}

Test(csv_files, two_files) {
    const struct data_config config = usual(folder.path);
    write_text("train.csv", "a,b\n1,x\n2,y\n3,x\n");
    ASSERT_FAILURE("one", load(&config), ERROR_DATA, "has no test.csv (plain or .gz)",
                   "name the file");
    write_text("test.csv", "a,b\n4,y\n5,x\n");
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(source->n_train_rows == 3 && source->n_test_rows == 2 && source->train_bytes);
    cr_expect(source->test_labels[0] == 1 && source->test_labels[1] == 0);
    write_text("test.csv", "a,b\n4.5,y\n5,x\n");
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(source->train_values && source->test_values && (int)source->train_values[2] == 3);
    write_text("test.csv", "a,b\n4,y\n5,z\n");
    ASSERT_FAILURE("class", load(&config), ERROR_DATA, "test.csv:3: class 'z'", "train.csv");
    write_text("test.csv", "b,a\n4,y\n5,x\n");
    ASSERT_FAILURE("names", load(&config), ERROR_DATA, "test.csv:1: column 0 is 'b'", "'a'");
    write_text("test.csv", "a,c,b\n4,1,y\n5,1,x\n");
    ASSERT_FAILURE("columns", load(&config), ERROR_DATA, "test.csv has 3 columns");
}

/* Both may be packed, or one; a packed copy beside the plain file is no contradiction. */
Test(csv_files, two_files_with_gz) {
    const struct data_config config = usual(folder.path);
    char command[256], hash[33];
    write_text("train.csv", "a,b\n1,x\n2,y\n3,x\n");
    write_text("test.csv", "a,b\n4,y\n5,x\n");
    cr_assert(load(&config) == OK, "%s", status_message());
    memcpy(hash, source->hash, sizeof hash);
    static const char *const ways[] = {"gzip %s/test.csv", "gzip -k %s/train.csv",
                                       "rm %s/train.csv"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        snprintf(command, sizeof command, ways[i], folder.path);
        cr_assert(system(command) == 0, "%s", command);
        cr_assert(load(&config) == OK, "%s: %s", command, status_message());
        cr_expect(!strcmp(source->hash, hash), "%s: another content", command);
    }
    write_text("train.csv", "a,b\n1,x\n2,y\n3,y\n");
    ASSERT_FAILURE("other", load(&config), ERROR_DATA, "train.csv and ",
                   "train.csv.gz hold different data; remove the one not meant");
    write_text("train.csv", "a,b\n1,x\n2,y\n3,x\n4,y\n");
    ASSERT_FAILURE("more", load(&config), ERROR_DATA, "train.csv.gz hold different data", "");
    write_text("train.csv.gz", "\x1f\x8b\x08");
    ASSERT_FAILURE("cut off", load(&config), ERROR_DATA, "train.csv.gz: the compressed file is",
                   "fetch it again");
}

Test(csv_files, the_same_as_idx) {
    static const char *const names[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    const struct content contents[4] = {images_u8(12, 3), labels_u8(12, 3), images_u8(6, 90),
                                        labels_u8(6, 3)};
    for (int part = 0; part < 2; part++) {
        FILE *file = fopen(folder_path(&folder, part ? "test.csv" : "train.csv"), "w");
        for (int i = 0; i < (part ? 6 : 12); i++) {
            for (int j = 0; j < 6; j++)
                fprintf(file, "%d,", contents[2 * part].bytes[16 + 6 * i + j]);
            fprintf(file, "%d\n", contents[2 * part + 1].bytes[8 + i]);
        }
        fclose(file);
    }
    for (int i = 0; i < 4; i++)
        folder_write(&folder, names[i], &contents[i]);
    struct data_config config = usual(folder.path);
    config.header = false;
    cr_assert(load(&config) == OK, "%s", status_message());
    char hash[33];
    memcpy(hash, source->hash, sizeof hash);
    config.name = DATA_IDX;
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(!strcmp(source->hash, hash), "%s and %s", source->hash, hash);
}

/* Each with its line. */
Test(csv_files, what_is_refused) {
    static const struct {
        const char *text, *word, *word2;
    } bad[] = {
        {"", "has no rows", ""},
        {"a,b\n", "has no rows", ""},
        {"a,b\n1,0\n2\n", "data.csv:3: 1 field, where", "has 2"},
        {"a,b\n1,0\n2,1,3\n", "data.csv:3: 3 fields", "has 2"},
        {"a,b\n1,0\nx,1\n", "data.csv:3: column 'a': 'x' is no number", ""},
        {"a,b\n1,0\n0x10,1\n", "data.csv:3: column 'a': '0x10' is no number", ""},
        {"a,b\n1,0\ninf,1\n", "data.csv:3: column 'a': 'inf' is no number", ""},
        {"a,b\n1,0\n1e99,1\n", "data.csv:3: column 'a': '1e99' is no finite number in float32", ""},
        {"a,b\n1,0\n,1\nNA,1\n", "data.csv:3: column 'a': no value", "2 missing in 3 rows"},
        {"a,b\n1,0\n1,\n", "data.csv:3: column 'b': no value", "1 missing in 2 rows"},
        {"a,b\n1,0\n\"2,1\n3,1\n", "a quote has no end", "data.csv:"},
        {"a,b\n1,0\n2\"2,1\n3,1\n", "data.csv:3: a quote in the middle", ""},
        {"a,b\n1,\"x\ny\"\nz,1\n", "data.csv:4: column 'a': 'z'", ""},
        {"a,b\r\n1,0\r\n\r\nz,1\r\n", "data.csv:4: column 'a': 'z'", ""},
        {"5.1,3.5,setosa\n4.9,3.0,setosa\n", "data.csv:1: '5.1' in the first line",
         "data.header: false"},
        {",2,0\n3,4,1\n", "data.csv:1: '2' in the first line", "data.header: false"},
        {",a,b\n0,1,x\n1,2,y\n", "data.csv:1: the first column has no name", "index=False"},
        {"\"\",\"a\",\"b\"\n\"1\",1,\"x\"\n", "data.csv:1: the first column has no name", ""},
        {"a\n1\n2\n3\n4\n", "data.csv:1", "one column alone"},
        {"a,b\n1,0\n2,0\n3,0\n4,0\n5,0\n", "all labels are 0", "two classes"},
        {"a,b\n1,x\n2,x\n3,x\n4,x\n5,x\n", "all labels are 0", "two classes"},
        {"a,b\n1,0\n2,1\n3,3\n4,0\n5,1\n", "label 3, but no row has label 2",
         "column 'b', of the rows to train on: row 2: "},
        {"a,b\n1,2\n2,1\n3,3\n4,2\n5,1\n",
         "column 'b', of the rows to train on: row 1: label 1, but no row has label 0",
         "subtract 1"},
        {"a,b\n1,1\n2,0\n3,1\n4,2\n5,1\n", "column 'b', of the rows to test on: row 0: label 2",
         "out of range"},
        {"a,b\n1,0\n2,1\n3,0\n4,c\n", "class 'c' is in no row that is for training", "data.csv:5"},
        {"a,b\n1,0\n2,1\n", "leaves none to test on", "data.test_share"},
        {"\xff\xfe"
         "a",
         "UTF-16", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum status status = load_text(bad[i].text);
        ASSERT_FAILURE(bad[i].word, status, ERROR_DATA, "data.csv", bad[i].word, bad[i].word2);
        cr_expect(!source, "%s: a source from nothing", bad[i].word);
    }
    struct data_config config = usual(write_text("data.csv", "a,b\n1,0\n2,1\n3,0\n4,1\n"));
    config.header = false;
    ASSERT_FAILURE("header", load(&config), ERROR_DATA, "data.csv:1: column 0: 'a' is no number",
                   "data.header: true");
    FILE *file = fopen(config.dir, "wb");
    fwrite("a,b\n1,\0\n", 1, 8, file);
    fclose(file);
    ASSERT_FAILURE("zero", load(&config), ERROR_DATA, "data.csv", "is no text");
    file = fopen(config.dir, "wb");
    fputs("a,b\n", file);
    for (int i = 0; i < 200000; i++)
        fprintf(file, "%d,%d\n", i % 7, i % 2);
    fwrite("1,\0\n2,1\n", 1, 8, file);
    fclose(file);
    config.header = true;
    ASSERT_FAILURE("zeros at the end", load(&config), ERROR_DATA, "data.csv", "is no text");
    config = usual(write_text("data.csv", "a,b\n1,0\n2,1\n3,0.99999999\n4,1\n"));
    config.targets = TARGETS_CLASSES;
    ASSERT_FAILURE("a fraction", load(&config), ERROR_DATA, "data.csv:4: column 'b'", "not whole");
    for (int header = 0; header < 2; header++) {
        config = usual(
            write_text("data.csv", header ? "a,b\n1,0\n2,1\n3,0\n4,1\n" : "1,0\n2,1\n3,0\n4,1\n"));
        config.header = header;
        config.target = "-1";
        ASSERT_FAILURE("-1", load(&config), ERROR_DATA, "no column '-1'", "data.target");
    }
    config = usual(config.dir);
    unlink(config.dir);
    ASSERT_FAILURE("none", load(&config), ERROR_DATA, "No such file", "data.dir");
    cr_assert(mkfifo(config.dir, 0600) == 0);
    ASSERT_FAILURE("FIFO", load(&config), ERROR_DATA, "data.csv", "not a file");
}

Test(csv_files, more_classes_than_labels) {
    const char *path = folder_path(&folder, "data.csv");
    FILE *file = fopen(path, "w");
    fputs("a,b\n", file);
    for (int i = 0; i < 300; i++)
        fprintf(file, "1,x%d\n", i);
    fclose(file);
    const struct data_config config = usual(path);
    ASSERT_FAILURE("words", load(&config), ERROR_DATA, "data.csv:258: column 'b'",
                   "more than 256 classes", "data.target");
}

/* ---- gzipped ---- */

/* Rows enough for several pieces of the file: 64 columns and a class. */
static char *many_rows(void) {
    enum { N = 5000, F = 64, ROW = 4 * F + 8 };
    char *text = malloc((size_t)N * ROW), *at = text;
    cr_assert(text, "out of memory");
    uint32_t state = 7;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < F; j++)
            at += sprintf(at, "%u,", (state = state * 1664525 + 1013904223) >> 28);
        at += sprintf(at, "%d\n", (i + i / 5) % 10);
    }
    return text;
}

static const char *write_gz(const char *name, const char *text) {
    const char *path = folder_path(&folder, name);
    gzFile file = gzopen(path, "wb");
    cr_assert(file && gzputs(file, text) > 0 && gzclose(file) == Z_OK, "%s", path);
    return path;
}

/* As scikit-learn's package has its digits: no header, every fifth row for testing. */
Test(csv_files, digits) {
    char *text = many_rows();
    struct data_config config = usual(write_text("digits.csv", text));
    config.header = false;
    config.test_share = .2;
    cr_assert(load(&config) == OK, "%s", status_message());
    char hash[33];
    memcpy(hash, source->hash, sizeof hash);
    config = usual(write_gz("digits.csv.gz", text));
    config.name = DATA_DIGITS;
    config.target = "no column"; /* digits does not read these keys */
    config.targets = TARGETS_NUMBERS;
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(!strcmp(source->hash, hash), "gzipped: another content");
    cr_expect(source->n_train_rows == 4000 && source->n_test_rows == 1000);
    cr_expect(source->n_features == 64 && source->n_classes == 10 && source->train_bytes);
    cr_expect(source->test_labels[0] == 4 && source->test_labels[1] == 0, "not each fifth row");
    free(text);
}

/* What zlib has read before it finds the fault is no data. */
Test(csv_files, a_gzipped_file_that_is_cut_off_or_damaged) {
    char *text = many_rows();
    struct data_config config = usual(folder_path(&folder, "bad.csv.gz"));
    config.header = false;
    static const long cuts[] = {1, 4, 8, 9, 1000, 100000};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        file_cut(write_gz("bad.csv.gz", text), cuts[i]);
        ASSERT_FAILURE("cut", load(&config), ERROR_DATA, "bad.csv.gz:", "is cut off in its rows");
        cr_assert(!source, "a source from nothing");
    }
    for (long at = 1; at <= 8; at++) {
        file_flip(write_gz("bad.csv.gz", text), at);
        ASSERT_FAILURE("trailer", load(&config), ERROR_DATA, "bad.csv.gz:",
                       at <= 4 ? "(incorrect length check)" : "(incorrect data check)");
    }
    file_flip(write_gz("bad.csv.gz", text), 50000);
    ASSERT_FAILURE("data", load(&config), ERROR_DATA, "bad.csv.gz:", "is damaged in its rows");
    free(text);
}

/* Small files may unpack to fields and names that would fill memory. */
Test(csv_files, a_field_and_a_row_without_end) {
    static char block[1 << 16];
    static const struct {
        const char *begin;
        char fill;
        const char *word;
    } bad[] = {
        {"a,b\n1,\"", 'x', "data.csv.gz:2: a field of more than 16777216 bytes"},
        {"", ',', "data.csv.gz:1: more than 4194304 columns"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *path = folder_path(&folder, "data.csv.gz");
        gzFile file = gzopen(path, "wb1");
        memset(block, bad[i].fill, sizeof block);
        gzputs(file, bad[i].begin);
        for (int k = 0; k < 300; k++)
            gzwrite(file, block, sizeof block);
        cr_assert(gzclose(file) == Z_OK, "%s", path);
        const struct data_config config = usual(path);
        ASSERT_FAILURE("bomb", load(&config), ERROR_DATA, bad[i].word);
    }
}

/* As share/data/mlbench.R writes them: classes in the last column of two files. */
Test(csv_files, letters_and_satellite) {
    write_text("train.csv", "x.box,width,class\n2,8,T\n5,12,I\n4,11,D\n");
    write_text("test.csv", "x.box,width,class\n7,11,D\n2,1,T\n");
    static const long names[] = {DATA_LETTERS, DATA_SATELLITE};
    for (int i = 0; i < 2; i++) {
        struct data_config config = usual(folder.path);
        config.name = names[i];
        config.header = false; /* a key that it does not read */
        config.target = "0";
        cr_assert(load(&config) == OK, "%s", status_message());
        cr_expect(source->n_train_rows == 3 && source->n_test_rows == 2);
        cr_expect(source->n_features == 2 && source->n_classes == 3);
        cr_expect(!strcmp(source->class_names[2], "T") && source->train_labels[0] == 2);
        cr_expect(source->test_labels[0] == 0 && source->test_bytes[0] == 7);
    }
}

/* Where one has no name of its own folder, the message says what to install. */
Test(csv_files, how_to_get_a_set) {
    static const struct {
        long name;
        const char *words[2];
    } sets[] = {
        {DATA_DIGITS, {"apt-get install python3-sklearn", "digits.csv.gz"}},
        {DATA_LETTERS, {"apt-get install r-cran-mlbench", "mlbench.R"}},
        {DATA_SATELLITE, {"apt-get install r-cran-mlbench", "mlbench.R"}},
        {DATA_MNIST, {"four IDX files", "data.dir"}},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct data_config config = usual("/nonexistent/normlab");
        config.name = sets[i].name;
        ASSERT_FAILURE("none", load(&config), ERROR_DATA, "/nonexistent/normlab", sets[i].words[0],
                       sets[i].words[1]);
    }
}

/* A million columns; and columns that are constant. */
Test(csv_files, a_wide_table) {
    enum { F = 1000000, N = 5 };
    const char *path = folder_path(&folder, "data.csv");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < F; j++)
            fputs(j == i ? "1," : "0,", file);
        fprintf(file, "%d\n", i % 2);
    }
    fclose(file);
    struct data_config config = usual(path);
    config.header = false;
    cr_assert(load(&config) == OK, "%s", status_message());
    cr_expect(source->n_features == F && source->n_train_rows == 4 && source->train_bytes[0] == 1);
}

Test(csv_files, numbers) {
    static const struct {
        const char *text;
        double number; /* NaN: it is none */
    } fields[] = {
        {"0", 0},
        {"255", 255},
        {"007", 7},
        {"1234567890", 1234567890},
        {"-1.5", -1.5},
        {"+2", 2},
        {"1e-3", 1e-3},
        {".5", .5},
        {"5.", 5},
        {"", __builtin_nan("")},
        {"-", __builtin_nan("")},
        {"1e", __builtin_nan("")},
        {"1 2", __builtin_nan("")},
        {"0x1", __builtin_nan("")},
        {"nan", __builtin_nan("")},
        {"1,5", __builtin_nan("")},
        {"1-2", __builtin_nan("")},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        double number = 77;
        bool expected = fields[i].number == fields[i].number;
        bool is = csv_number(fields[i].text, strlen(fields[i].text), &number);
        cr_expect(is == expected && (!is || number == fields[i].number), "'%s': %g", fields[i].text,
                  number);
    }
}
