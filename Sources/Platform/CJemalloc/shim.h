#pragma once
#include <stddef.h>

// Of jemalloc's own header only what asks it for its figures: the rest would declare the C library's functions again.
extern int mallctl(const char *name, void *old_value, size_t *old_length, void *new_value, size_t new_length);
