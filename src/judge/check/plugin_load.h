/* Normalizers from shared objects. */
#pragma once

#include "base/status.h"

/* Adds the normalizer of a shared object (engine/norm/plugin.h) to the registry; only while the
 * program starts, before anything is made from the registry. It is first loaded and tried in a
 * process of its own, so that one that crashes or hangs is a message. ERROR_USAGE "FILE: what is
 * wrong". */
enum status plugin_load(const char *file);
