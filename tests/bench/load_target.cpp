#include "load_target.h"

#include <algorithm>
#include <cstdio>

namespace bench {

std::string request_body(std::string_view model, bool is_stream) {
  std::string body = R"({"model":")";
  body.append(model).append(R"(","messages":[{"role":"system","content":"You answer briefly, in one )");
  body.append(R"(paragraph, and without lists."},{"role":"user","content":"What does a quick brown fox do )");
  body.append(R"(all day, and why does everybody who tries a new typewriter write about it?"}],)");
  body.append(R"("temperature":0.7,"max_tokens":256)");
  return body.append(is_stream ? R"(,"stream":true})" : "}");
}

std::string request_for(const Target& target, std::string_view model, bool is_stream) {
  const std::string body = request_body(model, is_stream);
  std::string text = "POST " + target.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target.port) +
                     "\r\nUser-Agent: bench\r\nAccept: */*\r\nContent-Type: application/json\r\n";
  bool has_key = false;
  for (const std::string& header : target.headers) {
    text.append(header).append("\r\n");
    has_key = has_key || header.starts_with("authorization:");
  }
  if (!has_key) text += "Authorization: Bearer any\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool is_expected_answer(int status, std::string_view body) {
  constexpr std::size_t least = 1000;
  return status == 200 && body.size() >= least && body.rfind("\"finish_reason\"") != std::string_view::npos &&
         body.rfind("again and again.") != std::string_view::npos && body.ends_with('}');
}

std::int64_t percentile(std::vector<std::int64_t>& values, double share) {
  if (values.empty()) return 0;
  const auto at =
      std::min(values.size() - 1, static_cast<std::size_t>(static_cast<double>(values.size()) * share));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

double megabytes(std::int64_t kib) {
  return static_cast<double>(kib) * 1024 / 1'000'000;
}

void print_figure(std::string_view name, double value) {
  std::printf("%.*s %.3f\n", static_cast<int>(name.size()), name.data(), value);
}

}  // namespace bench
