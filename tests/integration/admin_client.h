#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "integration/gateway.h"

// The administrator of an airouterd under test.
namespace gateway {

inline std::string content_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// What the data folder of a gateway holds as its admin token.
inline std::string admin_token_of(const Gateway& daemon) {
  std::string token = content_of(daemon.folder().file("data/admin_token"));
  if (token.ends_with('\n')) token.pop_back();
  return token;
}

// "200 {…}"
inline std::string shown(const RawAnswer& answer) {
  return std::to_string(answer.status) + " " + answer.body;
}

// The text of a member of an answer, "" if there is none: `{"keys", "0", "name"}` goes into lists by
// position. Lists and objects are shown as they were sent.
inline std::string member_of(const std::string& body, std::initializer_list<std::string_view> path) {
  const json::Parsed parsed = json::parse(body);
  const json::Value* value = parsed.value ? &*parsed.value : nullptr;
  for (const std::string_view key : path) {
    if (value == nullptr) return {};
    if (value->is_array()) {
      const auto position = static_cast<std::size_t>(json::to_integer(key).value_or(-1));
      value = position < value->items.size() ? &value->items[position] : nullptr;
    } else {
      value = value->find(key);
    }
  }
  if (value == nullptr) return {};
  return value->is_string() ? value->text
                            : body.substr(value->span.begin, value->span.end - value->span.begin);
}

// Sends requests with the admin token, bodies as JSON. `more_head_lines` end in CRLF each.
class AdminClient {
 public:
  explicit AdminClient(const Gateway& daemon) : AdminClient(daemon, admin_token_of(daemon)) {}
  AdminClient(const Gateway& daemon, std::string token) : daemon_(daemon), token_(std::move(token)) {}

  const std::string& token() const { return token_; }

  RawAnswer get(std::string_view target, std::string_view more_head_lines = {}) const {
    return send("GET", target, {}, more_head_lines);
  }
  RawAnswer post(std::string_view target, std::string_view body = {},
                 std::string_view more_head_lines = {}) const {
    return send("POST", target, body, more_head_lines);
  }
  RawAnswer put(std::string_view target, std::string_view body, std::string_view more_head_lines = {}) const {
    return send("PUT", target, body, more_head_lines);
  }
  RawAnswer del(std::string_view target, std::string_view more_head_lines = {}) const {
    return send("DELETE", target, {}, more_head_lines);
  }
  RawAnswer send(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view more_head_lines = {}) const {
    return daemon_.send(request(method, target, body, more_head_lines));
  }

  // The bytes of such a request, for clients of their own.
  std::string request(std::string_view method, std::string_view target, std::string_view body = {},
                      std::string_view more_head_lines = {}) const {
    std::string lines = token_.empty() ? std::string() : "authorization: Bearer " + token_ + "\r\n";
    lines += more_head_lines;
    return raw_request(method, target, body, lines);
  }

 private:
  const Gateway& daemon_;
  const std::string token_;
};

}  // namespace gateway
