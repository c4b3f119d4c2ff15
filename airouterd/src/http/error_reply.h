#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace airouterd::http {

// Why a request is turned away before any route sees it.
struct Refusal {
  int status = 400;
  std::string_view code{};  // the `code` of the error object; empty: null
  std::string message{};    // one sentence for a person; repeats nothing the client sent
};

// OpenAI's error object with its four keys. `type` follows from the status: server_error from 500 on, else
// invalid_request_error.
Reply error_reply(int status, std::string_view message, std::string_view code = {});
Reply error_reply(const Refusal& refusal);

// The same, but for paths of the administration, which answers `{"detail","code"}`. `path` is normalised, or
// empty where it is not known.
Reply error_reply(const Refusal& refusal, std::string_view path);

// What `error` asks for: its status, its object, and Retry-After where trying again makes sense.
Reply error_reply(const airouter::Error& error);

}  // namespace airouterd::http
