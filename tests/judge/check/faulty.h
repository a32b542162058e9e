/* A small normalizer without mistakes, and copies of it with one each. */
#pragma once

#include "engine/norm/normalizer.h"

struct faulty {
    const struct normalizer *row;
    const char *law; /* that must find it */
};

int faulty_count(void);
const struct faulty *faulty_get(int index);
/* Adds the sound row, and one for each mistake, to the registry of this process. */
void faulty_register(void);
