#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/config.h>

#include "base/json.h"
#include "store/config_store.h"
#include "store/test_results.h"

// A provider as the admin API shows and changes it.
namespace airouterd::admin {

// Where the provider of that name stands in the config; nothing: there is none.
std::optional<std::size_t> index_of(const store::LoadedConfig& config, std::string_view name);

// Its members: name, base_url, the masked api_key, weight, timeout, supported_models, enabled, the masked
// proxy; what the file leaves out with its default.
void write_members(airouter::json::Writer& writer, const store::LoadedConfig& config, std::size_t index);

void write_result(airouter::json::Writer& writer, const store::TestResult& result);

// Without the password that a proxy's URL may hold.
std::string masked_proxy(const std::string& proxy);

// Whether a key is what somebody was shown instead of one.
bool is_masked(std::string_view key, const airouter::Secret& secret);

// "https://api.example.com": where a key is sent. Of valid URLs, the same text only if it is the same place.
std::string origin_of(std::string_view base_url);

}  // namespace airouterd::admin
