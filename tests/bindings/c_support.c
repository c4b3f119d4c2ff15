#include "c_support.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

void check(int holds, const char* what, const char* file, int line) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "%s:%d: %s\n", file, line, what);
}

int failed_checks(void) {
  return failures;
}

int has(const char* text, const char* piece) {
  return text != NULL && strstr(text, piece) != NULL;
}

int is_error(airouter_error* error, airouter_error_code code, const char* piece) {
  int matches = airouter_error_code_of(error) == code && has(airouter_error_message(error).bytes, piece);
  if (!matches)
    fprintf(stderr, "another error: %d %s\n", (int)airouter_error_code_of(error),
            airouter_error_message(error).bytes);
  airouter_error_free(error);
  return matches;
}

const char* request_for(const char* model, int stream) {
  static char text[4][200];
  static int next = 0;
  char* made = text[next++ % 4];
  snprintf(made, sizeof text[0],
           "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", model,
           stream ? "true" : "false");
  return made;
}

airouter_call* open_call(airouter_router* router, const char* model, int stream) {
  airouter_error* error = NULL;
  airouter_call* call =
      airouter_call_open(router, request_for(model, stream), AIROUTER_NUL_TERMINATED, NULL, &error);
  CHECK(call != NULL && error == NULL);
  return call;
}

struct timespec monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now;
}

long milliseconds_since(const struct timespec* begin) {
  const struct timespec now = monotonic_now();
  return (now.tv_sec - begin->tv_sec) * 1000 + (now.tv_nsec - begin->tv_nsec) / 1000000;
}

void pause_ms(long ms) {
  const struct timespec moment = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&moment, NULL);
}
