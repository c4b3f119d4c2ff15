#include "protocol/path_handler.h"

namespace airouter::protocol {
namespace {

constexpr std::size_t key_bytes_max = 32;  // longer than any key that is asked for

bool is_plain(std::string_view key) {
  return !key.empty() && key.size() <= key_bytes_max && key.find_first_of(".[]?") == std::string_view::npos;
}

}  // namespace

bool PathHandler::on_key(std::string_view key, json::Span span) {
  path_.resize(open_.back());
  if (!path_.empty()) path_ += '.';
  path_ += is_plain(key) ? key : "?";
  found_key(span);
  return true;
}

bool PathHandler::open(json::Kind kind, std::size_t offset) {
  found_open(kind, offset);
  open_.push_back(path_.size());
  if (kind == json::Kind::array) path_ += "[]";
  return true;
}

bool PathHandler::close(json::Kind kind, json::Span span) {
  path_.resize(open_.back());
  open_.pop_back();
  found_close(kind, span);
  return true;
}

}  // namespace airouter::protocol
