/* exports.c: a second symbol that the loader sees, or one that it looks for and nobody has. */
#include "honest.h"

#if defined(FAULT_SECOND_EXPORT)
SM_EXPORT int another_symbol(void) { return (int)queries; }
#elif defined(FAULT_UNDEFINED)
int nobody_has_this(void);
#endif

static void arm(void) {
#if defined(FAULT_UNDEFINED)
    queries += (uint32_t)nobody_has_this();
#endif
}
