/* Callbacks that turn on what tells them: their own call, their router. */
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "c_support.h"

enum hook { IN_HEAD, IN_DATA, IN_IDLE, IN_DONE };

/* A call, and what one of its callbacks does, once. */
struct play {
  airouter_router* router;
  airouter_call* call;
  sem_t handle_is_known, is_done;
  enum hook hook;
  void (*act)(struct play*);
  int acts, dones, calls_after_done;
  airouter_error_code code;
};

static int act_in(struct play* play, enum hook hook) {
  play->calls_after_done += play->dones;
  if (play->hook != hook || play->acts != 0) return 0;
  while (sem_wait(&play->handle_is_known) != 0) {
  }
  ++play->acts;
  play->act(play);
  return 0;
}

static int on_head(void* user, airouter_view head) {
  CHECK(has(head.bytes, "\"provider\""));
  return act_in(user, IN_HEAD);
}

static int on_data(void* user, airouter_view data, airouter_view text) {
  const int result = act_in(user, IN_DATA);
  /* Views are the callback's, whatever became of the call. */
  CHECK(data.length > 0 && strlen(data.bytes) == data.length && strlen(text.bytes) == text.length);
  return result;
}

static int on_idle(void* user) {
  return act_in(user, IN_IDLE);
}

static void on_done(void* user, const airouter_error* error, airouter_view summary) {
  struct play* play = user;
  act_in(play, IN_DONE);
  CHECK(has(summary.bytes, "\"attempts\":["));
  play->code = airouter_error_code_of(error);
  ++play->dones;
  sem_post(&play->is_done);
}

static void begin(struct play* play, airouter_router* router, const char* model, enum hook hook,
                  void (*act)(struct play*)) {
  const airouter_callbacks callbacks = {sizeof callbacks, on_head, on_data, on_idle, on_done, 10};
  airouter_error* error = NULL;
  memset(play, 0, sizeof *play);
  sem_init(&play->handle_is_known, 0, 0);
  sem_init(&play->is_done, 0, 0);
  play->router = router;
  play->hook = hook;
  play->act = act;
  play->call = airouter_call_start(router, request_for(model, 1), AIROUTER_NUL_TERMINATED, NULL, &callbacks,
                                   play, &error);
  CHECK(play->call != NULL && error == NULL);
  sem_post(&play->handle_is_known);
}

/* Waits for on_done, by nothing but itself: the handle may be gone. */
static void end(struct play* play, airouter_error_code code) {
  while (sem_wait(&play->is_done) != 0) {
  }
  CHECK(play->acts == 1 && play->dones == 1 && play->calls_after_done == 0 && play->code == code);
}

static void let_go(struct play* play) {
  airouter_call_free(play->call);
  sem_destroy(&play->handle_is_known);
  sem_destroy(&play->is_done);
}

static void cancel_it(struct play* play) {
  airouter_call_cancel(play->call);
}

static void free_it(struct play* play) {
  airouter_call_free(play->call);
  play->call = NULL;
}

static void finish_it(struct play* play) {
  airouter_error* error = NULL;
  CHECK(airouter_call_finish(play->call, &error) != 0);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "own call"));
}

static void pull_it(struct play* play) {
  airouter_error* error = NULL;
  CHECK(airouter_call_next(play->call, 0, &error) == AIROUTER_FAILED);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_ARGUMENT, "was started"));
  CHECK(airouter_call_data(play->call).length == 0 && airouter_call_text(play->call).length == 0);
  CHECK(airouter_call_head(play->call).length == 0 && airouter_call_summary(play->call).length == 0);
}

static void free_router(struct play* play) {
  airouter_router_free(play->router);
  play->router = NULL;
}

static void free_router_and_call(struct play* play) {
  free_router(play);
  free_it(play);
}

static void free_call_and_router(struct play* play) {
  free_it(play);
  free_router(play);
}

static void use_router(struct play* play) {
  airouter_error* error = NULL;
  airouter_router_reset_health(play->router, "failover-1", NULL, &error);
  airouter_call* call = open_call(play->router, "failover", 1);
  CHECK(airouter_call_finish(call, &error) == 0 && error == NULL);
  airouter_call_free(call);
  airouter_string text = airouter_router_health(play->router, &error);
  CHECK(has(text.bytes, "\"state\"") && error == NULL);
  airouter_string_free(text);
  text = airouter_router_explain(play->router, "failover", &error);
  CHECK(has(text.bytes, "candidates") && error == NULL);
  airouter_string_free(text);
}

static void start_another(struct play* play) {
  struct play other;
  begin(&other, play->router, "failover", IN_DONE, pull_it);
  airouter_error* error = NULL;
  CHECK(airouter_call_finish(other.call, &error) == 0 && error == NULL);
  end(&other, AIROUTER_OK);
  let_go(&other);
}

static void reload_router(struct play* play) {
  airouter_error* error = NULL;
  CHECK(airouter_router_reload(play->router, "{\"providers\":[]}", AIROUTER_NUL_TERMINATED, &error) == 0);
  CHECK(error == NULL);
  CHECK(airouter_router_reload(play->router, "{", AIROUTER_NUL_TERMINATED, &error) != 0);
  CHECK(is_error(error, AIROUTER_ERROR_INVALID_CONFIG, ""));
}

/* While its router goes: nothing new begins there, and everything else is answered. */
static void use_ending_router(struct play* play) {
  const airouter_callbacks none = {sizeof none, NULL, NULL, NULL, NULL, 0};
  airouter_error* error = NULL;
  CHECK(airouter_call_start(play->router, request_for("failover", 1), AIROUTER_NUL_TERMINATED, NULL, &none,
                            NULL, &error) == NULL);
  CHECK(is_error(error, AIROUTER_ERROR_CANCELLED, "going away"));
  airouter_string models = airouter_router_models(play->router, &error);
  CHECK(has(models.bytes, "failover") && error == NULL);
  airouter_string_free(models);
  reload_router(play);
}

/* A call in a router of its own that is freed here unless a callback has done so. */
static void run(const char* config, const char* model, enum hook hook, void (*act)(struct play*),
                airouter_error_code code) {
  struct play play;
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_from_file(config, &error);
  begin(&play, router, model, hook, act);
  end(&play, code);
  airouter_router_free(play.router);
  let_go(&play);
}

static int threads(void) {
  DIR* tasks = opendir("/proc/self/task");
  int count = 0;
  while (tasks != NULL && readdir(tasks) != NULL)
    ++count;
  closedir(tasks);
  return count;
}

static void* finish_from_elsewhere(void* call) {
  airouter_error* error = NULL;
  CHECK(airouter_call_finish(call, &error) == 0 && error == NULL);
  return NULL;
}

/* One thread waits in finish while a callback frees the call: the wait ends with the call. */
static void test_free_under_a_wait(const char* config) {
  struct play play;
  pthread_t waiting;
  airouter_router* router = airouter_router_from_file(config, NULL);
  const airouter_callbacks callbacks = {sizeof callbacks, on_head, on_data, on_idle, on_done, 10};
  memset(&play, 0, sizeof play);
  sem_init(&play.handle_is_known, 0, 0);
  sem_init(&play.is_done, 0, 0);
  play.hook = IN_IDLE;
  play.act = free_it;
  play.call = airouter_call_start(router, request_for("hang", 1), AIROUTER_NUL_TERMINATED, NULL, &callbacks,
                                  &play, NULL);
  pthread_create(&waiting, NULL, finish_from_elsewhere, play.call);
  pause_ms(100); /* it waits */
  sem_post(&play.handle_is_known);
  pthread_join(waiting, NULL);
  end(&play, AIROUTER_ERROR_CANCELLED);
  airouter_router_free(router);
  let_go(&play);
}

static void test_end_of_router(const char* config) {
  struct play play;
  airouter_router* router = airouter_router_from_file(config, NULL);
  begin(&play, router, "hang", IN_DONE, use_ending_router);
  airouter_router_free(router);
  end(&play, AIROUTER_ERROR_CANCELLED);
  let_go(&play);
}

void test_callbacks(const char* config) {
  static const struct {
    void (*act)(struct play*);
    airouter_error_code code; /* of a call that does so before it is done */
  } acts[] = {
      {cancel_it, AIROUTER_ERROR_CANCELLED},
      {free_it, AIROUTER_ERROR_CANCELLED},
      {finish_it, AIROUTER_OK},
      {pull_it, AIROUTER_OK},
      {use_router, AIROUTER_OK},
      {start_another, AIROUTER_OK},
      {reload_router, AIROUTER_OK},
      {free_router, AIROUTER_ERROR_CANCELLED},
      {free_router_and_call, AIROUTER_ERROR_CANCELLED},
      {free_call_and_router, AIROUTER_ERROR_CANCELLED},
  };
  const int threads_before = threads();
  for (size_t i = 0; i < sizeof acts / sizeof acts[0]; ++i) {
    for (enum hook hook = IN_HEAD; hook <= IN_IDLE; ++hook)
      run(config, "pausing", hook, acts[i].act, acts[i].code);
    run(config, "pausing", IN_DONE, acts[i].act, AIROUTER_OK);
  }
  test_free_under_a_wait(config);
  test_end_of_router(config);
  /* Threads whose callbacks freed their router end by themselves. */
  for (int i = 0; i < 1000 && threads() > threads_before; ++i)
    pause_ms(10);
  CHECK(threads() <= threads_before);
}
