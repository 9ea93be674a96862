/*
 * nearest_name.c: optimal string alignment distance (Damerau 1964): insertions, deletions, substitutions, swaps of
 * neighbours.
 */
#include "nearest_name.h"

#include <stddef.h>
#include <string.h>

enum { LONGEST = 40 };

static int least(int a, int b) { return a < b ? a : b; }

static int edit_distance(const char *a, int rows, const char *b, int columns) {
    int distance[LONGEST + 1][LONGEST + 1];
    for (int i = 0; i <= rows; i++) distance[i][0] = i;
    for (int j = 0; j <= columns; j++) distance[0][j] = j;
    for (int i = 1; i <= rows; i++)
        for (int j = 1; j <= columns; j++) {
            int best = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = least(best, least(distance[i - 1][j], distance[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, distance[i - 2][j - 2] + 1);
            distance[i][j] = best;
        }
    return distance[rows][columns];
}

const char *nearest_name(const char *given, int length, const char *const *names, int count) {
    if (length < 1 || length > LONGEST) return NULL;
    const char *nearest = NULL;
    int smallest = length / 3 > 1 ? length / 3 : 1;
    for (int i = 0; i < count; i++) {
        int size = (int)strlen(names[i]);
        if (size > LONGEST) continue;
        int distance = edit_distance(given, length, names[i], size);
        if (distance > smallest || (distance == smallest && nearest)) continue;
        smallest = distance;
        nearest = names[i];
    }
    return nearest;
}
