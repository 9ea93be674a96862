/* nearest_name.h: the known name that a misspelt one was most likely meant to be. */
#ifndef NEAREST_NAME_H
#define NEAREST_NAME_H

/* The name of least edit distance (at most a third of `length`), or null when none is near. */
const char *nearest_name(const char *given, int length, const char *const *names, int count);

#endif
