/* A plugin that needs a function nobody has: found out when it is loaded, not when it is called. */
#include "bigram.c"
extern int nobody_has_this(void);
int call(void) { return nobody_has_this(); }
