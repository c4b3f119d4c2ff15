// Callbacks that are C++ and throw: their call ends and tells so, nothing leaves the library, and the next
// call answers.
#include <stdexcept>
#include <string>

#include "c_support.h"

namespace {

struct Told {
  int dones = 0;
  std::string message{};
};

int throw_at_head(void*, airouter_view) {
  throw std::runtime_error("on_head");
}
int throw_at_data(void*, airouter_view, airouter_view) {
  throw 42;
}
int throw_at_idle(void*) {
  throw std::string("on_idle");
}

void note(void* user, const airouter_error* error, airouter_view) {
  auto& told = *static_cast<Told*>(user);
  ++told.dones;
  told.message = airouter_error_message(error).bytes;
}

void note_and_throw(void* user, const airouter_error* error, airouter_view summary) {
  note(user, error, summary);
  throw 7;
}

Told told_by(airouter_router* router, const airouter_callbacks& callbacks) {
  Told told;
  airouter_call* call = airouter_call_start(router, request_for("pausing", 1), AIROUTER_NUL_TERMINATED,
                                            nullptr, &callbacks, &told, nullptr);
  CHECK(call != nullptr && airouter_call_finish(call, nullptr) == 0);
  airouter_call_free(call);
  CHECK(told.dones == 1);
  return told;
}

}  // namespace

void test_callbacks_that_throw(airouter_router* router) {
  constexpr std::size_t size = sizeof(airouter_callbacks);
  const airouter_callbacks throwing[] = {{size, throw_at_head, nullptr, nullptr, note, 5},
                                         {size, nullptr, throw_at_data, nullptr, note, 5},
                                         {size, nullptr, nullptr, throw_at_idle, note, 5}};
  for (const airouter_callbacks& callbacks : throwing)
    CHECK(told_by(router, callbacks).message == "a callback threw an exception");
  CHECK(told_by(router, {size, nullptr, nullptr, nullptr, note_and_throw, 5}).message.empty());
  CHECK(told_by(router, {size, nullptr, nullptr, nullptr, note, 5}).message.empty());
}
