#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <airouter/result.h>

namespace airouterd::demo {

// Streams one chat completion of the model "demo" from the server at `base_url`, as any client would, and
// passes on its words as they come. Fails if the stream does not end with [DONE].
airouter::Result<void> ask(const std::string& base_url,
                           const std::function<void(std::string_view word)>& on_word);

}  // namespace airouterd::demo
