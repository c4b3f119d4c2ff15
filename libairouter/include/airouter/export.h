#pragma once
// Marks what a shared libairouter exports; everything else in it is hidden.

#if defined(__GNUC__)
#define AIROUTER_EXPORT __attribute__((visibility("default")))
#else
#define AIROUTER_EXPORT
#endif
