/* The way by which HDF5 reaches a file: a descriptor that we opened, and nothing else. HDF5 opens
 * no path, takes no lock, and comes to no other file through a link.
 *
 * What fails is remembered here, because HDF5 1.10.8 is no place to report it: where a write fails
 * while it flushes or closes, it drops the error and publishes zeros, or crashes. It is told that
 * all is well; hdf5_close_file says otherwise. */
#pragma once

#include "io/hdf5_library.h"

/* What is read at once where HDF5 asks for a few bytes: a small run's file is little more. */
enum { HDF5_WINDOW = 16 << 10 };

/* Outlives the file that HDF5 makes of it. */
struct hdf5_medium {
    int descriptor; /* the owner's to close */
    bool writes;
    bool opened;       /* by HDF5 */
    haddr_t size;      /* bytes that are there */
    int error;         /* errno of the first write that failed, or read of a file that is written */
    haddr_t window_at; /* of a file that is not written: what was read last, and where it lay */
    size_t window_size;
    unsigned char window[HDF5_WINDOW];
};

/* A list of file access properties that leads to the medium; negative: none. */
hid_t hdf5_access(struct hdf5_medium *medium);
