#pragma once

#include <string>
#include <string_view>

namespace airouterd::store {

// A sentence of the library or of this program's own in Chinese: what was found in a config, why a file could
// not be read or written, why a body is no JSON. The English text is what its row is found by, so that the
// library needs to know one language only; what a text quotes stays as it is. A text that has no row is
// returned unchanged: a test holds the rows to the sources.
std::string in_chinese(std::string_view english);

}  // namespace airouterd::store
