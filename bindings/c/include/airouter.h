/* airouter for C, and for every language that can call C: model calls that are routed to whichever provider
 * works.
 *
 *     airouter_error* error = NULL;
 *     airouter_router* router = airouter_router_from_file("config.json", &error);
 *     airouter_call* call = airouter_call_open(router, request, AIROUTER_NUL_TERMINATED, NULL, &error);
 *     for (;;) switch (airouter_call_next(call, 1000, &error)) { ... }
 *
 * Text is UTF-8. Configs and requests are JSON as docs/configuration.md and OpenAI have it. A length may be
 * AIROUTER_NUL_TERMINATED.
 *
 * Errors. The last parameter of what can fail may be NULL; else *error is set to NULL, or to an error that
 * the caller frees. No function throws, prints, or touches a signal handler. A null handle is an error (code
 * AIROUTER_ERROR_INVALID_ARGUMENT) where there is an error parameter, and else answers nothing. Freeing NULL
 * does nothing.
 *
 * Ownership. An airouter_view is borrowed: nobody frees it, and its comment says how long it is valid. An
 * airouter_string is the caller's, to be given to airouter_string_free. Bytes of both are followed by a NUL
 * that `length` does not count.
 *
 * Threads. A router may be used by any number of threads. A call is used by one at a time (a second one gets
 * an error), but airouter_call_cancel may come from any.
 */
#ifndef AIROUTER_H
#define AIROUTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define AIROUTER_API __attribute__((visibility("default")))
#else
#define AIROUTER_API
#endif

/* Grows when a program that was compiled against an older header would break. The library says its own by
 * airouter_abi_version(). What is added at the ends of structs that carry their size does not count. */
#define AIROUTER_ABI_VERSION 1

#define AIROUTER_NUL_TERMINATED ((size_t)-1)

typedef struct airouter_router airouter_router;
typedef struct airouter_call airouter_call;
typedef struct airouter_error airouter_error;

typedef struct airouter_view {
  const char* bytes; /* never NULL */
  size_t length;
} airouter_view;

typedef struct airouter_string {
  char* bytes; /* NULL after an error */
  size_t length;
} airouter_string;

/* What went wrong; airouter_error_json has its name and the rest. */
typedef enum airouter_error_code {
  AIROUTER_OK = 0,
  AIROUTER_ERROR_INVALID_CONFIG = 1,       /* the message lists every problem, a line each */
  AIROUTER_ERROR_INVALID_REQUEST = 2,      /* no provider was touched */
  AIROUTER_ERROR_UNKNOWN_MODEL = 3,        /* no enabled provider serves it */
  AIROUTER_ERROR_NO_PROVIDER = 4,          /* all of them are disabled or cooling; nobody was dialled */
  AIROUTER_ERROR_ALL_PROVIDERS_FAILED = 5, /* at least one was tried */
  AIROUTER_ERROR_REQUEST_REJECTED = 6,     /* a provider's own 4xx about this very request */
  AIROUTER_ERROR_STREAM_BROKEN = 7,        /* failed after output: half an answer */
  AIROUTER_ERROR_TIMEOUT = 8,              /* the call's total time ran out */
  AIROUTER_ERROR_OVERLOADED = 9,           /* a limit of this process was reached */
  AIROUTER_ERROR_CANCELLED = 10,           /* the caller asked to stop */
  AIROUTER_ERROR_INVALID_ARGUMENT = 11, /* a null handle, or a call that is used in a way it does not allow */
  AIROUTER_ERROR_INTERNAL = 12          /* a failure that nobody foresaw, such as memory that ran out */
} airouter_error_code;

typedef enum airouter_event {
  AIROUTER_FAILED = 0,    /* the error says why; for ever after */
  AIROUTER_COMMITTED = 1, /* a provider has shown output, so it is this one: once, before any data */
  AIROUTER_DATA = 2,      /* airouter_call_data() holds more */
  AIROUTER_IDLE = 3,      /* the time is over; call again */
  AIROUTER_END = 4        /* the whole answer was delivered; for ever after */
} airouter_event;

/* The ABI version and the version of the library that is linked. The text is static. */
AIROUTER_API uint32_t airouter_abi_version(void);
AIROUTER_API const char* airouter_version(void);

/* A router from JSON with comments, or from a file of it. NULL: see the error. */
AIROUTER_API airouter_router* airouter_router_create(const char* config, size_t length,
                                                     airouter_error** error);
AIROUTER_API airouter_router* airouter_router_from_file(const char* path, airouter_error** error);

/* Cancels the calls that were started on it and waits for their on_done, but not for that of a callback which
 * frees it. Calls that were opened may outlive it; handles of started ones are still to be freed. */
AIROUTER_API void airouter_router_free(airouter_router* router);

/* Swaps the config; running calls keep theirs. Returns 0 if it did, else changes nothing. */
AIROUTER_API int airouter_router_reload(airouter_router* router, const char* config, size_t length,
                                        airouter_error** error);

/* JSON texts: ["model", …] · {"candidates":[{provider, model, share}], "skipped":[{provider, model, reason,
 * until_s}]}, a dry run · [{provider, model, state, cause, left_ms, failures}], "model" empty for a whole
 * provider. */
AIROUTER_API airouter_string airouter_router_models(const airouter_router* router, airouter_error** error);
AIROUTER_API airouter_string airouter_router_explain(const airouter_router* router, const char* model,
                                                     airouter_error** error);
AIROUTER_API airouter_string airouter_router_health(const airouter_router* router, airouter_error** error);

/* Forgets the failures of a provider, or of one of its models (NULL or "": all). Unknown names do nothing.
 * Returns 0. */
AIROUTER_API int airouter_router_reset_health(airouter_router* router, const char* provider,
                                              const char* model, airouter_error** error);

/* Pull: a call that its owner drives by airouter_call_next. `request` is a chat completion's JSON, kept byte
 * for byte. `options` is NULL or JSON: {"total_ms": 30000, "headers": {"name": "value"}}. NULL: see the
 * error. */
AIROUTER_API airouter_call* airouter_call_open(airouter_router* router, const char* request, size_t length,
                                               const char* options, airouter_error** error);

/* Push: what a call that runs on a thread of the router's tells, one after the other. All may be NULL. A
 * return value other than 0 stops the call. Views are valid until the callback returns.
 *
 * They may use the router: open, start and finish other calls, reload it, free it. Of their own call they may
 * cancel it, and free it, which cancels it; neither waits there, and on_done is told once more unless it is
 * what frees. Finishing their own call is an error, since it would wait for itself. So would two callbacks
 * that free or finish each other's calls: don't. They may be called before airouter_call_start has returned.
 */
typedef struct airouter_callbacks {
  size_t size;                                                        /* sizeof(airouter_callbacks) */
  int (*on_head)(void* user, airouter_view head);                     /* JSON, as of airouter_call_head */
  int (*on_data)(void* user, airouter_view data, airouter_view text); /* as of call_data and call_text */
  int (*on_idle)(void* user);                                         /* every idle_tick_ms without data */
  void (*on_done)(void* user, const airouter_error* error,            /* once, last; NULL: answered whole */
                  airouter_view summary);
  int64_t idle_tick_ms; /* 0: 1000 */
} airouter_callbacks;

/* Starts a call on a thread of the router's. The handle answers airouter_call_finish, airouter_call_cancel
 * and airouter_call_free only. */
AIROUTER_API airouter_call* airouter_call_start(airouter_router* router, const char* request, size_t length,
                                                const char* options, const airouter_callbacks* callbacks,
                                                void* user, airouter_error** error);

/* Drives an opened call for at most `timeout_ms` (negative: until something comes). Failover goes on inside,
 * also after AIROUTER_IDLE. */
AIROUTER_API airouter_event airouter_call_next(airouter_call* call, int64_t timeout_ms,
                                               airouter_error** error);

/* An opened call: drives it to its end; airouter_call_data() is then the whole answer. A started one: waits
 * until on_done has returned, and tells only whether it could wait. Returns 0, else see the error. */
AIROUTER_API int airouter_call_finish(airouter_call* call, airouter_error** error);

/* What the last AIROUTER_DATA brought: whole events, blank line included, or the plain body; and the text in
 * it, of the first choice. Valid until the next call of next, finish or free; of airouter_call_text, until it
 * is asked again, too. Empty also if memory for the copy runs out. */
AIROUTER_API airouter_view airouter_call_data(airouter_call* call);
AIROUTER_API airouter_view airouter_call_text(airouter_call* call);

/* JSON: {status, provider, model, attempts, headers:{…}} once committed, before that empty · {id, model,
 * stream, attempts:[…], skipped:[…], usage, total_us}, always. Valid until the same is asked again, or free.
 */
AIROUTER_API airouter_view airouter_call_head(airouter_call* call);
AIROUTER_API airouter_view airouter_call_summary(airouter_call* call);

/* From any thread: the call ends soon with AIROUTER_ERROR_CANCELLED, unless it ends by itself before. */
AIROUTER_API void airouter_call_cancel(airouter_call* call);

/* Cancels what still runs, and waits for it: also for another thread inside of next, and for on_done of a
 * started call, unless one of its own callbacks frees it. Nobody may use the handle from then on; a thread
 * that is inside of airouter_call_finish for a started call already comes back when that is done. */
AIROUTER_API void airouter_call_free(airouter_call* call);

AIROUTER_API void airouter_string_free(airouter_string string);

/* Of an error: its code, a sentence for a person, and JSON: {code, message, http_status, retry_after_s,
 * body}, where body is OpenAI's error object. Views are valid until the error is freed. NULL is AIROUTER_OK
 * and empty. */
AIROUTER_API airouter_error_code airouter_error_code_of(const airouter_error* error);
AIROUTER_API airouter_view airouter_error_message(const airouter_error* error);
AIROUTER_API airouter_view airouter_error_json(const airouter_error* error);
AIROUTER_API void airouter_error_free(airouter_error* error);

#ifdef __cplusplus
}
#endif

#endif
