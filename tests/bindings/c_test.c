/* The C interface, from C. Run by binding_world; `c_test CONFIG` runs it with providers of one's own. */
#include <airouter.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int failures = 0;

#define CHECK(condition) check((condition) != 0, #condition, __LINE__)

static void check(int holds, const char* what, int line) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "c_test.c:%d: %s\n", line, what);
}

static int has(const char* text, const char* piece) {
  return text != NULL && strstr(text, piece) != NULL;
}

/* Frees the error, and says whether it was this one. */
static int is_error(airouter_error* error, airouter_error_code code, const char* piece) {
  int matches = airouter_error_code_of(error) == code && has(airouter_error_message(error).bytes, piece);
  if (!matches)
    fprintf(stderr, "another error: %d %s\n", (int)airouter_error_code_of(error),
            airouter_error_message(error).bytes);
  airouter_error_free(error);
  return matches;
}

static const char* request_for(const char* model, int stream) {
  static char text[4][200];
  static int next = 0;
  char* made = text[next++ % 4];
  snprintf(made, sizeof text[0],
           "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}", model,
           stream ? "true" : "false");
  return made;
}

static airouter_call* open_call(airouter_router* router, const char* model, int stream) {
  airouter_error* error = NULL;
  airouter_call* call =
      airouter_call_open(router, request_for(model, stream), AIROUTER_NUL_TERMINATED, NULL, &error);
  CHECK(call != NULL && error == NULL);
  return call;
}

static long milliseconds_since(const struct timespec* begin) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - begin->tv_sec) * 1000 + (now.tv_nsec - begin->tv_nsec) / 1000000;
}

static void test_null_handles(void) {
  airouter_error* error = NULL;
  airouter_string none = airouter_router_models(NULL, &error);
  CHECK(none.bytes == NULL && is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  none = airouter_router_health(NULL, &error);
  CHECK(none.bytes == NULL && is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  none = airouter_router_explain(NULL, "m", &error);
  CHECK(none.bytes == NULL && is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  CHECK(airouter_router_create(NULL, 3, &error) == NULL &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "text is NULL"));
  CHECK(airouter_router_from_file(NULL, &error) == NULL &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "text is NULL"));
  CHECK(airouter_router_reload(NULL, "{}", 2, &error) != 0 &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  CHECK(airouter_router_reset_health(NULL, "p", NULL, &error) != 0 &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  CHECK(airouter_call_open(NULL, "{}", 2, NULL, &error) == NULL &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  CHECK(airouter_call_start(NULL, "{}", 2, NULL, NULL, NULL, &error) == NULL &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "router is NULL"));
  CHECK(airouter_call_next(NULL, 0, &error) == AIROUTER_FAILED &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "call is NULL"));
  CHECK(airouter_call_finish(NULL, &error) != 0 &&
        is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "call is NULL"));
  CHECK(airouter_call_data(NULL).length == 0 && airouter_call_text(NULL).bytes[0] == '\0');
  CHECK(airouter_call_head(NULL).length == 0 && airouter_call_summary(NULL).length == 0);
  airouter_call_cancel(NULL);
  airouter_call_free(NULL);
  airouter_router_free(NULL);
  airouter_error_free(NULL);
  airouter_string_free(none);
  CHECK(airouter_error_code_of(NULL) == AIROUTER_OK && airouter_error_message(NULL).length == 0);
  CHECK(airouter_error_json(NULL).length == 0);
  CHECK(airouter_router_create(NULL, 0, NULL) == NULL); /* nobody wants to know why */
}

static void test_wrong_json(airouter_router* router) {
  static const struct {
    const char *request, *options, *piece;
    airouter_error_code code;
  } rows[] = {
      {"{", NULL, "JSON", AIROUTER_ERROR_INVALID_REQUEST},
      {"[]", NULL, "object", AIROUTER_ERROR_INVALID_REQUEST},
      {"{}", NULL, "model", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":7}", NULL, "model", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{", "options", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "[]", "options", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"total_ms\":0}", "total_ms", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"total_ms\":\"7\"}", "total_ms", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"headers\":{\"a\":1}}", "headers", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"timeout\":1}", "'timeout'", AIROUTER_ERROR_INVALID_REQUEST},
      {NULL, NULL, "NULL", AIROUTER_ERROR_INVALID_ARGUMENT},
  };
  airouter_error* error = NULL;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    CHECK(airouter_call_open(router, rows[i].request, AIROUTER_NUL_TERMINATED, rows[i].options, &error) ==
          NULL);
    CHECK(is_error(error, rows[i].code, rows[i].piece));
  }
  CHECK(airouter_router_create("{\"providers\":[{\"weight\":0}]}", AIROUTER_NUL_TERMINATED, &error) == NULL);
  CHECK(has(airouter_error_json(error).bytes, "\"code\":\"invalid_config\""));
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, "/providers/0/weight"));
  CHECK(airouter_router_from_file("/nowhere/config.json", &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, "/nowhere/config.json"));
  CHECK(airouter_router_reload(router, "{\"providers\":7}", AIROUTER_NUL_TERMINATED, &error) != 0);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, "/providers"));
}

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
  const struct timespec moment = {0, 100 * 1000 * 1000};
  nanosleep(&moment, NULL);
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
  const struct timespec moment = {0, 100 * 1000 * 1000};
  nanosleep(&moment, NULL);
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

  airouter_callbacks wrong = {0, NULL, NULL, NULL, NULL, 0};
  CHECK(airouter_call_start(router, request_for("slow", 1), AIROUTER_NUL_TERMINATED, NULL, &wrong, NULL,
                            &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "size"));
  CHECK(airouter_call_start(router, request_for("slow", 1), AIROUTER_NUL_TERMINATED, NULL, NULL, NULL,
                            &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "NULL"));
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

static void test_ends(const char* config) {
  struct told told;
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_from_file(config, &error);
  airouter_call* opened = open_call(router, "failover", 0);
  airouter_call* started = start(router, "hang", 0, &told);
  struct timespec begin;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  airouter_router_free(router);
  CHECK(milliseconds_since(&begin) < 2000); /* 100 ms on a machine that does nothing else */
  CHECK(told.dones == 1 && told.code == AIROUTER_ERROR_CANCELLED);
  airouter_call_free(started);
  CHECK(airouter_call_finish(opened, &error) == 0 && error == NULL);
  airouter_call_free(opened);
}

int main(int count, char** arguments) {
  const char* config = count > 1 ? arguments[1] : getenv("AIROUTER_TEST_CONFIG");
  airouter_error* error = NULL;
  CHECK(airouter_abi_version() == AIROUTER_ABI_VERSION);
  CHECK(airouter_version()[0] != '\0');
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
  airouter_router_free(router);
  test_router(config);
  test_ends(config);
  if (failures != 0) fprintf(stderr, "%d checks failed\n", failures);
  return failures != 0;
}
