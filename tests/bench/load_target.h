#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace bench {

// Whom to ask, and what.
struct Target {
  int port = 0;
  std::string path = "/v1/chat/completions";
  std::string model = "plain";
  std::vector<std::string> headers{};  // further lines of the head, "name: value"
  pid_t process = 0;  // whose processor time and memory to watch, with its descendants; 0: nobody's
};

std::string request_body(std::string_view model, bool is_stream);

// A whole request; streamed ones ask for the stream of `model`.
std::string request_for(const Target& target, std::string_view model, bool is_stream);

// Whether a plain answer is the one that bench_upstream gives, through whatever it went.
bool is_expected_answer(int status, std::string_view body);

// The value below which this share of the values lies. Sorts them; 0 of none.
std::int64_t percentile(std::vector<std::int64_t>& values, double share);

// Of 1 000 000 bytes.
double megabytes(std::int64_t kib);

// One figure on standard output: "name value".
void print_figure(std::string_view name, double value);

}  // namespace bench
