#pragma once

#include <string>

#include "base/json.h"
#include "store/local_time.h"

namespace airouterd::store {

// A record that was not written by append_line (by the earlier Python program, or by hand) as append_line
// would have written it. Its id is its timestamp where it has none. False: it is no record, nothing was
// appended.
bool append_rewritten(std::string& to, const airouter::json::Value& record, LocalClock& clock);

}  // namespace airouterd::store
