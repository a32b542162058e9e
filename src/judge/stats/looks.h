/* More seeds after a look: only at numbers of seeds declared beforehand, each with its own level.
 */
#pragma once

/* Of each one-sided test, where nothing else is said. */
#define LEVEL 0.025

/* The levels of the looks sum to LEVEL (Bonferroni): .008, .007, .010 at 10, 20, 40 seeds. All
 * tests of a look use its level. (O'Brien & Fleming's first look could never decide: ten seeds
 * reach no p below .0039.) */
enum { LOOKS = 3 };
int look_seeds(int place);
double look_level(int place);
