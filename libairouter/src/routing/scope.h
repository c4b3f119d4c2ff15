#pragma once

namespace airouter::routing {

// What a failure speaks about, and so what cools down.
enum class Scope { nothing, provider, model };

}  // namespace airouter::routing
