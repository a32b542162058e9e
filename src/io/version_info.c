/* What scripts/version.sh wrote at build time: version, commit, compiler, flags. */
#include "io/version_info.h"

#include "version.h"

const char build_version[] = NORMLAB_VERSION;
const char build_commit[] = NORMLAB_COMMIT;
const int build_dirty = NORMLAB_DIRTY;
#ifdef __clang__
const char build_compiler[] = "clang " __clang_version__;
#else
const char build_compiler[] = "gcc " __VERSION__;
#endif
#ifndef BUILD_FLAGS
#    define BUILD_FLAGS "unknown"
#endif
const char build_flags[] = BUILD_FLAGS;
