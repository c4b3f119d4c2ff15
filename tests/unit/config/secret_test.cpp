#include <sys/stat.h>

#include "support/catch.h"
#include "unit/config/config_text.h"

using namespace airouter;

namespace {

std::string provider(std::string_view key, bool enabled = true) {
  return fmt::format(R"({{"providers":[{{"name":"A","base_url":"http://a.example","supported_models":["m"],)"
                     R"("api_key":{},"enabled":{}}}]}})",
                     key, enabled);
}

std::string key_of(std::string_view written) {
  const auto config = parse_config(provider(fmt::format("\"{}\"", written)));
  REQUIRE(config);
  return config->providers[0].api_key.reveal() + " as " + config->providers[0].api_key.masked();
}

}  // namespace

TEST_CASE("a masked key shows its ends only where enough stays hidden", "[config][secret]") {
  CHECK(Secret("sk-0123456789abcdef4963").masked() == "sk-…4963");
  CHECK(Secret("sk-456789012").masked() == "sk-…9012");
  CHECK(Secret("sk-45678901").masked() == "***");
  CHECK(Secret("k").masked() == "***");
  CHECK(Secret("").masked().empty());
  CHECK(Secret().masked().empty());
  CHECK(Secret("sk-0123456789\xFF\xFE\x1B[2").masked() == "***");
  CHECK(Secret("sk-0123456789abcdef", "env:KEY").masked() == "env:KEY");
  CHECK(Secret("sk-0123456789abcdef", "file:/run/key").masked() == "file:/run/key");
  CHECK(Secret("", "env:KEY").masked() == "env:KEY");
  CHECK(Secret("sk-0123456789abcdef", "sk-0123456789abcdef").masked() == "sk-…cdef");
}

TEST_CASE("a key comes from the file, from the environment or from a file of its own", "[config][secret]") {
  const TemporaryFolder folder;
  const Variable variable("AIROUTER_TEST_KEY", " sk-from-environment\n");
  const auto file = folder.write("key", "\n  sk-from-a-file \r\n");
  CHECK(key_of("sk-0123456789abcdef") == "sk-0123456789abcdef as sk-…cdef");
  CHECK(key_of("env:AIROUTER_TEST_KEY") == "sk-from-environment as env:AIROUTER_TEST_KEY");
  CHECK(key_of("file:" + file.string()) == "sk-from-a-file as file:" + file.string());
  CHECK(key_of("") == " as ");
}

TEST_CASE("a missing key stops an enabled provider only", "[config][secret]") {
  const TemporaryFolder folder;
  const Variable blank("AIROUTER_TEST_BLANK", " \n");
  const std::string none = fmt::format("\"file:{}/none\"", folder.path().string());
  const std::string directory = fmt::format("\"file:{}\"", folder.path().string());
  const std::string empty = fmt::format("\"file:{}\"", folder.write("empty", "\n").string());
  const std::string large =
      fmt::format("\"file:{}\"", folder.write("large", std::string(70'000, 'k')).string());
  REQUIRE(mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
  const std::string pipe = fmt::format("\"file:{}/pipe\"", folder.path().string());
  const std::pair<std::string, std::string> rows[] = {
      {"\"env:AIROUTER_TEST_NOT_SET\"", "the environment variable it names is not set"},
      {"\"env:AIROUTER_TEST_BLANK\"", "the environment variable it names is empty"},
      {none, "the file it names does not exist"},
      {directory, "the file it names is a directory"},
      {empty, "the file it names is empty"},
      {large, "the file it names is larger than 64 KiB"},
      {pipe, "the file it names is not a regular file"},
  };
  for (const auto& [written, message] : rows) {
    CHECK(messages(provider(written)) == "/providers/0/api_key: " + message + "\n");
    CHECK(messages(provider(written, false)) == "/providers/0/api_key: warning: " + message + "\n");
    const auto off = parse_config(provider(written, false));
    REQUIRE(off);
    CHECK(off->providers[0].api_key.empty());
    CHECK("\"" + off->providers[0].api_key.masked() + "\"" == written);
  }
  CHECK(messages(provider("null")) ==
        "/providers/0/api_key: warning: found nothing; requests go without an Authorization header\n");
  CHECK(messages(provider("null", false)).empty());
}

TEST_CASE("whether a provider is off counts wherever it says so", "[config][secret]") {
  CHECK(
      messages(
          R"({"providers":[{"api_key":"env:AIROUTER_TEST_NOT_SET","name":"A","base_url":"http://a.example",)"
          R"("enabled":false}]})") ==
      "/providers/0/api_key: warning: the environment variable it names is not set\n");
}

TEST_CASE("a key that could break a header is refused, wherever it comes from", "[config][secret]") {
  const TemporaryFolder folder;
  const Variable variable("AIROUTER_TEST_KEY", "canary-1\r\nx-evil: 1");
  const auto file = folder.write("key", std::string("canary-2\0x", 10));
  const std::string tail = "; allowed is up to 8192 visible ASCII characters, none of them a line end\n";
  CHECK(messages(provider(R"("a\r\nb")")) == "/providers/0/api_key: found a control character" + tail);
  CHECK(messages(provider(R"("a\u0000b")", false)) ==
        "/providers/0/api_key: found a control character" + tail);
  CHECK(messages(provider(R"("a ")")) ==
        "/providers/0/api_key: found a blank or line end at its beginning or end" + tail);
  CHECK(messages(provider(R"("kéy")")) ==
        "/providers/0/api_key: found a blank, or a character that is not ASCII" + tail);
  CHECK(messages(provider("\"" + std::string(8193, 'k') + "\"")) ==
        "/providers/0/api_key: found a longer one" + tail);
  CHECK(messages(provider(R"("env:AIROUTER_TEST_KEY")")) ==
        "/providers/0/api_key: found a control character" + tail);
  CHECK(messages(provider("\"file:" + file.string() + "\"")) ==
        "/providers/0/api_key: found a control character" + tail);
}

TEST_CASE("a malformed reference to a key is refused even for a provider that is off", "[config][secret]") {
  const std::string tail = "; allowed is the key, \"env:NAME\" or \"file:PATH\"\n";
  for (const char* written : {R"("env:")", R"("env:sk-canary-0123456789")", R"("env:1A")", R"("env:A=B")"})
    CHECK(messages(provider(written, false)) ==
          "/providers/0/api_key: found \"env:\" without a valid name after it" + tail);
  for (const char* written : {R"("file:")", R"("file:/a\u0000b")"})
    CHECK(messages(provider(written, false)) ==
          "/providers/0/api_key: found \"file:\" without a valid path after it" + tail);
}

TEST_CASE("no problem repeats a key, whatever it was pasted into", "[config][secret]") {
  const char* canary = "sk-CANARY-0123456789";
  const Variable variable("AIROUTER_TEST_KEY", "sk-CANARY-0123456789\x01");
  for (
      const char* json : {
          R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":"%\n"}]})",
          R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":["%"]}]})",
          R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":{"x":"%"}}]})",
          R"({"providers":[{"name":"A","base_url":"%","api_key":"a"}]})",
          R"({"providers":[{"name":"A","base_url":"https://u:%@a.example","api_key":"a"}]})",
          R"({"providers":[{"name":"A","base_url":"https://a.example?key=%","api_key":"a"}]})",
          R"({"providers":[{"name":"A","base_url":"https://%.example:x","api_key":"a"}]})",
          R"({"providers":[{"name":"A\n%","base_url":"http://a.example","weight":"%","proxy":"%"}]})",
          R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":"env:%"}]})",
          R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":"file:%"}]})",
          R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":"env:AIROUTER_TEST_KEY"}]})",
          R"({"providers":[{"name":"A","base_url":"http://a.example","protocol":"%","timeout":"%"}]})",
          R"({"providers":[{"api_key":"%","api_key":"%"}],"max_retries":"%","server_port":"%","nothing":"%"})",
          R"({"providers":[{"api_key":"%)",
          R"({"providers":[{"api_key":"%" "%"}]})",
      }) {
    std::string text = json;
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%'))
      text.replace(at, 1, canary);
    INFO(json);
    CHECK_FALSE(report(text).empty());
    CHECK(report(text).find("CANARY") == std::string::npos);
    const auto config = parse_config(text, server_keys);
    if (!config) CHECK(config.error().message.find("CANARY") == std::string::npos);
  }
}
