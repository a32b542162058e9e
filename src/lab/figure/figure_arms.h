/* What tells the lines of a figure apart. */
#pragma once

#include "lab/figure/drawing.h"

/* Sets the drawing's arms, and the keys that its points mix. ERROR_USAGE: no such key, or more
 * arms, panels or rows than a script can draw. */
enum status figure_arms(struct preparing *work);
