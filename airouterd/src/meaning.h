#pragma once

#include <string>

#include "base/json.h"
#include "store/server_config.h"

namespace airouterd {

// What a config that can be used means, in lines for a person. Of a file that AI-Router-Lite v0.4 could have
// written, also what it meant there and means otherwise here. `root` is the file, parsed.
std::string meaning_of(const store::ParsedFile& parsed, const airouter::json::Value& root);

}  // namespace airouterd
