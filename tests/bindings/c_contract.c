/* Every function of airouter.h with null handles, and everything that reads text with text that is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c_support.h"

/* What refuses has failed and says why; and it fails the same way where nobody wants to know. */
#define REFUSES(failed_with, failed_quietly, piece) \
  ((failed_with) && is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, piece) && (failed_quietly))

static int is_empty(airouter_view view) {
  return view.length == 0 && view.bytes != NULL && view.bytes[0] == '\0';
}

static int null_create(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_create(NULL, 3, &error) == NULL,
                 airouter_router_create(NULL, AIROUTER_NUL_TERMINATED, NULL) == NULL, "text is NULL");
}

static int null_from_file(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_from_file(NULL, &error) == NULL,
                 airouter_router_from_file(NULL, NULL) == NULL, "text is NULL");
}

static int null_router_free(void) {
  airouter_router_free(NULL);
  return 1;
}

static int null_reload(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_reload(NULL, "{}", 2, &error) != 0,
                 airouter_router_reload(NULL, NULL, 0, NULL) != 0, "router is NULL");
}

static int null_models(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_models(NULL, &error).bytes == NULL,
                 airouter_router_models(NULL, NULL).bytes == NULL, "router is NULL");
}

static int null_explain(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_explain(NULL, "m", &error).bytes == NULL,
                 airouter_router_explain(NULL, NULL, NULL).bytes == NULL, "router is NULL");
}

static int null_health(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_health(NULL, &error).bytes == NULL,
                 airouter_router_health(NULL, NULL).bytes == NULL, "router is NULL");
}

static int null_reset_health(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_router_reset_health(NULL, "p", NULL, &error) != 0,
                 airouter_router_reset_health(NULL, NULL, NULL, NULL) != 0, "router is NULL");
}

static int null_open(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_call_open(NULL, "{}", 2, NULL, &error) == NULL,
                 airouter_call_open(NULL, NULL, 0, NULL, NULL) == NULL, "router is NULL");
}

static int null_start(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_call_start(NULL, "{}", 2, NULL, NULL, NULL, &error) == NULL,
                 airouter_call_start(NULL, NULL, 0, NULL, NULL, NULL, NULL) == NULL, "router is NULL");
}

static int null_next(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_call_next(NULL, 0, &error) == AIROUTER_FAILED,
                 airouter_call_next(NULL, -1, NULL) == AIROUTER_FAILED, "call is NULL");
}

static int null_finish(void) {
  airouter_error* error = NULL;
  return REFUSES(airouter_call_finish(NULL, &error) != 0, airouter_call_finish(NULL, NULL) != 0,
                 "call is NULL");
}

static int null_data(void) {
  return is_empty(airouter_call_data(NULL));
}

static int null_text(void) {
  return is_empty(airouter_call_text(NULL));
}

static int null_head(void) {
  return is_empty(airouter_call_head(NULL));
}

static int null_summary(void) {
  return is_empty(airouter_call_summary(NULL));
}

static int null_cancel(void) {
  airouter_call_cancel(NULL);
  return 1;
}

static int null_call_free(void) {
  airouter_call_free(NULL);
  return 1;
}

static int null_string_free(void) {
  const airouter_string none = {NULL, 0};
  airouter_string_free(none);
  return 1;
}

static int null_error_code(void) {
  return airouter_error_code_of(NULL) == AIROUTER_OK;
}

static int null_error_message(void) {
  return is_empty(airouter_error_message(NULL));
}

static int null_error_json(void) {
  return is_empty(airouter_error_json(NULL));
}

static int null_error_free(void) {
  airouter_error_free(NULL);
  return 1;
}

static int abi_version(void) {
  return airouter_abi_version() == AIROUTER_ABI_VERSION;
}

static int version(void) {
  return airouter_version() != NULL && airouter_version()[0] != '\0';
}

/* All of them: interface.sh compares the names with the header's. */
static const struct {
  const char* name;
  int (*holds)(void);
} functions[] = {
    {"airouter_abi_version", abi_version},
    {"airouter_version", version},
    {"airouter_router_create", null_create},
    {"airouter_router_from_file", null_from_file},
    {"airouter_router_free", null_router_free},
    {"airouter_router_reload", null_reload},
    {"airouter_router_models", null_models},
    {"airouter_router_explain", null_explain},
    {"airouter_router_health", null_health},
    {"airouter_router_reset_health", null_reset_health},
    {"airouter_call_open", null_open},
    {"airouter_call_start", null_start},
    {"airouter_call_next", null_next},
    {"airouter_call_finish", null_finish},
    {"airouter_call_data", null_data},
    {"airouter_call_text", null_text},
    {"airouter_call_head", null_head},
    {"airouter_call_summary", null_summary},
    {"airouter_call_cancel", null_cancel},
    {"airouter_call_free", null_call_free},
    {"airouter_string_free", null_string_free},
    {"airouter_error_code_of", null_error_code},
    {"airouter_error_message", null_error_message},
    {"airouter_error_json", null_error_json},
    {"airouter_error_free", null_error_free},
};

void print_functions_with_null(void) {
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i)
    puts(functions[i].name);
}

void test_null_handles(void) {
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i)
    check(functions[i].holds(), functions[i].name, "with NULL", 0);
}

/* Where a function of the interface reads text. Each says whether it failed. */
static int reads_config(airouter_router* router, const char* text, size_t length, airouter_error** error) {
  (void)router;
  airouter_router* made = airouter_router_create(text, length, error);
  airouter_router_free(made);
  return made == NULL;
}

static int reads_new_config(airouter_router* router, const char* text, size_t length,
                            airouter_error** error) {
  return airouter_router_reload(router, text, length, error) != 0;
}

static int reads_opened_request(airouter_router* router, const char* text, size_t length,
                                airouter_error** error) {
  airouter_call* call = airouter_call_open(router, text, length, NULL, error);
  airouter_call_free(call);
  return call == NULL;
}

static int was_told = 0;

static void on_done(void* user, const airouter_error* error, airouter_view summary) {
  (void)user, (void)error, (void)summary;
  was_told = 1;
}

static int reads_started_request(airouter_router* router, const char* text, size_t length,
                                 airouter_error** error) {
  const airouter_callbacks callbacks = {sizeof callbacks, NULL, NULL, NULL, on_done, 0};
  airouter_call* call = airouter_call_start(router, text, length, NULL, &callbacks, NULL, error);
  airouter_call_free(call);
  return call == NULL && !was_told;
}

/* Options have no length. */
static int reads_opened_options(airouter_router* router, const char* text, size_t length,
                                airouter_error** error) {
  (void)length;
  airouter_call* call = airouter_call_open(router, request_for("m", 0), AIROUTER_NUL_TERMINATED, text, error);
  airouter_call_free(call);
  return call == NULL;
}

static int reads_started_options(airouter_router* router, const char* text, size_t length,
                                 airouter_error** error) {
  (void)length;
  const airouter_callbacks callbacks = {sizeof callbacks, NULL, NULL, NULL, on_done, 0};
  airouter_call* call = airouter_call_start(router, request_for("m", 0), AIROUTER_NUL_TERMINATED, text,
                                            &callbacks, NULL, error);
  airouter_call_free(call);
  return call == NULL && !was_told;
}

/* No JSON, or no object: wrong for whatever reads text. */
static void test_no_json(airouter_router* router) {
  static const struct {
    const char* name;
    int (*fails)(airouter_router*, const char*, size_t, airouter_error**);
    airouter_error_code code;
  } readers[] = {
      {"create", reads_config, AIROUTER_ERROR_INVALID_CONFIG},
      {"reload", reads_new_config, AIROUTER_ERROR_INVALID_CONFIG},
      {"open", reads_opened_request, AIROUTER_ERROR_INVALID_REQUEST},
      {"start", reads_started_request, AIROUTER_ERROR_INVALID_REQUEST},
      {"options of open", reads_opened_options, AIROUTER_ERROR_INVALID_REQUEST},
      {"options of start", reads_started_options, AIROUTER_ERROR_INVALID_REQUEST},
  };
  enum { deep = 100000 };
  char* nested = malloc(deep + 1);
  memset(nested, '[', deep);
  nested[deep] = '\0';
  const char* const texts[] = {"",       " ",          "{",       "[]",   "7",    "\"m\"",         "null",
                               "{\"a\"", "{\"a\":1}}", "{\"a\":", "\xff", "{}{}", "\xef\xbb\xbf{", nested};
  for (size_t i = 0; i < sizeof readers / sizeof readers[0]; ++i) {
    for (size_t j = 0; j < sizeof texts / sizeof texts[0]; ++j) {
      airouter_error* error = NULL;
      check(readers[i].fails(router, texts[j], strlen(texts[j]), &error), texts[j], readers[i].name, 1);
      check(is_error(error, readers[i].code, ""), texts[j], readers[i].name, 2);
      check(readers[i].fails(router, texts[j], AIROUTER_NUL_TERMINATED, NULL), texts[j], readers[i].name, 3);
    }
  }
  free(nested);
}

static void test_requests_and_options(airouter_router* router) {
  static const struct {
    const char *request, *options, *piece;
    airouter_error_code code;
  } rows[] = {
      {"{}", NULL, "model", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":7}", NULL, "model", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"total_ms\":0}", "total_ms", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"total_ms\":\"7\"}", "total_ms", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"headers\":{\"a\":1}}", "headers", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"headers\":[]}", "headers", AIROUTER_ERROR_INVALID_REQUEST},
      {"{\"model\":\"m\"}", "{\"timeout\":1}", "'timeout'", AIROUTER_ERROR_INVALID_REQUEST},
      {NULL, NULL, "NULL", AIROUTER_ERROR_INVALID_ARGUMENT},
  };
  const airouter_callbacks callbacks = {sizeof callbacks, NULL, NULL, NULL, on_done, 0};
  airouter_error* error = NULL;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; ++i) {
    CHECK(airouter_call_open(router, rows[i].request, AIROUTER_NUL_TERMINATED, rows[i].options, &error) ==
          NULL);
    CHECK(is_error(error, rows[i].code, rows[i].piece));
    CHECK(airouter_call_start(router, rows[i].request, AIROUTER_NUL_TERMINATED, rows[i].options, &callbacks,
                              NULL, &error) == NULL);
    CHECK(is_error(error, rows[i].code, rows[i].piece) && !was_told);
  }
  airouter_callbacks wrong = {0, NULL, NULL, NULL, NULL, 0};
  CHECK(airouter_call_start(router, request_for("slow", 1), AIROUTER_NUL_TERMINATED, NULL, &wrong, NULL,
                            &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "size"));
  CHECK(airouter_call_start(router, request_for("slow", 1), AIROUTER_NUL_TERMINATED, NULL, NULL, NULL,
                            &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "NULL"));
}

/* Names that nobody has are no error, whatever they look like. */
static void test_names(airouter_router* router) {
  static const char* const names[] = {"", "nobody", "\xff\xfe", "a\nb", "\"", "*"};
  airouter_error* error = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; ++i) {
    const airouter_string plan = airouter_router_explain(router, names[i], &error);
    CHECK(error == NULL && has(plan.bytes, "{\"candidates\":["));
    airouter_string_free(plan);
    CHECK(airouter_router_reset_health(router, names[i], names[i], &error) == 0 && error == NULL);
  }
  CHECK(airouter_router_explain(router, NULL, &error).bytes == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "text is NULL"));
  CHECK(airouter_router_reset_health(router, NULL, "m", &error) != 0);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "text is NULL"));
}

static void test_configs(airouter_router* router) {
  airouter_error* error = NULL;
  CHECK(airouter_router_create("{\"providers\":[{\"weight\":0}]}", AIROUTER_NUL_TERMINATED, &error) == NULL);
  CHECK(has(airouter_error_json(error).bytes, "\"code\":\"invalid_config\""));
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, "/providers/0/weight"));
  CHECK(airouter_router_from_file("/nowhere/config.json", &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, "/nowhere/config.json"));
  CHECK(airouter_router_from_file("/dev/null", &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, ""));
  CHECK(airouter_router_reload(router, "{\"providers\":7}", AIROUTER_NUL_TERMINATED, &error) != 0);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, "/providers"));
}

void test_wrong_json(airouter_router* router) {
  test_no_json(router);
  test_requests_and_options(router);
  test_names(router);
  test_configs(router);
}
