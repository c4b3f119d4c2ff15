#include "language.h"

#include <cstdlib>

namespace airouterd {

Language language_of(std::string_view option) {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    if (!option.empty()) break;
    const char* value = std::getenv(name);
    option = value == nullptr ? std::string_view() : value;
  }
  return option.starts_with("zh") ? Language::chinese : Language::english;
}

}  // namespace airouterd
