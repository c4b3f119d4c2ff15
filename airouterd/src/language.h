#pragma once

#include <string_view>

namespace airouterd {

// What people are spoken to in.
enum class Language { english, chinese };

// By the command line's `--lang`; if that is empty, as the locale's environment variables have it.
Language language_of(std::string_view option);

// The one of two texts that is in this language.
constexpr std::string_view pick(Language language, std::string_view english, std::string_view chinese) {
  return language == Language::chinese ? chinese : english;
}

}  // namespace airouterd
