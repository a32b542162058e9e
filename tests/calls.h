/* System calls that fail on demand. The test program's own functions stand before the C library's;
 * they pass a call on while nobody wants it to fail. */
#pragma once

/* Which call goes wrong, counted from 1, and how. */
struct test_fault {
    long at;   /* 0: none */
    int error; /* 0: it says that all is well, and has done nothing */
    long n;    /* calls so far */
};

struct test_calls {
    int flock_error, fsync_error, rename_error; /* 0: the call is made */
    unsigned file_system;                       /* what fstatfs calls its type; 0: the truth */
    int (*write_error)(int descriptor);         /* likewise, before write */
    int (*pwrite_error)(int descriptor);
    const char *hidden_name;             /* that readdir does not give; NULL: none */
    int (*open_error)(const char *path); /* asked before open and access; NULL: 0;
                                                 -1: access says that it is there */
    int n_files_synced, n_folders_synced;
    struct test_fault pwrite, pread, ftruncate;
};

extern struct test_calls test_calls;
