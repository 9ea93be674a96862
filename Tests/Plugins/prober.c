/* Stands for `zoo probe-plugins`: loads what it is given and ends with status 42. */
#include <dlfcn.h>
#include <unistd.h>

int main(int count, char **paths) {
    for (int i = 1; i < count; i++) dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
    _exit(42);
}
