#include "support/catch.h"
#include "support/paths.h"
#include "unit/config/config_text.h"

using namespace airouter;

namespace {

// The first block of that language after `from`.
std::string block(const std::string& page, std::string_view language, std::size_t from) {
  const std::string fence = fmt::format("\n```{}\n", language);
  const std::size_t begin = page.find(fence, from) + fence.size();
  return page.substr(begin, page.find("\n```", begin) - begin + 1);
}

const std::string& page() {
  static const std::string text = text_of(source_root() + "/docs/configuration.md");
  return text;
}

}  // namespace

TEST_CASE("the sample report in the documentation is what its sample file gives", "[config][docs]") {
  const std::size_t section = page().find("## When something is wrong");
  REQUIRE(section != std::string::npos);
  CHECK(report(block(page(), "json", section)) == block(page(), "text", section));
}

TEST_CASE("the first file in the documentation works", "[config][docs]") {
  const Variable key("SITE_A_KEY", "sk-0123456789abcdef");
  const std::string file = block(page(), "json", 0);
  CHECK(parse_config(file, server_keys));
  CHECK(report(file) == "6:27 /model_map/gpt-4: warning: no enabled provider supports gpt-4-0613\n");
}

TEST_CASE("the documentation has every key that the server passes", "[config][docs]") {
  for (const KeySpec& spec : server_keys) {
    if (spec.type == "object") continue;
    std::string name(spec.pointer.substr(1));
    for (char& c : name)
      if (c == '/') c = '.';
    INFO(name);
    CHECK(page().find("| `" + name + "` |") != std::string::npos);
  }
}
