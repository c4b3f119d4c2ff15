#pragma once

// Whether tests, and the daemon they start, run under a sanitizer: slower, and with other figures of memory.
// Limits that a test puts on time or memory ask this.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AIROUTER_ADDRESS_SANITIZED 1
#elif __has_feature(thread_sanitizer)
#define AIROUTER_THREAD_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define AIROUTER_ADDRESS_SANITIZED 1
#elif defined(__SANITIZE_THREAD__)
#define AIROUTER_THREAD_SANITIZED 1
#endif

#ifdef AIROUTER_ADDRESS_SANITIZED
inline constexpr bool is_address_sanitized = true;
#else
inline constexpr bool is_address_sanitized = false;
#endif

#ifdef AIROUTER_THREAD_SANITIZED
inline constexpr bool is_thread_sanitized = true;
#else
inline constexpr bool is_thread_sanitized = false;
#endif

inline constexpr bool is_sanitized = is_address_sanitized || is_thread_sanitized;
