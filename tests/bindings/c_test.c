/* The C interface, from C. Run by binding_world; `c_test CONFIG` runs it with providers of one's own, and
 * `c_test --functions` names the functions that it has called with NULL. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c_support.h"

static void test_pull(airouter_router* router) {
  airouter_error* error = NULL;
  airouter_router_reset_health(router, "failover-1", NULL, &error);
  airouter_call* call = open_call(router, "failover", 1);
  char text[100] = "";
  int committed = 0, events = 0;
  CHECK(airouter_call_head(call).length == 0);
  for (int going_on = 1; going_on;) {
    switch (airouter_call_next(call, 20, &error)) {
      case AIROUTER_COMMITTED:
        ++committed;
        CHECK(has(airouter_call_head(call).bytes,
                  "\"provider\":\"failover-3\",\"model\":\"failover\",\"attempts\":3"));
        break;
      case AIROUTER_DATA:
        ++events;
        CHECK(strlen(airouter_call_data(call).bytes) == airouter_call_data(call).length);
        strcat(text, airouter_call_text(call).bytes);
        break;
      case AIROUTER_IDLE:
        break;
      case AIROUTER_END:
      case AIROUTER_FAILED:
        going_on = 0;
        break;
    }
  }
  CHECK(error == NULL && committed == 1 && events >= 1);
  CHECK(strcmp(text,
               "Gr\xc3\xbc\xc3\x9f"
               "e, wide \xf0\x9f\x8c\x8d world.") == 0);
  CHECK(airouter_call_next(call, -1, &error) == AIROUTER_END);
  CHECK(has(airouter_call_summary(call).bytes, "\"failure\":\"server_error\""));
  CHECK(has(airouter_call_summary(call).bytes, "\"failure\":\"rate_limited\""));
  airouter_call_free(call);
}

static void test_finish(airouter_router* router) {
  airouter_error* error = NULL;
  airouter_call* call = open_call(router, "failover", 0);
  CHECK(airouter_call_finish(call, &error) == 0 && error == NULL);
  CHECK(has(airouter_call_data(call).bytes, "\"chat.completion\""));
  CHECK(strcmp(airouter_call_text(call).bytes,
               "Gr\xc3\xbc\xc3\x9f"
               "e, wide \xf0\x9f\x8c\x8d world.") == 0);
  CHECK(airouter_call_finish(call, &error) == 0);
  CHECK(has(airouter_call_data(call).bytes, "\"chat.completion\""));
  airouter_call_free(call);

  call = open_call(router, "rejected", 0);
  CHECK(airouter_call_finish(call, &error) != 0);
  CHECK(has(airouter_error_json(error).bytes, "context_length_exceeded"));
  CHECK(is_error(error, AIROUTER_ERROR_REQUEST_REJECTED, "too long"));
  airouter_call_free(call);

  call = open_call(router, "broken", 1);
  CHECK(airouter_call_finish(call, &error) != 0 && is_error(error, AIROUTER_ERROR_STREAM_BROKEN, "broken-1"));
  CHECK(strcmp(airouter_call_text(call).bytes, "word word ") == 0);
  airouter_call_free(call);

  call = open_call(router, "nobody-has-it", 1);
  CHECK(airouter_call_finish(call, &error) != 0 && is_error(error, AIROUTER_ERROR_UNKNOWN_MODEL, ""));
  airouter_call_free(call);

  call = airouter_call_open(router, request_for("hang", 0), AIROUTER_NUL_TERMINATED, "{\"total_ms\":50}",
                            &error);
  CHECK(airouter_call_finish(call, &error) != 0 && is_error(error, AIROUTER_ERROR_TIMEOUT, ""));
  airouter_call_free(call);
}

static void* pull_to_the_end(void* call) {
  airouter_error* error = NULL;
  while (airouter_call_next(call, 60000, &error) > AIROUTER_FAILED) {
  }
  return is_error(error, AIROUTER_ERROR_CANCELLED, "") ? call : NULL;
}

static void test_threads(airouter_router* router) {
  airouter_error* error = NULL;
  pthread_t puller;
  void* was_cancelled = NULL;
  airouter_call* call = open_call(router, "hang", 1);
  pthread_create(&puller, NULL, pull_to_the_end, call);
  pause_ms(100);
  CHECK(airouter_call_next(call, 0, &error) == AIROUTER_FAILED);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "another thread"));
  CHECK(airouter_call_data(call).length == 0);
  airouter_call_cancel(call);
  pthread_join(puller, &was_cancelled);
  CHECK(was_cancelled != NULL);
  airouter_call_free(call);
}

struct told {
  char text[2000];
  int heads, ticks, dones, stop_at;
  airouter_error_code code;
  airouter_call* call; /* freed by on_done where it is set */
};

static int on_head(void* user, airouter_view head) {
  CHECK(has(head.bytes, "\"provider\""));
  return ++((struct told*)user)->heads, 0;
}

static int on_data(void* user, airouter_view data, airouter_view text) {
  struct told* told = user;
  CHECK(data.length > 0);
  strncat(told->text, text.bytes, sizeof told->text - strlen(told->text) - 1);
  return told->stop_at != 0 && --told->stop_at == 0;
}

static int on_idle(void* user) {
  return ++((struct told*)user)->ticks, 0;
}

static void on_done(void* user, const airouter_error* error, airouter_view summary) {
  struct told* told = user;
  told->code = airouter_error_code_of(error);
  CHECK(has(summary.bytes, "\"attempts\":["));
  ++told->dones;
}

/* `stop_at`: which piece of data stops the call; 0: none. */
static airouter_call* start(airouter_router* router, const char* model, int stop_at, struct told* told) {
  const airouter_callbacks callbacks = {sizeof callbacks, on_head, on_data, on_idle, on_done, 10};
  airouter_error* error = NULL;
  memset(told, 0, sizeof *told);
  told->stop_at = stop_at;
  airouter_call* call = airouter_call_start(router, request_for(model, 1), AIROUTER_NUL_TERMINATED, NULL,
                                            &callbacks, told, &error);
  CHECK(call != NULL && error == NULL);
  return call;
}

static void test_push(airouter_router* router) {
  struct told told;
  airouter_error* error = NULL;
  airouter_call* call = start(router, "failover", 0, &told);
  CHECK(airouter_call_next(call, 0, &error) == AIROUTER_FAILED);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "was started"));
  CHECK(airouter_call_finish(call, &error) == 0);
  CHECK(told.heads == 1 && told.dones == 1 && told.code == AIROUTER_OK);
  CHECK(strcmp(told.text,
               "Gr\xc3\xbc\xc3\x9f"
               "e, wide \xf0\x9f\x8c\x8d world.") == 0);
  airouter_call_free(call);

  call = start(router, "hang", 0, &told);
  pause_ms(100);
  airouter_call_cancel(call);
  CHECK(airouter_call_finish(call, &error) == 0);
  CHECK(told.code == AIROUTER_ERROR_CANCELLED && told.dones == 1 && told.heads == 0 && told.ticks > 0);
  airouter_call_free(call);

  call = start(router, "hang", 0, &told); /* freeing cancels and waits */
  airouter_call_free(call);
  CHECK(told.code == AIROUTER_ERROR_CANCELLED && told.dones == 1);

  call = start(router, "slow", 3, &told);
  airouter_call_finish(call, &error);
  CHECK(told.code == AIROUTER_ERROR_CANCELLED && strlen(told.text) < 100);
  airouter_call_free(call);
}

static void test_router(const char* config) {
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_from_file(config, &error);
  airouter_string text = airouter_router_models(router, &error);
  CHECK(has(text.bytes, "\"failover\"") && strlen(text.bytes) == text.length);
  airouter_string_free(text);
  text = airouter_router_explain(router, "failover", &error);
  CHECK(has(text.bytes, "{\"provider\":\"failover-1\",\"model\":\"failover\",\"share\":0.9"));
  airouter_string_free(text);
  text = airouter_router_health(router, &error);
  CHECK(has(text.bytes, "{\"provider\":\"down-1\",\"model\":\"\",\"state\":\"healthy\",\"cause\":\"none\""));
  airouter_string_free(text);
  CHECK(airouter_router_reload(router, "{\"providers\":[]}", AIROUTER_NUL_TERMINATED, &error) == 0);
  text = airouter_router_models(router, &error);
  CHECK(strcmp(text.bytes, "[]") == 0);
  airouter_string_free(text);
  CHECK(airouter_router_reset_health(router, "unknown", "", &error) == 0 && error == NULL);
  airouter_router_free(router);
}

/* How long a router takes that goes while its call waits for a provider. */
static long time_to_end(const char* config) {
  struct told told;
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_from_file(config, &error);
  airouter_call* opened = open_call(router, "failover", 0);
  airouter_call* started = start(router, "hang", 0, &told);
  pause_ms(50);
  const struct timespec begin = monotonic_now();
  airouter_router_free(router);
  const long took = milliseconds_since(&begin);
  CHECK(told.dones == 1 && told.code == AIROUTER_ERROR_CANCELLED);
  airouter_call_free(started);
  CHECK(airouter_call_finish(opened, &error) == 0 && error == NULL);
  airouter_call_free(opened);
  return took;
}

/* The best of a few tries, since other programs may have the processors for a while. */
static void test_ends(const char* config) {
  const long allowed = IS_SANITIZED ? 2000 : 100;
  long best = allowed;
  for (int i = 0; i < 5 && best >= allowed; ++i) {
    const long took = time_to_end(config);
    if (took < best) best = took;
  }
  CHECK(best < allowed);
}

int main(int count, char** arguments) {
  if (count > 1 && strcmp(arguments[1], "--functions") == 0) return print_functions_with_null(), 0;
  const char* config = count > 1 ? arguments[1] : getenv("AIROUTER_TEST_CONFIG");
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_from_file(config, &error);
  if (router == NULL) {
    fprintf(stderr, "%s\n", airouter_error_message(error).bytes);
    airouter_error_free(error);
    return 1;
  }
  test_null_handles();
  test_wrong_json(router);
  test_pull(router);
  test_finish(router);
  test_threads(router);
  test_push(router);
  test_callbacks_that_throw(router);
  airouter_router_free(router);
  test_router(config);
  test_callbacks(config);
  test_ends(config);
  if (failed_checks() != 0) fprintf(stderr, "%d checks failed\n", failed_checks());
  return failed_checks() != 0;
}
