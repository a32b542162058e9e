/* Files in the making: whole or not at all, and swept away only where their maker is no more. */
#include "io/draft.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/files.h"
#include "tests/calls.h"

static char folder[64];

static void create_folder(void) {
    test_calls.file_system = TMPFS_MAGIC; /* whatever /tmp is */
    snprintf(folder, sizeof folder, "/tmp/normlab-test-draft-XXXXXX");
    cr_assert(mkdtemp(folder), "%s", strerror(errno));
}

static const char *in_folder(const char *name) {
    static char paths[4][1024];
    static int at;
    at = (at + 1) % 4;
    snprintf(paths[at], sizeof paths[at], "%s/%s", folder, name);
    return paths[at];
}

/* Removes what is in the folder, if asked to; returns how many there are. */
static int count_files(bool remove) {
    int n = 0;
    DIR *open = opendir(folder);
    for (const struct dirent *entry; (entry = readdir(open));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            n++;
            if (remove)
                unlinkat(dirfd(open), entry->d_name, 0);
        }
    closedir(open);
    return n;
}

static void remove_folder(void) {
    count_files(true);
    rmdir(folder);
}

TestSuite(draft, .init = create_folder, .fini = remove_folder);

/* ---- one draft ---- */

static void assert_text(const char *path, const char *expected) {
    struct pool pool = {0};
    char *text = "";
    enum status status = file_read(path, &pool, &text);
    cr_assert(!status && strcmp(text, expected) == 0, "%s: '%s', not '%s'", path, text, expected);
    pool_free(&pool);
}

static void open_draft(const char *path, struct draft *draft) {
    enum status status = draft_open(path, draft);
    cr_assert(!status, "%s", status_message());
}

Test(draft, is_seen_when_it_is_published_and_not_before) {
    struct draft draft;
    const char *path = in_folder("x.h5");
    open_draft(path, &draft);
    cr_assert(strncmp(draft.temporary, path, strlen(path)) == 0, "'%s' is not beside '%s'",
              draft.temporary, path);
    cr_assert(draft_write(&draft, "one", 3) == OK, "%s", status_message());
    cr_assert(access(path, F_OK) != 0, "it is there before it is published");
    cr_assert(draft_publish(&draft) == OK, "%s", status_message());
    assert_text(path, "one");
    cr_assert(count_files(false) == 1, "%d files", count_files(false));
    draft_discard(&draft);
    assert_text(path, "one");
}

Test(draft, replaces_what_was_there_or_leaves_it) {
    struct draft draft;
    const char *path = in_folder("x.h5");
    cr_assert(file_publish(path, "one") == OK, "%s", status_message());
    cr_assert(file_publish(path, "two") == OK, "%s", status_message());
    assert_text(path, "two");
    open_draft(path, &draft);
    cr_assert(draft_write(&draft, "three", 5) == OK, "%s", status_message());
    draft_discard(&draft);
    assert_text(path, "two");
    cr_assert(count_files(false) == 1, "%d files", count_files(false));
}

Test(draft, nothing_is_discarded_twice) {
    struct draft draft = {0};
    draft_discard(&draft);
    cr_assert(fcntl(0, F_GETFD) >= 0, "the standard input is closed");
    open_draft(in_folder("x.h5"), &draft);
    draft_discard(&draft);
    draft_discard(&draft);
}

static void assert_refused(enum status status, const char *words) {
    cr_assert(status == ERROR_RUN, "status %d", (int)status);
    cr_assert(strstr(status_message(), words), "'%s' does not say '%s'", status_message(), words);
}

Test(draft, a_folder_that_is_not_there_is_an_error_of_words) {
    struct draft draft;
    assert_refused(draft_open(in_folder("nowhere/x.h5"), &draft), "does its folder exist");
}

Test(draft, a_failing_call_leaves_the_old_file_and_nothing_beside_it) {
    static int *const errors[] = {&test_calls.fsync_error, &test_calls.rename_error};
    const char *path = in_folder("x.h5");
    cr_assert(file_publish(path, "good") == OK, "%s", status_message());
    for (int i = 0; i < 2; i++) {
        *errors[i] = EIO;
        enum status status = file_publish(path, "bad");
        *errors[i] = 0;
        assert_refused(status, strerror(EIO));
        assert_text(path, "good");
        cr_assert(count_files(false) == 1, "%d: %d files", i, count_files(false));
    }
}

Test(draft, a_write_that_does_not_fit_leaves_the_old_file) {
    const char *path = in_folder("x.h5");
    char text[8192];
    struct rlimit limit = {4096, RLIM_INFINITY}, before;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_assert(file_publish(path, "good") == OK, "%s", status_message());
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    enum status status = file_publish(path, text);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_refused(status, strerror(EFBIG));
    assert_text(path, "good");
    cr_assert(count_files(false) == 1, "%d files", count_files(false));
}

/* ---- made elsewhere ---- */

static char stage[64];

static void stage_file(struct draft *draft, const char *bytes, size_t size) {
    snprintf(stage, sizeof stage, "/tmp/normlab-test-stage-XXXXXX");
    cr_assert(mkdtemp(stage), "%s", strerror(errno));
    cr_assert(draft_open_staged(in_folder("a"), stage, draft) == OK, "%s", status_message());
    cr_assert(draft_write(draft, bytes, size) == OK, "%s", status_message());
    cr_expect(count_files(false) == 0, "something is at home before it is whole");
}

/* Sizes around those of a copy's blocks. */
Test(draft, what_was_made_elsewhere_comes_home_whole) {
    static const size_t sizes[] = {0, 1, (1 << 18) - 1, 1 << 18, (1 << 18) + 1, 3 << 18};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct draft draft;
        char *bytes = malloc(sizes[i] + 1), *read = malloc(sizes[i] + 2);
        for (size_t k = 0; k < sizes[i]; k++)
            bytes[k] = (char)(k * 2654435761u >> 13);
        stage_file(&draft, bytes, sizes[i]);
        cr_assert(draft_publish(&draft) == OK, "%s", status_message());
        FILE *file = fopen(in_folder("a"), "r");
        cr_assert(file, "it is not at home");
        cr_expect(fread(read, 1, sizes[i] + 2, file) == sizes[i], "another size than %zu",
                  sizes[i]);
        cr_expect(memcmp(read, bytes, sizes[i]) == 0, "%zu: other bytes", sizes[i]);
        fclose(file);
        cr_expect(rmdir(stage) == 0, "something is left in the stage");
        cr_expect(count_files(true) == 1, "something is left at home");
        free(bytes);
        free(read);
    }
}

/* A disk that says all is well and has something else. */
static int write_astray(int descriptor) {
    struct stat about;
    if (fstat(descriptor, &about) == 0 && about.st_size == 0)
        cr_assert(ftruncate(descriptor, 40) == 0, "%s", strerror(errno));
    return 0;
}

Test(draft, a_copy_that_differs_is_not_published) {
    struct draft draft;
    stage_file(&draft, "twenty bytes, or so.", 20);
    test_calls.write_error = write_astray;
    enum status status = draft_publish(&draft);
    test_calls.write_error = NULL;
    cr_expect(status == ERROR_RUN && strstr(status_message(), "read back"), "status %d: %s",
              (int)status, status_message());
    draft_discard(&draft);
    cr_expect(count_files(false) == 0, "it is published");
    cr_expect(rmdir(stage) == 0, "something is left in the stage");
}

/* Not every file system can. */
Test(draft, a_folder_that_cannot_be_synced_is_no_error) {
    test_calls.fsync_error = EINVAL;
    enum status status = file_publish(in_folder("x.h5"), "text");
    test_calls.fsync_error = 0;
    cr_assert(!status, "%s", status_message());
}

/* ---- sweeping ---- */

/* A process that makes a draft and lives until it is killed. */
static pid_t fork_maker(const char *path) {
    int ready[2];
    char byte;
    cr_assert(pipe(ready) == 0, "%s", strerror(errno));
    pid_t maker = fork();
    if (maker == 0) {
        struct draft draft;
        if (draft_open(path, &draft) != OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    cr_assert(read(ready[0], &byte, 1) == 1, "no draft was made");
    close(ready[0]);
    return maker;
}

Test(draft, only_what_nobody_holds_is_swept) {
    pid_t living = fork_maker(in_folder("living.h5"));
    pid_t stopped = fork_maker(in_folder("stopped.h5"));
    pid_t dead = fork_maker(in_folder("dead.h5"));
    siginfo_t ended;
    kill(stopped, SIGSTOP);
    kill(dead, SIGKILL);
    cr_assert(waitid(P_PID, (id_t)dead, &ended, WEXITED | WNOWAIT) == 0, "it has not ended");
    cr_assert(count_files(false) == 3, "%d files", count_files(false));
    int n = drafts_sweep(folder); /* the dead one is a zombie yet */
    cr_assert(n == 1 && count_files(false) == 2, "%d swept", n);
    kill(living, SIGKILL);
    kill(stopped, SIGKILL);
    waitpid(living, NULL, 0);
    waitpid(stopped, NULL, 0);
    waitpid(dead, NULL, 0);
    n = drafts_sweep(folder);
    cr_assert(n == 2 && count_files(false) == 0, "%d swept", n);
    cr_assert(drafts_sweep(in_folder("nowhere")) == 0, "a folder that is not there");
}

static void plant(const char *name) {
    int descriptor = open(in_folder(name), O_CREAT | O_WRONLY | O_EXCL, 0666);
    cr_assert(descriptor >= 0 && close(descriptor) == 0, "%s: %s", name, strerror(errno));
}

static void age(const char *name, long seconds) {
    const struct timespec at = {time(NULL) - seconds, 0}, times[] = {at, at};
    cr_assert(utimensat(AT_FDCWD, in_folder(name), times, 0) == 0, "%s", strerror(errno));
}

Test(draft, other_files_stay) {
    static const char *const names[] = {
        "x.h5",
        "x.h5.tmp.0123456789abcde",   /* too short */
        "x.h5.tmp.0123456789abcdefa", /* too long */
        "x.h5.tmp.0123456789ABCDEF",
        "x.h5.tmp.0123456789abcdef.txt",
        ".tmp.0123456789abcdef",
        "x.txt.tmp.host.12",
        "x.h5.tmp.host.12x",
        "x.h5.tmp.12",
    };
    enum { N = sizeof names / sizeof *names };
    for (int i = 0; i < N; i++) {
        plant(names[i]);
        age(names[i], 100000);
    }
    plant("x.tmp.h5.tmp.0123456789abcdef");
    int n = drafts_sweep(folder);
    cr_assert(n == 1 && count_files(false) == N, "%d swept, %d left", n, count_files(false));
}

/* What builds of before left, whose makers hold no lock of ours while they seal. */
Test(draft, old_names_are_swept_when_they_are_old_and_nobody_holds_them) {
    static const char *const names[] = {"r000000000001.h5.tmp.host.7", "x.h5.tmp.a.long.host.7",
                                        "plan.json.tmp.host.7", "y.h5.tmp.host.8"};
    for (int i = 0; i < 4; i++)
        plant(names[i]);
    cr_assert(drafts_sweep(folder) == 0, "a young one was swept");
    for (int i = 0; i < 4; i++)
        age(names[i], 4000);
    int held = open(in_folder(names[3]), O_RDWR);
    cr_assert(flock(held, LOCK_EX) == 0, "%s", strerror(errno));
    int n = drafts_sweep(folder);
    cr_assert(n == 3 && access(in_folder(names[3]), F_OK) == 0, "%d swept", n);
    close(held);
}

Test(draft, what_is_no_file_is_left_alone_and_followed_nowhere) {
    const char *target = in_folder("target");
    plant("target");
    cr_assert(symlink(target, in_folder("l.h5.tmp.0123456789abcdef")) == 0, "%s", strerror(errno));
    cr_assert(mkfifo(in_folder("f.h5.tmp.0123456789abcdef"), 0666) == 0, "%s", strerror(errno));
    cr_assert(drafts_sweep(folder) == 0 && count_files(false) == 3, "something was swept");
}

/* NFS without a lock daemon, Lustre without flock: nobody can ask who holds a draft. */
Test(draft, without_locks_age_decides) {
    struct draft draft;
    plant("old.h5.tmp.0123456789abcdef");
    age("old.h5.tmp.0123456789abcdef", 4000);
    test_calls.flock_error = ENOLCK;
    open_draft(in_folder("young.h5"), &draft);
    int n = drafts_sweep(folder);
    cr_assert(n == 1, "%d swept", n);
    cr_assert(draft_write(&draft, "text", 4) == OK && draft_publish(&draft) == OK, "%s",
              status_message());
    test_calls.flock_error = 0;
    assert_text(in_folder("young.h5"), "text");
    cr_assert(count_files(false) == 1, "%d files", count_files(false));
}

/* NFS mounted with nolock: what another machine has locked can be locked here. */
Test(draft, on_a_network_a_lock_that_is_free_says_nothing) {
    plant("old.h5.tmp.0123456789abcdef");
    plant("young.h5.tmp.0123456789abcdef");
    age("old.h5.tmp.0123456789abcdef", 4000);
    test_calls.file_system = NFS_SUPER_MAGIC;
    int n = drafts_sweep(folder);
    cr_assert(n == 1 && count_files(false) == 1, "%d swept", n);
    test_calls.file_system = TMPFS_MAGIC;
    cr_assert(drafts_sweep(folder) == 1, "it stayed");
}

Test(draft, a_text_takes_away_what_was_left_of_its_own) {
    plant("page.html.tmp.0123456789abcdef");
    plant("another.html.tmp.0123456789abcdef");
    plant("another-page.html.tmp.0123456789abcdef");
    cr_assert(file_publish(in_folder("page.html"), "text") == OK, "%s", status_message());
    cr_assert(count_files(false) == 3, "%d files", count_files(false));
    cr_assert(access(in_folder("page.html.tmp.0123456789abcdef"), F_OK) != 0, "it stayed");
}

/* One process makes drafts as fast as it can, others sweep: between the making of a file and its
 * lock, too, nothing is lost. */
Test(draft, a_sweep_takes_nothing_from_a_maker) {
    enum { SWEEPERS = 2, ROUNDS = 1000 };
    pid_t sweepers[SWEEPERS];
    for (int i = 0; i < SWEEPERS; i++) {
        sweepers[i] = fork();
        while (sweepers[i] == 0)
            drafts_sweep(folder);
    }
    test_calls.fsync_error = EINVAL; /* disks are slow */
    enum status status = OK;
    int round = 0;
    for (; round < ROUNDS && !status; round++)
        status = file_publish(in_folder("x.json"), "text");
    test_calls.fsync_error = 0;
    for (int i = 0; i < SWEEPERS; i++) {
        kill(sweepers[i], SIGKILL);
        waitpid(sweepers[i], NULL, 0);
    }
    cr_assert(!status, "round %d: %s", round, status_message());
    cr_assert(count_files(false) == 1, "%d files", count_files(false));
}

Test(draft, a_folder_stands_in_the_one_above) {
    static const char *const folders[][2] = {
        {"a", "."},      {"a/", "."},       {"a/b", "a"},        {"a/b//", "a"},
        {"/a", "/"},     {"/", "/"},        {".", ".."},         {"./", ".."},
        {"..", "../.."}, {"a/.", "a/./.."}, {"a/..", "a/../.."},
    };
    struct pool pool = {0};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *above = path_above(folders[i][0], &pool);
        cr_expect(!strcmp(above, folders[i][1]), "above %s: %s", folders[i][0], above);
    }
    pool_free(&pool);
}
