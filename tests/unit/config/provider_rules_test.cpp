#include "support/catch.h"
#include "unit/config/config_text.h"

using namespace airouter;

namespace {

std::string as_name(std::string_view json_string) {
  return messages(fmt::format(
      R"({{"providers":[{{"name":{},"base_url":"http://a.example","enabled":false}}]}})", json_string));
}

std::string as_model(std::string_view json_string) {
  return messages(fmt::format(
      R"({{"providers":[{{"name":"A","base_url":"http://a.example","enabled":false,"supported_models":[{}]}}]}})",
      json_string));
}

std::string quoted(std::size_t bytes) {
  return "\"" + std::string(bytes, 'n') + "\"";
}

}  // namespace

TEST_CASE("a provider's name is a short text that is safe in headers", "[config]") {
  const std::string tail = "; allowed is 1 to 128 bytes of text without control characters\n";
  for (const char* name : {R"("A")", R"("站点 B")", R"("a/b")"})
    CHECK(as_name(name).empty());
  CHECK(as_name(quoted(128)).empty());
  CHECK(as_name(quoted(129)) == "/providers/0/name: found a longer one" + tail);
  CHECK(as_name(R"("")") == "/providers/0/name: found nothing" + tail);
  CHECK(as_name(R"("  ")") == "/providers/0/name: found only blanks" + tail);
  CHECK(as_name(R"("a\r\nx-evil: 1")") == "/providers/0/name: found a control character" + tail);
  CHECK(as_name(R"("a\u0000")") == "/providers/0/name: found a control character" + tail);
  CHECK(as_name(R"("a\u007f")") == "/providers/0/name: found a control character" + tail);
  CHECK(as_name(R"("a\udc00")") ==
        "/providers/0/name: found half a surrogate pair, which is no character" + tail);
  CHECK(as_name("7") == "/providers/0/name: found 7; allowed is a string\n");
}

TEST_CASE("a model's name is a text that is safe in headers", "[config]") {
  for (const char* name : {R"("gpt-4")", R"("org/m:free")", R"("*")", R"("通义")"})
    CHECK(as_model(name).empty());
  CHECK(as_model(quoted(512)).empty());
  CHECK_FALSE(as_model(quoted(513)).empty());
  CHECK_FALSE(as_model(R"("m\n")").empty());
  CHECK_FALSE(as_model(R"("m\udc00")").empty());
  CHECK_FALSE(as_model("null").empty());
  CHECK_FALSE(messages(R"({"model_map":{"a\u0007":"m"}})").empty());
  CHECK_FALSE(messages(R"({"model_map":{"":"m"}})").empty());
  CHECK_FALSE(messages(R"({"model_map":{"a":["m\r"]}})").empty());
}

TEST_CASE("a provider's proxy is a proxy's URL or none", "[config]") {
  const auto proxy = [](std::string_view value) {
    return messages(with_provider(fmt::format(R"("proxy":"{}")", value)));
  };
  for (const char* value : {"", "none", "http://127.0.0.1:7890", "https://p.example:443/",
                            "socks5://u:p@p.example:1080", "socks5h://[::1]:1080"})
    CHECK(proxy(value).empty());
  for (const char* value : {"127.0.0.1:7890", "socks4://p:1", "None", "http://p.example/path",
                            "http://p\\r\\n:1", "http://:80", "http://u:p@", "file:///etc/passwd"}) {
    INFO(value);
    CHECK(proxy(value).find("/providers/0/proxy: found ") == 0);
  }
  CHECK(proxy("http://user:s3cr3t@p:99999").find("s3cr3t") == std::string::npos);
}

TEST_CASE("a provider speaks a known protocol", "[config]") {
  CHECK(messages(with_provider(R"("protocol":"openai")")).empty());
  CHECK(messages(with_provider(R"("protocol":"anthropic")")) ==
        "/providers/0/protocol: found another text; allowed is \"openai\"\n");
  CHECK(messages(with_provider(R"("protocol":1)")) ==
        "/providers/0/protocol: found no text; allowed is \"openai\"\n");
}

TEST_CASE("a provider that is never chosen is pointed out", "[config]") {
  CHECK(messages(R"({"providers":[{"name":"A","base_url":"http://a.example","api_key":"k"}]})") ==
        "/providers/0/supported_models: warning: found no model; this provider is never chosen\n");
}

TEST_CASE("a base_url that already holds the endpoint is pointed out", "[config]") {
  CHECK(
      messages(
          R"({"providers":[{"name":"A","base_url":"http://a.example/v1/chat/completions/","enabled":false}]})") ==
      "/providers/0/base_url: warning: ends in /chat/completions, which requests add to it once more\n");
}

TEST_CASE("providers that lack a name are not said to share one", "[config]") {
  const std::string problem =
      "/name: found nothing; allowed is 1 to 128 bytes of text without control characters\n";
  CHECK(messages(R"({"providers":[{"base_url":"http://a.example","enabled":false},)"
                 R"({"base_url":"http://b.example","enabled":false}]})") ==
        "/providers/0" + problem + "/providers/1" + problem);

  Provider nameless{.base_url = "http://a.example", .enabled = false};
  CHECK(lines(check_config(Config{.providers = {nameless, nameless}})) ==
        "/providers/0" + problem + "/providers/1" + problem);
}

TEST_CASE("a config made by a program meets the same rules", "[config]") {
  CHECK(check_config(Config{}).empty());
  Config config;
  config.max_retries = 0;
  config.timeouts.idle = std::chrono::milliseconds(0);
  config.cooldown.network = std::chrono::milliseconds(-1);
  config.cooldown.multiplier = std::numeric_limits<double>::quiet_NaN();
  config.model_map = {{"a", {"m"}}, {"a", {}}, {"b\n", {"m"}}};
  Provider provider{
      .name = "A", .base_url = "https://user:pw@a.example", .api_key = Secret("k\r\nx: y"), .weight = 0};
  provider.supported_models = {"m"};
  provider.timeouts = Timeouts{.connect = std::chrono::hours(25)};
  config.providers = {provider, provider};
  config.providers[1].api_key = Secret("", "env:MISSING");
  config.providers[1].base_url = "https://a.example";
  config.providers[1].weight = 1;
  config.providers[1].timeouts.reset();
  CHECK(lines(check_config(config)) ==
        R"(/max_retries: found 0; allowed is a whole number from 1 to 100
/timeouts/idle: found 0; allowed is a number of seconds from 0.001 to 86400
/cooldown/network_error: found -0.001; allowed is a number of seconds from 0 to 86400
/exponential_backoff/base_multiplier: found nan; allowed is a number from 1 to 100
/model_map/a: found this name a second time; allowed is once
/model_map/a: found no model; allowed is at least one
/model_map/b : the name: found a control character; allowed is 1 to 512 bytes of text without control characters
/providers/0/base_url: found a user name or password; allowed is http:// or https://, a host, and optionally a port and a path
/providers/0/api_key: found a control character; allowed is up to 8192 visible ASCII characters, none of them a line end
/providers/0/weight: found 0; allowed is a whole number from 1 to 1000000
/providers/0/timeouts/connect: found 90000; allowed is a number of seconds from 0.001 to 86400
/providers/1/api_key: what it names holds no key
/providers/1/name: found the name of /providers/0 again; allowed is a name of its own
)");
}
