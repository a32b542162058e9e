/* Files and groups of HDF5. */
#include "io/hdf5_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/hdf5_driver.h"
#include "io/lock.h"

_Static_assert(sizeof(hid_t) == sizeof(hdf5_id), "HDF5's ids have 64 bits");

const struct hdf5_file hdf5_no_file = {-1, NULL, 0, -1, -1, -1};

/* ---- files ---- */

/* Other programs' HDF5 locks a file that it writes to. The lock of a file's maker lasts a moment
 * beyond the renaming. Some file systems have no locks. */
static enum status share(int descriptor) {
    enum { SECOND = 100 };
    static bool said;
    int why = lock_wait(descriptor, LOCK_SH, SECOND);
    if (why == EWOULDBLOCK)
        return fail(ERROR_UNREADABLE, "in use by another program, which may be writing to it; "
                                      "close it there");
    if (why)
        notice_once(&said, "no locks on this file system (%s): results are read without",
                    strerror(why));
    return OK;
}

enum status hdf5_check(int descriptor) {
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char begin[sizeof signature] = "";
    if (pread(descriptor, begin, sizeof begin, 0) < 0)
        return fail(ERROR_UNREADABLE, "cannot be read now: %s", strerror(errno));
    if (memcmp(begin, signature, sizeof signature) != 0)
        return fail(ERROR_RESULTS, "not an HDF5 file");
    return share(descriptor);
}

static enum status make_medium(int descriptor, bool writes, struct hdf5_medium **medium) {
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return fail(ERROR_UNREADABLE, "cannot be read now: %s", strerror(errno));
    struct hdf5_medium *made = malloc(sizeof *made);
    if (!made)
        return fail(writes ? ERROR_RUN : ERROR_UNREADABLE, "out of memory");
    *made = (struct hdf5_medium){
        .descriptor = descriptor, .writes = writes, .size = (haddr_t)about.st_size};
    *medium = made;
    return OK;
}

/* Addresses and lengths in the file have 8 bytes, as ours have: the driver counts on it. */
static enum status check_sizes(hid_t file) {
    size_t address = 0, length = 0;
    hid_t creation = H5Fget_create_plist(file);
    bool fit = H5Pget_sizes(creation, &address, &length) >= 0 && address == 8 && length == 8;
    H5Pclose(creation);
    return fit ? OK : fail(ERROR_RESULTS, "written with addresses that normlab does not use");
}

enum status hdf5_open(int descriptor, struct hdf5_file *file) {
    struct hdf5_file result = hdf5_no_file;
    hdf5_begin();
    enum status status = make_medium(descriptor, false, &result.medium);
    if (status)
        return status;
    hid_t access = hdf5_access(result.medium);
    herr_t failed = H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
    result.size = (size_t)result.medium->size;
    if (failed >= 0)
        result.id = H5Fopen("results", H5F_ACC_RDONLY, access);
    if (result.id < 0)
        status = hdf5_fail(ERROR_RESULTS, "cannot open it (truncated or damaged?)");
    else
        status = check_sizes(result.id);
    status = hdf5_close(access, status);
    if (status)
        return hdf5_close_file(&result, status);
    *file = result;
    return OK;
}

/* Attributes lie in their object's header up to this many, more than any of ours has: beyond that
 * HDF5 makes an index, which takes longer to write and to read, and half as much room again. */
enum { MOST_COMPACT = 1000 };

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
        failed |= H5Pset_attr_phase_change(objects[i], MOST_COMPACT, MOST_COMPACT);
    }
    failed |= H5Pset_link_creation_order(creation, order);
    failed |= H5Pset_link_creation_order(file->group_plist, order);
    failed |= H5Tset_size(file->text_type, H5T_VARIABLE);
    failed |= H5Tset_cset(file->text_type, H5T_CSET_UTF8);
    return failed;
}

static enum status release(struct hdf5_file *file, enum status status) {
    status = hdf5_close(file->group_plist, status);
    status = hdf5_close(file->dataset_plist, status);
    status = hdf5_close(file->text_type, status);
    free(file->medium);
    *file = hdf5_no_file;
    return status;
}

/* HDF5 takes a buffer for each dataset that is open and not larger than it. */
enum { SIEVE_SIZE = 4096 };

/* V18 is the newest format that a killed writer cannot lock (research: a flag in the superblock of
 * later ones). */
enum status hdf5_create(int descriptor, struct hdf5_file *file) {
    struct hdf5_file result = hdf5_no_file;
    hdf5_begin();
    enum status status = make_medium(descriptor, true, &result.medium);
    if (status)
        return status;
    hid_t access = hdf5_access(result.medium), creation = H5Pcreate(H5P_FILE_CREATE);
    herr_t failed = prepare(&result, creation);
    failed |= H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    failed |= H5Pset_fclose_degree(access, H5F_CLOSE_SEMI);
    failed |= H5Pset_sieve_buf_size(access, SIEVE_SIZE);
    if (failed >= 0)
        result.id = H5Fcreate("results", H5F_ACC_TRUNC, creation, access);
    if (result.id < 0)
        status = hdf5_fail(ERROR_RUN, "cannot make an HDF5 file");
    status = hdf5_close(access, status);
    status = hdf5_close(creation, status);
    if (status)
        return hdf5_close_file(&result, status);
    *file = result;
    return OK;
}

/* What the medium has to say of it. */
static enum status last_word(const struct hdf5_medium *medium, enum status status) {
    if (medium->writes && medium->error)
        return fail(ERROR_RUN, "cannot be written: %s", strerror(medium->error));
    if (!medium->writes && hdf5_noted_error())
        return fail(ERROR_UNREADABLE, "cannot be read now: %s", strerror(hdf5_noted_error()));
    return status;
}

enum status hdf5_close_file(struct hdf5_file *file, enum status status) {
    if (file->id >= 0 && H5Fclose(file->id) < 0) {
        if (!status)
            status = hdf5_fail(ERROR_RUN, "cannot close the file");
        file->medium->error = EBADF; /* HDF5 still has it: it comes to nothing */
        file->medium->descriptor = -1;
        file->medium = NULL;
    }
    if (file->medium)
        status = last_word(file->medium, status);
    return release(file, status);
}

const char *hdf5_version(void) {
    static char text[32];
    unsigned major = 0, minor = 0, release_number = 0;
    H5get_libversion(&major, &minor, &release_number);
    snprintf(text, sizeof text, "%u.%u.%u", major, minor, release_number);
    return text;
}

/* ---- groups and what is in them ---- */

enum status hdf5_close(hdf5_id object, enum status status) {
    if (object < 0 || H5Idec_ref(object) >= 0 || status)
        return status;
    return hdf5_fail(ERROR_RUN, "cannot close a part of the file");
}

/* HDF5's own way of making the groups on the way would give them times. Where a write has failed
 * there is no use in more. */
enum status hdf5_make_group(const struct hdf5_file *file, hdf5_id parent, const char *path,
                            hdf5_id *group) {
    if (file->medium->error)
        return last_word(file->medium, OK);
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
            status = hdf5_close(current, status);
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
               : fail(ERROR_RESULTS, "'%s' is a link to %s, which normlab does not follow", name,
                      info.type == H5L_TYPE_SOFT ? "another place" : "another file");
}

/* Values in the file itself, stored by one of the usual filters or none. */
static enum status check_storage(hid_t dataset) {
    if (H5Dget_offset(dataset) != HADDR_UNDEF)
        return OK; /* one piece of this file */
    hid_t creation = H5Dget_create_plist(dataset);
    enum status status = OK;
    if (H5Pget_layout(creation) == H5D_VIRTUAL || H5Pget_external_count(creation) != 0)
        status = fail(ERROR_RESULTS, "its values lie in another file, which normlab does not open");
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
    status = hdf5_close(creation, status);
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
        status = hdf5_close(id, status);
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
        status = hdf5_close(id, status);
    *is_group = type == H5I_GROUP;
    *object = is_none ? -1 : id;
    return status;
}

bool hdf5_has(hdf5_id parent, const char *name) {
    return hdf5_yes(H5Lexists(parent, name, H5P_DEFAULT));
}

/* Only along an index, in its own order, does HDF5 walk through many names without a table of all,
 * and of a table that it could not fill it frees what is not there. A few stand in the group. */
static bool has_order(hid_t group, const H5G_info_t *info) {
    unsigned order = 0, wanted = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    if (info->storage_type == H5G_STORAGE_TYPE_COMPACT)
        return info->max_corder > 0;
    hid_t creation = H5Gget_create_plist(group);
    bool has = H5Pget_link_creation_order(creation, &order) >= 0 && order == wanted;
    H5Pclose(creation);
    return has;
}

struct name_walk {
    hdf5_visit_name *visit;
    void *context;
    enum status status; /* what the last visit came to */
};

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    struct name_walk *walk = context;
    (void)info;
    enum status status = hdf5_check_name(name);
    walk->status = status ? status : walk->visit(group, name, walk->context);
    return walk->status ? -1 : 0;
}

enum status hdf5_each_name(hdf5_id group, const char *called, hdf5_visit_name *visit,
                           void *context) {
    struct name_walk walk = {visit, context, OK};
    hsize_t at = 0;
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0)
        return hdf5_fail_read("contents of", called);
    if (info.nlinks > 0 && !has_order(group, &info))
        return fail(ERROR_RESULTS, "'%s' does not keep the order of its contents", called);
    bool many = info.storage_type == H5G_STORAGE_TYPE_DENSE;
    herr_t failed = H5Literate(group, H5_INDEX_CRT_ORDER, many ? H5_ITER_NATIVE : H5_ITER_INC, &at,
                               visit_link, &walk);
    return walk.status ? walk.status : failed < 0 ? hdf5_fail_read("contents of", called) : OK;
}

/* ---- scales ----
 *
 * Read here, not by H5DS, which reads attributes into buffers of the size that an honest file
 * needs.
 */

/* A text of fixed length, as H5DS writes them; false: there is none, or none that fits. */
static bool read_fixed_text(hid_t object, const char *name, char text[HDF5_NAME_SIZE]) {
    if (!hdf5_yes(H5Aexists(object, name)))
        return false;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    size_t size = H5Tget_size(type);
    bool fits = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
                size < HDF5_NAME_SIZE && H5Sget_simple_extent_npoints(space) == 1 &&
                H5Aread(attribute, type, text) >= 0;
    text[fits ? size : 0] = '\0';
    enum status status = hdf5_close(space, fits ? OK : ERROR_RESULTS);
    status = hdf5_close(type, status);
    status = hdf5_close(attribute, status);
    return !status;
}

bool hdf5_is_scale(hdf5_id dataset) {
    char class[HDF5_NAME_SIZE];
    return read_fixed_text(dataset, "CLASS", class) && strcmp(class, "DIMENSION_SCALE") == 0;
}

/* The NAME that a scale was given; asking for its path would search the whole file. */
static enum status read_scale_name(hid_t dataset, const hvl_t *scales, struct hdf5_scale *last,
                                   struct pool *pool, const char **name) {
    char text[HDF5_NAME_SIZE] = "";
    hobj_ref_t place = scales->len > 0 ? *(const hobj_ref_t *)scales->p : 0;
    if (place && place == last->place) {
        *name = pool_text(pool, last->name);
        return OK;
    }
    hid_t scale = place ? H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, scales->p) : -1;
    bool named = H5Iget_type(scale) == H5I_DATASET && read_fixed_text(scale, "NAME", text);
    enum status status = hdf5_close(scale, OK);
    if (!status && !named)
        status = fail(ERROR_RESULTS, "a dimension has no scale");
    if (!status)
        status = hdf5_check_name(text);
    if (status)
        return status;
    last->place = place;
    memcpy(last->name, text, sizeof text);
    *name = pool_text(pool, text);
    return OK;
}

enum status hdf5_scale_names(hdf5_id dataset, int n_dims, struct hdf5_scale *last,
                             struct pool *pool, const char **names) {
    hvl_t scales[HDF5_DIMS] = {0};
    enum status status = OK;
    if (n_dims == 0)
        return OK;
    hid_t attribute = H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    hid_t inner = H5Tget_class(type) == H5T_VLEN ? H5Tget_super(type) : -1;
    bool fits = H5Tget_class(inner) == H5T_REFERENCE && H5Tget_size(inner) == sizeof(hobj_ref_t) &&
                H5Sget_simple_extent_npoints(space) == n_dims;
    bool taken = fits && H5Aread(attribute, type, scales) >= 0;
    if (!taken)
        status = fail(ERROR_RESULTS, "its dimensions have no scales");
    for (int d = 0; d < n_dims && !status; d++)
        status = read_scale_name(dataset, &scales[d], last, pool, &names[d]);
    if (taken) /* what a failed read leaves behind are no pointers */
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, scales);
    status = hdf5_close(inner, status);
    status = hdf5_close(space, status);
    status = hdf5_close(type, status);
    status = hdf5_close(attribute, status);
    return status;
}

/* How many chunks are not there; -1: nobody knows. */
static long missing_chunks(hid_t dataset, hid_t made, hid_t space, int rank, const hsize_t *dims) {
    hsize_t chunk[H5S_MAX_RANK], there = 0, wanted = 1;
    if (rank <= 0 || H5Pget_layout(made) != H5D_CHUNKED)
        return rank < 0 ? -1 : 0;
    if (H5Pget_chunk(made, rank, chunk) != rank || H5Dget_num_chunks(dataset, space, &there) < 0)
        return -1;
    for (int d = 0; d < rank; d++)
        wanted *= (dims[d] + chunk[d] - 1) / chunk[d];
    return (long)(wanted - there);
}

enum status hdf5_check_whole(hdf5_id dataset, size_t size) {
    hsize_t dims[H5S_MAX_RANK], room = H5Dget_storage_size(dataset), bytes = size;
    hid_t made = H5Dget_create_plist(dataset), space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    long missing = missing_chunks(dataset, made, space, rank, dims);
    enum status status = OK;
    for (int d = 0; d < rank; d++)
        bytes *= dims[d];
    if (missing < 0)
        status = hdf5_fail(ERROR_RESULTS, "cannot tell whether it is whole");
    else if (missing > 0)
        status = fail(ERROR_RESULTS, "%ld of its chunks were never written", missing);
    else if (H5Pget_layout(made) != H5D_CHUNKED && room > 0 && room < bytes)
        status = fail(ERROR_RESULTS, "it has room for less than its values");
    H5Sclose(space);
    H5Pclose(made);
    return status;
}
