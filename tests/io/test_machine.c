/* How much of the machine this process may use: by the cluster, by control groups. */
#include "io/machine.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(machine, cores_follow_the_cluster) {
    unsetenv("SLURM_CPUS_PER_TASK");
    int cores = machine_cores();
    cr_assert(cores >= 1, "%d cores", cores);
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    cr_assert(machine_cores() == 1, "%d cores where one was allotted", machine_cores());
    setenv("SLURM_CPUS_PER_TASK", "100000", 1);
    cr_assert(machine_cores() == cores, "more cores than there are");
    setenv("SLURM_CPUS_PER_TASK", "rubbish", 1);
    cr_assert(machine_cores() == cores, "rubbish was believed");
}

/* A folder that stands for "/", with files of one line each. */
static char root[64];

static void put(const char *path, const char *text) {
    char command[512], name[256];
    snprintf(name, sizeof name, "%s/%s", root, path);
    snprintf(command, sizeof command, "mkdir -p $(dirname %s)", name);
    cr_assert(system(command) == 0, "%s", command);
    FILE *file = fopen(name, "w");
    cr_assert(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s", name);
}

static void begin(void) {
    strcpy(root, "/tmp/normlab-machine-XXXXXX");
    cr_assert(mkdtemp(root), "no folder under /tmp");
}

static void end(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", root);
    cr_assert(system(command) == 0, "%s", command);
}

TestSuite(quota, .init = begin, .fini = end);

static void expect_quota(double expected) {
    double quota = machine_quota(root);
    cr_expect(quota == expected, "%g processors, not %g", quota, expected);
}

#define MOUNTS_2                                                                                   \
    "23 1 8:1 / / rw - ext4 /dev/root rw\n"                                                        \
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"

Test(quota, none_where_nothing_is_known) {
    expect_quota(INFINITY);
    put("proc/self/cgroup", "0::/a\n");
    expect_quota(INFINITY);
    put("proc/self/mountinfo", MOUNTS_2);
    expect_quota(INFINITY);
    put("sys/fs/cgroup/a/cpu.max", "max 100000\n");
    expect_quota(INFINITY);
}

Test(quota, the_least_on_the_whole_path_counts) {
    put("proc/self/cgroup", "0::/machine.slice/box/task\n");
    put("proc/self/mountinfo", MOUNTS_2);
    put("sys/fs/cgroup/machine.slice/box/task/cpu.max", "max 100000\n");
    put("sys/fs/cgroup/machine.slice/box/cpu.max", "400000 100000\n");
    expect_quota(4);
    put("sys/fs/cgroup/machine.slice/cpu.max", "150000 100000\n");
    expect_quota(1.5);
    put("sys/fs/cgroup/machine.slice/box/task/cpu.max", "25000 50000\n");
    expect_quota(0.5);
    put("sys/fs/cgroup/cpu.max", "10000 100000\n");
    expect_quota(0.1);
}

/* Of memory likewise, in both versions. */
Test(quota, memory) {
    cr_expect(machine_memory_limit(root) == INFINITY);
    put("proc/self/cgroup", "0::/box/task\n");
    put("proc/self/mountinfo", MOUNTS_2);
    put("sys/fs/cgroup/box/task/memory.max", "max\n");
    cr_expect(machine_memory_limit(root) == INFINITY);
    put("sys/fs/cgroup/box/memory.max", "1073741824\n");
    cr_expect(machine_memory_limit(root) == 1073741824);
    put("proc/self/cgroup", "7:memory:/docker/x\n3:cpu:/docker/y\n0::/\n");
    put("proc/self/mountinfo",
        "32 31 0:29 /docker/x /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    cr_expect(machine_memory_limit(root) > 9e18);
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
    cr_expect(machine_memory_limit(root) == 536870912);
    cr_expect(machine_memory() > 0 && (double)machine_memory() <= machine_memory_limit(""));
}

/* In a container that has a name space of its own, its group is the root. */
Test(quota, of_a_container) {
    put("proc/self/cgroup", "0::/\n");
    put("proc/self/mountinfo", MOUNTS_2);
    put("sys/fs/cgroup/cpu.max", "200000 100000\n");
    expect_quota(2);
}

Test(quota, of_version_1) {
    put("proc/self/cgroup",
        "5:cpuset:/docker/x\n4:cpuacct:/wrong\n3:cpu:/docker/x/y\n1:name=systemd:/\n0::/\n");
    put("proc/self/mountinfo",
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
        "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n"
        "32 31 0:29 /docker/x /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu/y/cpu.cfs_period_us", "100000\n");
    expect_quota(3);
    put("sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "50000\n");
    expect_quota(0.5);
    put("proc/self/cgroup", "3:cpu,cpuacct:/\n");
    put("proc/self/mountinfo",
        "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n");
    expect_quota(3);
}
