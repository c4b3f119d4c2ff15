#pragma once

#include <memory>

#include <airouter/call.h>

#include "engine/core.h"

namespace airouter::engine {

// Pulls a call to its end on the calling thread and tells the callbacks. A callback that throws stops the
// call, and on_done is told so; what on_done throws is dropped.
void run_call(const std::shared_ptr<Core>& core, ChatRequest request, const StreamCallbacks& callbacks,
              const CallOptions& options) noexcept;

// Tells the callbacks that there is no call.
void refuse_call(const Error& error, const StreamCallbacks& callbacks) noexcept;

}  // namespace airouter::engine
