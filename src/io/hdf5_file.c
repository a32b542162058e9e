/* Files and groups of HDF5. */
#include "io/hdf5_file.h"

#include <stdio.h>
#include <string.h>

#include "io/hdf5_library.h"

_Static_assert(sizeof(hid_t) == sizeof(hdf5_id), "HDF5's ids have 64 bits");

const struct hdf5_file hdf5_no_file = {-1, 0, -1, -1, -1};

/* ---- files ---- */

enum status hdf5_open(const char *path, struct hdf5_file *file) {
    struct hdf5_file result = hdf5_no_file;
    hsize_t size = 0;
    enum status status = OK;
    hdf5_begin();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
    result.id = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (result.id < 0 || H5Fget_filesize(result.id, &size) < 0)
        status = hdf5_fail(ERROR_RESULTS, "cannot open it (truncated or damaged?)");
    hdf5_close(access);
    result.size = (size_t)size;
    if (!status)
        *file = result;
    else if (result.id >= 0)
        H5Fclose(result.id);
    return status;
}

/* What is set on all that a file holds: no times, and creation order, so that readers list things
 * in the order in which they were written. */
static herr_t prepare(struct hdf5_file *file, hid_t creation) {
    unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    file->group_plist = H5Pcreate(H5P_GROUP_CREATE);
    file->dataset_plist = H5Pcreate(H5P_DATASET_CREATE);
    file->text_type = H5Tcopy(H5T_C_S1);
    hid_t objects[] = {creation, file->group_plist, file->dataset_plist};
    herr_t failed = 0;
    for (int i = 0; i < 3; i++) {
        failed |= H5Pset_obj_track_times(objects[i], false);
        failed |= H5Pset_attr_creation_order(objects[i], order);
    }
    failed |= H5Pset_link_creation_order(creation, order);
    failed |= H5Pset_link_creation_order(file->group_plist, order);
    failed |= H5Tset_size(file->text_type, H5T_VARIABLE);
    failed |= H5Tset_cset(file->text_type, H5T_CSET_UTF8);
    return failed;
}

static void release(struct hdf5_file *file) {
    hdf5_close(file->group_plist);
    hdf5_close(file->dataset_plist);
    hdf5_close(file->text_type);
    *file = hdf5_no_file;
}

/* V18 is the newest format that a killed writer cannot lock (research: a flag in the superblock of
 * later ones). */
enum status hdf5_create(const char *path, struct hdf5_file *file) {
    struct hdf5_file result = hdf5_no_file;
    hdf5_begin();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
    herr_t failed = prepare(&result, creation);
    failed |= H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    failed |= H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
    failed |= H5Pset_file_locking(access, false, true); /* the draft's maker holds the lock */
    if (failed >= 0)
        result.id = H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
    enum status status = result.id < 0 ? hdf5_fail_write("file", path) : OK;
    hdf5_close(access);
    hdf5_close(creation);
    if (status)
        release(&result);
    else
        *file = result;
    return status;
}

/* HDF5 1.10.8 has freed the file even where it says that closing failed (a full disk), and crashes
 * when asked again. */
enum status hdf5_close_file(struct hdf5_file *file) {
    enum status status = OK;
    if (file->id >= 0 && H5Fclose(file->id) < 0)
        status = hdf5_fail(ERROR_RUN, "cannot close the file");
    release(file);
    return status;
}

bool hdf5_is_file(const char *path) {
    hdf5_begin();
    return H5Fis_hdf5(path) > 0;
}

const char *hdf5_version(void) {
    static char text[32];
    unsigned major = 0, minor = 0, release_number = 0;
    H5get_libversion(&major, &minor, &release_number);
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, release_number);
    return text;
}

/* ---- groups and what is in them ---- */

enum status hdf5_close(hdf5_id object) {
    if (object < 0 || H5Idec_ref(object) >= 0)
        return OK;
    return hdf5_fail(ERROR_RUN, "cannot close a part of the file");
}

/* HDF5's own way of making the groups on the way would give them times. */
enum status hdf5_make_group(const struct hdf5_file *file, hdf5_id parent, const char *path,
                            hdf5_id *group) {
    struct pool pool = {0};
    char *name = pool_text(&pool, path);
    hid_t current = parent;
    enum status status = OK;
    while (!status && name) {
        char *rest = strchr(name, '/');
        if (rest)
            *rest++ = '\0';
        hid_t next = H5Lexists(current, name, H5P_DEFAULT) > 0
                         ? H5Gopen2(current, name, H5P_DEFAULT)
                         : H5Gcreate2(current, name, H5P_DEFAULT, file->group_plist, H5P_DEFAULT);
        status = next < 0 ? hdf5_fail_write("group", path) : OK;
        if (current != parent)
            hdf5_close(current);
        current = next;
        name = rest;
    }
    if (!status)
        *group = current;
    pool_free(&pool);
    return status;
}

/* Nothing but what lies in the group itself: no way round through this file, none to another. */
static enum status check_link(hid_t parent, const char *name) {
    H5L_info_t info;
    if (strchr(name, '/') || strcmp(name, ".") == 0)
        return fail(ERROR_RESULTS, "no name of a part of a file: '%s'", name);
    if (H5Lget_info(parent, name, &info, H5P_DEFAULT) < 0)
        return hdf5_fail(ERROR_RESULTS, "there is no '%s'", name);
    return info.type == H5L_TYPE_HARD
               ? OK
               : fail(ERROR_RESULTS, "'%s' is a link to %s: normlab follows none", name,
                      info.type == H5L_TYPE_SOFT ? "another place" : "another file");
}

/* Values in the file itself, stored by one of the usual filters or none. */
static enum status check_storage(hid_t dataset) {
    hid_t creation = H5Dget_create_plist(dataset);
    enum status status = OK;
    if (H5Pget_layout(creation) == H5D_VIRTUAL || H5Pget_external_count(creation) != 0)
        status = fail(ERROR_RESULTS, "its values lie in another file: normlab opens none");
    for (int i = 0; i < H5Pget_nfilters(creation) && !status; i++) {
        unsigned flags, configuration;
        size_t n_values = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(creation, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &configuration);
        if (filter < H5Z_FILTER_DEFLATE || filter > H5Z_FILTER_FLETCHER32)
            status = fail(ERROR_RESULTS,
                          "its values are stored by filter %d, which normlab does "
                          "not read",
                          (int)filter);
    }
    hdf5_close(creation);
    return status;
}

enum status hdf5_open_group(hdf5_id parent, const char *name, hdf5_id *group) {
    enum status status = check_link(parent, name);
    if (status)
        return status;
    hid_t id = H5Gopen2(parent, name, H5P_DEFAULT);
    if (id < 0)
        return hdf5_fail_read("group", name);
    *group = id;
    return OK;
}

enum status hdf5_open_dataset(hdf5_id parent, const char *name, hdf5_id *dataset) {
    enum status status = check_link(parent, name);
    if (status)
        return status;
    hid_t id = H5Dopen2(parent, name, H5P_DEFAULT);
    if (id < 0)
        return hdf5_fail_read("dataset", name);
    status = check_storage(id);
    if (status)
        hdf5_close(id);
    else
        *dataset = id;
    return status ? fail_in(status, "dataset '%s'", name) : OK;
}

enum status hdf5_open_object(hdf5_id parent, const char *name, hdf5_id *object, bool *is_group) {
    enum status status = check_link(parent, name);
    if (status)
        return status;
    hid_t id = H5Oopen(parent, name, H5P_DEFAULT);
    if (id < 0)
        return hdf5_fail_read("object", name);
    H5I_type_t type = H5Iget_type(id);
    if (type == H5I_DATASET)
        status = check_storage(id);
    bool is_none = status || (type != H5I_GROUP && type != H5I_DATASET);
    if (is_none)
        hdf5_close(id);
    *is_group = type == H5I_GROUP;
    *object = is_none ? -1 : id;
    return status;
}

bool hdf5_has(hdf5_id parent, const char *name) {
    return H5Lexists(parent, name, H5P_DEFAULT) > 0;
}

/* What a walk carries through HDF5. */
struct walk {
    hdf5_visit_name *visit;
    void *context;
    enum status status; /* what the last visit came to */
};

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    (void)info;
    struct walk *walk = context;
    walk->status = hdf5_check_name(name);
    if (!walk->status)
        walk->status = walk->visit(group, name, walk->context);
    return walk->status ? -1 : 0;
}

enum status hdf5_each_name(hdf5_id group, const char *called, hdf5_visit_name *visit,
                           void *context) {
    struct walk walk = {visit, context, OK};
    hsize_t at = 0;
    herr_t failed = H5Literate(group, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_link, &walk);
    return walk.status ? walk.status : failed < 0 ? hdf5_fail_read("contents of", called) : OK;
}
