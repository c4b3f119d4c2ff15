#include "protocol/answer_text.h"

#include "protocol/path_handler.h"

namespace airouter::protocol {
namespace {

// Where text stands. Some providers send a list of parts.
constexpr std::string_view places[] = {
    "choices[].delta.content",   "choices[].delta.content[].text",   "choices[].text",
    "choices[].message.content", "choices[].message.content[].text",
};

bool is_place(std::string_view path) {
  for (const std::string_view place : places)
    if (path == place) return true;
  return false;
}

// A choice's index may stand behind its text.
class TextScan : public PathHandler {
 public:
  explicit TextScan(std::string& text) : text_(text) {}

 protected:
  void found_leaf(const Leaf& leaf) override {
    if (leaf.kind == json::Kind::string && is_place(path())) choice_ += leaf.text;
    if (leaf.kind == json::Kind::number && path() == "choices[].index") is_first_ = leaf.text == "0";
  }
  void found_open(json::Kind /*kind*/, std::size_t /*offset*/) override {
    if (path() != "choices[]") return;
    choice_.clear();
    is_first_ = true;
  }
  void found_close(json::Kind /*kind*/, json::Span /*span*/) override {
    if (path() == "choices[]" && is_first_) text_ += choice_;
  }

 private:
  std::string& text_;
  std::string choice_{};  // of the one that is being read
  bool is_first_ = true;
};

void add_text(std::string_view json, std::string& text) {
  TextScan scan(text);
  json::scan(json, scan);
}

}  // namespace

std::string answer_text(std::string_view data) {
  std::string text;
  if (data.find_first_not_of(" \t\r\n") == data.find('{')) {
    add_text(data, text);
    return text;
  }
  // Relayed events have one line of data each.
  constexpr std::string_view field = "data: ";
  while (!data.empty()) {
    const std::size_t end = std::min(data.find('\n'), data.size());
    const std::string_view line = data.substr(0, end);
    if (line.starts_with(field) && line.find('{') == field.size()) add_text(line.substr(field.size()), text);
    data.remove_prefix(std::min(end + 1, data.size()));
  }
  return text;
}

}  // namespace airouter::protocol
