/* HDF5's reasons in words. */
#include "io/hdf5_library.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/visible.h"

enum { REASON_SIZE = 512 };

/* Freed memory that HDF5 keeps for the next of its kind: its own limit is less than the one table
 * that each open file has, which it would ask the system for again and again. */
enum { KEPT_OF_ONE = 4 << 20, KEPT_OF_ALL = 16 << 20 };

static _Thread_local int noted; /* errno */

/* Every file is closed where it was opened: HDF5's own clean-up at exit is called off, since it
 * would crash on a file that could not be closed on a full disk. */
void hdf5_begin(void) {
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5Lunregister(H5L_TYPE_EXTERNAL); /* no name leads to another file, */
    H5PLset_loading_state(0);         /* and no dataset to a library */
    H5set_free_list_limits(KEPT_OF_ALL, KEPT_OF_ONE, KEPT_OF_ALL, KEPT_OF_ONE, KEPT_OF_ALL,
                           KEPT_OF_ONE);
    noted = 0;
}

hid_t hdf5_transfer(void) {
    enum { BUFFER_SIZE = 65536 };
    static hid_t id = -1;
    if (id < 0) {
        id = H5Pcreate(H5P_DATASET_XFER);
        H5Pset_buffer(id, BUFFER_SIZE, NULL, NULL);
    }
    return id;
}

void hdf5_note_error(int error) {
    if (!noted)
        noted = error;
}

int hdf5_noted_error(void) {
    return noted;
}

/* The first error of an upward walk is the innermost. Of the drivers' descriptions only the
 * system's words are kept: the rest is addresses and times. */
static herr_t innermost(unsigned n, const H5E_error2_t *error, void *context) {
    static const char system_error[] = "error message = '";
    char *reason = context;
    if (error->maj_num == H5E_RESOURCE)
        hdf5_note_error(ENOMEM);
    if (n > 0 || !error->desc)
        return 0;
    const char *words = strstr(error->desc, system_error);
    if (words) {
        words += sizeof system_error - 1;
        snprintf(reason, REASON_SIZE, "%.*s", (int)strcspn(words, "'"), words);
    } else {
        snprintf(reason, REASON_SIZE, "%s", error->desc);
    }
    return 0;
}

bool hdf5_yes(htri_t answer) {
    char reason[REASON_SIZE];
    if (answer < 0)
        H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
    return answer > 0;
}

enum status hdf5_fail(enum status status, const char *format, ...) {
    char reason[REASON_SIZE] = "";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, reason);
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return reason[0] ? fail(status, "%s: %s", text, reason) : fail(status, "%s", text);
}

enum status hdf5_fail_read(const char *what, const char *name) {
    return hdf5_fail(ERROR_RESULTS, "cannot read %s '%s' (the file is damaged)", what, name);
}

enum status hdf5_fail_write(const char *what, const char *name) {
    return hdf5_fail(ERROR_RUN, "cannot write %s '%s'", what, name);
}

/* Names are looked up again, so that escapes in them would be other names. */
enum status hdf5_check_name(const char *name) {
    enum { MOST = 1023 };
    size_t size = strlen(name);
    if (size > MOST)
        return fail(ERROR_RESULTS, "a name of %zu characters in it", size);
    return name[text_plain(name)]
               ? fail(ERROR_RESULTS, "a name with a control character, '%s'", name)
               : OK;
}
