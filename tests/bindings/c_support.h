/* What the parts of c_test share. */
#ifndef C_SUPPORT_H
#define C_SUPPORT_H

#include <airouter.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

void check(int holds, const char* what, const char* file, int line);
int failed_checks(void);

int has(const char* text, const char* piece);

/* Frees the error, and says whether it was this one. */
int is_error(airouter_error* error, airouter_error_code code, const char* piece);

/* A request's JSON; valid until four more are asked for, by one thread. */
const char* request_for(const char* model, int stream);
airouter_call* open_call(airouter_router* router, const char* model, int stream);

struct timespec monotonic_now(void);
long milliseconds_since(const struct timespec* begin);
void pause_ms(long ms);

/* The parts. */
void test_null_handles(void);
void test_wrong_json(airouter_router* router);
void print_functions_with_null(void);
void test_callbacks(const char* config);
void test_callbacks_that_throw(airouter_router* router);

#ifdef __cplusplus
}
#endif

#endif
