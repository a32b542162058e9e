/* The program's one parallel region. A team of threads runs a function; the function cuts its work
 * into fixed tiles (TEAM_TILES) and meets at barriers. Everything below (kernels, normalizers)
 * is serial. */
#pragma once

#include "base/status.h"

struct meeting;
struct profile;

struct team {
    int rank, size;
    struct meeting *meeting; /* where its threads wait for each other */
    struct profile *profile; /* of this thread; NULL: nobody asks */
};

typedef void team_function(struct team team, void *argument);

/* Can the system start so many threads? OpenMP's runtime would end the process where it cannot.
 * ERROR_RUN: no. */
enum status team_check(int n_threads);

/* Runs function(team, argument) on `n_threads` threads and returns, when all are done, how many
 * there were: fewer where OMP_THREAD_LIMIT says so. Every thread enters with the same
 * floating-point mode: round to nearest, flush-to-zero as team.c says. */
int team_run(int n_threads, team_function *function, void *argument);

/* All threads of the team meet. Must be reached by all. */
void team_barrier(struct team team);

/* for (int tile = team.rank; tile < n_tiles; tile += team.size): the tiles of one thread. */
#define TEAM_TILES(team, tile, n_tiles)                                                            \
    for (int tile = (team).rank; tile < (n_tiles); tile += (team).size)
