// The thread-local pointer that tells the tensor library what it runs under.
#include "kernels.h"

static _Thread_local void *current_execution;

void *zk_current_execution(void) { return current_execution; }

void zk_set_current_execution(void *execution) { current_execution = execution; }
