#pragma once

#include <string>

#include "base/json.h"
#include "language.h"
#include "store/server_config.h"

namespace airouterd {

// What a config that can be used means, in lines for a person. If it has anything that AI-Router-Lite v0.4
// would read, also what that means otherwise here, but for what the file itself settles. `root` is the file,
// parsed.
std::string meaning_of(const store::ParsedFile& parsed, const airouter::json::Value& root, Language language);

}  // namespace airouterd
