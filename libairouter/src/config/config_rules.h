#pragma once

#include <string>
#include <vector>

#include <airouter/config.h>

#include "config/findings.h"

// Rules that take more than a range. Each is told with the findings standing at the pointer it is named for.
namespace airouter::config {

// /providers/N/…
void check_name(Findings& findings, const Provider& provider);
void check_base_url(Findings& findings, const Provider& provider);
void check_key(Findings& findings, const Provider& provider);
void check_proxy(Findings& findings, const Provider& provider);
void check_supported_models(Findings& findings, const Provider& provider);

// /providers
void check_unique_names(Findings& findings, const Config& config);

// /model_map
void check_model_map(Findings& findings, const Config& config);

// /exponential_backoff/base_multiplier
void check_growth(Findings& findings, const CooldownPolicy& policy);

}  // namespace airouter::config
