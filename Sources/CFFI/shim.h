/* libffi (Debian: libffi-dev), which calls functions whose types are known at run time only. PluginHost links its static archive. */
#include <ffi.h>
