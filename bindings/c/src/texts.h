#pragma once

#include <airouter.h>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/router.h>

// What crosses the border as text: inputs with their lengths, and values as JSON.
namespace airouter::c {

// Throws InvalidArgument where `bytes` is null.
std::string_view input(const char* bytes, std::size_t length);

airouter_view view_of(const std::string& text) noexcept;

// The caller's, to be freed by airouter_string_free. Throws std::bad_alloc.
airouter_string owned(std::string_view text);

std::string to_json(const std::vector<std::string>& models);
std::string to_json(const Plan& plan);
std::string to_json(const std::vector<HealthReport>& reports);
std::string to_json(const CallHead& head);
std::string to_json(const CallSummary& summary);

// {"total_ms":…,"headers":{…}}
struct OpenOptions {
  CallOptions call{};
  Headers headers{};
};

// `json` may be null. Throws airouter::Exception, invalid_request, that names what is wrong.
OpenOptions open_options(const char* json);

}  // namespace airouter::c
