#pragma once
// Marks what a shared libairouter exports, and what of that it does not; everything else in it is hidden.

#if defined(__GNUC__)
#define AIROUTER_EXPORT __attribute__((visibility("default")))
#define AIROUTER_INTERNAL __attribute__((visibility("hidden")))
#else
#define AIROUTER_EXPORT
#define AIROUTER_INTERNAL
#endif
