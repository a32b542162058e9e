/* Are the normalizers that --plugin loaded to be trusted? */
#pragma once

#include <stdio.h>

#include "base/status.h"

/* A warning for each that breaks a law of `normlab check`, at the defaults of its keys. STOPPED_*
 * where somebody asked to stop meanwhile. */
enum status plugin_warn(FILE *out);
