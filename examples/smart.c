/* An answer's text, streamed, from whichever provider works. The same program as smart.cpp, smart.py and
 * smart.js. */
#include <airouter.h>
#include <stdio.h>

static const char* const request =
    "{\"model\":\"smart\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

int main(int argc, char** argv) {
  if (argc != 2) return fprintf(stderr, "usage: smart_c CONFIG\n"), 2;
  // [stream]
  airouter_error* error = NULL;
  airouter_router* router = airouter_router_from_file(argv[1], &error);
  const size_t length = AIROUTER_NUL_TERMINATED;
  airouter_call* call = router == NULL ? NULL : airouter_call_open(router, request, length, NULL, &error);
  airouter_event event = call == NULL ? AIROUTER_FAILED : AIROUTER_IDLE;
  for (; event != AIROUTER_END && event != AIROUTER_FAILED; event = airouter_call_next(call, -1, &error))
    if (event == AIROUTER_DATA) fputs(airouter_call_text(call).bytes, stdout);
  if (event == AIROUTER_FAILED) fprintf(stderr, "%s\n", airouter_error_message(error).bytes);
  airouter_call_free(call);
  airouter_router_free(router);
  // [end]
  airouter_error_free(error);
  return event == AIROUTER_END ? 0 : 1;
}
