#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

// What is wrong with `value` by a schema of JSON Schema 2020-12, a line each; empty: nothing. Knows what
// docs/openapi.json uses: $ref into `root`, type, enum, required, properties, additionalProperties, items,
// anyOf, minimum, maximum. Asserts on keywords that it does not know, so that no check is missed in silence.
std::string mismatches(const airouter::json::Value& value, const airouter::json::Value& schema,
                       const airouter::json::Value& root, const std::string& where = "");

// The value at a JSON pointer; null if there is none.
const airouter::json::Value* at_pointer(const airouter::json::Value& root, std::string_view pointer);
