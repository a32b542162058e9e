/* Looks declared beforehand. */
#include "judge/stats/looks.h"

static const struct {
    int n_seeds;
    double level;
} looks[LOOKS] = {{10, 0.008}, {20, 0.007}, {40, 0.010}};

int look_seeds(int place) {
    return looks[place].n_seeds;
}

double look_level(int place) {
    return looks[place].level;
}
