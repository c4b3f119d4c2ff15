#include <csignal>
#include <string>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "support/catch.h"

// Providers through the admin API of the real binary.
namespace {

using namespace airouterd::demo;
using namespace gateway;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "400 invalid_fields: name, weight": the status, the code and the fields that are complained of.
std::string complaints(const RawAnswer& answer) {
  std::string text = std::to_string(answer.status) + " " + member_of(answer.body, {"code"}) + ":";
  const json::Parsed parsed = json::parse(answer.body);
  const json::Value* problems = parsed.value ? parsed.value->find("problems") : nullptr;
  if (problems == nullptr) return text;
  for (const json::Value& problem : problems->items)
    text += " " + problem.find("field")->text;
  return text;
}

std::string config_of(const Gateway& daemon) {
  return content_of(daemon.folder().file("config.json"));
}

// A provider that lists models where `path` asks, and answers chats with `words`.
auto listing(std::string path, std::string words) {
  return [path = std::move(path), words = std::move(words)](const ReceivedRequest& request, int) {
    if (request.method != "GET") return chat(request, {words});
    if (request.target != path) return json_answer(error_json("no such path", "", ""), 404);
    return json_answer(R"({"object":"list","data":[{"id":"b"},{"id":"a"},{"id":"a"},{"id":7},{}]})");
  };
}

}  // namespace

TEST_CASE("a provider that is added answers at once, and one that is removed no longer does",
          "[config][daemon]") {
  ScriptedProvider first(saying({"first"})), second(saying({"second"}));
  Gateway daemon({{"first", first.base_url()}});
  const AdminClient admin(daemon);
  REQUIRE(admin
              .post("/api/providers", R"({"name":"second","base_url":")" + second.base_url() +
                                          R"(","api_key":"sk-canary-second","weight":1000000,)"
                                          R"("supported_models":["gpt-4"]})")
              .status == 200);
  CHECK(outcome_of(daemon.ask(false)) == "200 'second' by second after 1");
  CHECK(member_of(admin.get("/api/providers").body, {"providers", "1", "api_key"}) == "sk-…cond");
  CHECK(shown(admin.get("/api/providers/second")) ==
        R"(200 {"name":"second","base_url":")" + second.base_url() +
            R"(","api_key":"sk-…cond","weight":1000000,"timeout":null,"supported_models":["gpt-4"],)"
            R"("enabled":true,"proxy":"","test_results":[]})");
  CHECK(admin.put("/api/providers/second", R"({"enabled":false})").status == 200);
  CHECK(outcome_of(daemon.ask(false)) == "200 'first' by first after 1");
  CHECK(admin.del("/api/providers/second").status == 200);
  CHECK(admin.get("/api/providers/second").status == 404);
  CHECK(admin.del("/api/providers/second").status == 404);
  CHECK(config_of(daemon) == config_text({{"first", first.base_url()}}));
}

TEST_CASE("every wrong field of a provider is named in one answer, and nothing is saved",
          "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string before = config_of(daemon);
  const std::string good = R"("base_url":"https://x.example/v1","api_key":"sk-new-key")";
  const auto post = [&](const std::string& body) { return complaints(admin.post("/api/providers", body)); };
  CHECK(post(R"({"name":7,"base_url":"ftp://x","api_key":"***","weight":0,"timeout":"long",)"
             R"("supported_models":[1],"enabled":"yes","proxy":"gopher://p","zork":1})") ==
        "400 invalid_fields: name weight timeout supported_models enabled zork base_url proxy api_key");
  CHECK(post("{}") == "400 invalid_fields: name base_url");
  CHECK(post(R"({"name":"A",)" + good + "}") == "400 invalid_fields: name");
  for (const auto* name : {"test-all", "test-results", "probe", "", " ", "a\\u0000b", "a\\nb", "a\\u202eb",
                           "a\\u200fb", "\\ud800"})
    CHECK(post(R"({"name":")" + std::string(name) + "\"," + good + "}") == "400 invalid_fields: name");
  CHECK(post(R"({"name":")" + std::string(129, 'n') + "\"," + good + "}") == "400 invalid_fields: name");
  CHECK(post(R"({"name":")" + std::string(10'000, 'n') + "\"," + good + "}") == "400 invalid_fields: name");
  for (const auto* url : {"https://user:pass@x.example/v1", "https://x.example/v1?key=1", "x.example",
                          "https://", "file:///etc/passwd", "https://x.example/\\r\\nHost: y"})
    CHECK(post(R"({"name":"B","base_url":")" + std::string(url) + "\"}") == "400 invalid_fields: base_url");
  CHECK(post(R"({"name":"B","base_url":"https://x.example","api_key":"env:AIROUTER_NOT_SET"})") ==
        "400 invalid_config: api_key");
  CHECK(post(R"({"name":"A","base_url":"https://x.example","api_key":"env:AIROUTER_NOT_SET","weight":0,)"
             R"("zork":1})") == "400 invalid_fields: weight zork name api_key");
  CHECK(complaints(
            admin.put("/api/providers/A", R"({"api_key":"env:AIROUTER_NOT_SET","weight":0,"zork":1})")) ==
        "400 invalid_fields: weight zork api_key");
  CHECK(admin.post("/api/providers", "{").status == 400);
  CHECK(admin.post("/api/providers", "[]").status == 400);
  const std::string typed = admin.request("POST", "/api/providers", "{}");
  CHECK(daemon.send(std::string(typed).replace(typed.find("application/json"), 16, "text/plain")).status ==
        415);
  CHECK(admin.put("/api/providers/nobody", "{}").status == 404);
  CHECK(complaints(admin.put("/api/providers/A", R"({"name":"B","weight":1.5})")) ==
        "400 invalid_fields: weight name");
  CHECK(config_of(daemon) == before);
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by A after 1");
}

TEST_CASE("complaints come in the reader's language", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const RawAnswer chinese = admin.get("/api/providers/B", "accept-language: zh-CN,zh;q=0.9,en;q=0.8\r\n");
  CHECK(shown(chinese) == R"(404 {"detail":"没有这个名称的服务商","code":"unknown_provider"})");
  CHECK(holds(admin.get("/api/providers/B").body, "there is no provider of this name"));

  // Also what the config's own rules say.
  const std::string zh = "accept-language: zh\r\n";
  for (const RawAnswer& refused :
       {admin.post("/api/providers", R"({"name":7,"base_url":"ftp://x","weight":0,"api_key":"***"})", zh),
        admin.post("/api/providers", R"({"name":"B","base_url":"https://x","api_key":"env:NOT_SET"})", zh),
        admin.put("/api/config", R"({"max_retries":0,"timeouts":{"connect":"x"}})", zh),
        admin.put("/api/config", R"({"server_host":"a b","zork":1})", zh),
        admin.put("/api/model-map", R"({"model_map":{"x":[],"y":7,"z":["a\nb"]}})", zh),
        admin.post("/api/model-map", R"({"unified_name":"","actual_models":[]})", zh),
        admin.put("/api/model-map/x", R"([""])", zh), admin.post("/api/keys", R"({"rate_limit":-1})", zh),
        admin.post("/api/providers/probe", R"({"base_url":"ftp://x"})", zh)}) {
    INFO(refused.body);
    CHECK(refused.status == 400);
    for (const auto* english : {"found", "allowed", "must", "whole", "nothing", "list", "known", "variable"})
      CHECK_FALSE(holds(refused.body, english));
  }
  CHECK(member_of(admin.put("/api/config", R"({"max_retries":0})", zh).body, {"problems", "0", "message"}) ==
        "实际为 0；应为 1 到 100 之间的整数");
  CHECK(holds(admin.put("/api/config", "{", zh).body, "请求体不是合法的 JSON：第 1 字节处 对象成员缺少名称"));
}

TEST_CASE("odd names of providers and models are kept as they are", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  for (const auto& [name, encoded] :
       {std::pair{"a/b", "a%2Fb"},
        std::pair{"<img src=x onerror=alert(1)>", "%3Cimg%20src=x%20onerror=alert(1)%3E"},
        std::pair{"服务商 “1”", "%E6%9C%8D%E5%8A%A1%E5%95%86%20%E2%80%9C1%E2%80%9D"},
        std::pair{"100%", "100%25"}}) {
    INFO(name);
    const std::string target = "/api/providers/" + std::string(encoded);
    REQUIRE(admin
                .post("/api/providers", R"({"name":")" + std::string(name) + R"(","base_url":")" +
                                            provider.base_url() + R"(","supported_models":["x"]})")
                .status == 200);
    CHECK(member_of(admin.get(target).body, {"name"}) == name);
    CHECK(admin.put(target, R"({"weight":7})").status == 200);
    CHECK(member_of(admin.get(target).body, {"weight"}) == "7");
    CHECK(admin.post("/api/admin/reset/" + std::string(encoded)).status == 200);
    CHECK(admin.del(target).status == 200);
    CHECK(admin.put("/api/model-map/" + std::string(encoded), R"(["gpt-4"])").status == 200);
    CHECK(outcome_of(daemon.post(chat_body(false, name))) == "200 'Hi' by A after 1");
    CHECK(admin.del("/api/model-map/" + std::string(encoded)).status == 200);
  }
}

TEST_CASE("a key that was masked is kept, and never follows a provider to another place",
          "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"})), other(saying({"other"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string key = std::string(canary) + "A";
  const std::string item = admin.get("/api/providers/A").body;
  CHECK_FALSE(holds(item, key));
  CHECK(admin.put("/api/providers/A", item).status == 200);
  for (const auto* same :
       {R"({"api_key":"***","weight":2})", R"({"api_key":"sk-…zzzz"})", R"({"timeout":9})"})
    CHECK(admin.put("/api/providers/A", same).status == 200);
  CHECK(holds(config_of(daemon), key));
  for (const std::string& moved : {R"({"base_url":")" + other.base_url() + "\"}",
                                   R"({"base_url":"https://127.0.0.1/v1"})" + std::string(),
                                   R"({"base_url":")" + other.base_url() + R"(","api_key":"***"})",
                                   R"({"proxy":"http://127.0.0.1:9"})" + std::string()})
    CHECK(complaints(admin.put("/api/providers/A", moved)) == "400 invalid_fields: api_key");
  daemon.ask(false);
  CHECK(other.request_count() == 0);
  CHECK(
      admin
          .put("/api/providers/A", R"({"base_url":")" + other.base_url() + R"(","api_key":"sk-another-one"})")
          .status == 200);
  CHECK(outcome_of(daemon.ask(false)) == "200 'other' by A after 1");
  REQUIRE(other.request_count() == 1);
  CHECK(other.requests()[0].header("authorization") == "Bearer sk-another-one");
}

TEST_CASE("a test asks each model for one token, and touches neither counts nor health", "[config][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    const std::string model = requested_model(request.body);
    if (model == "new" && holds(request.body, "\"max_tokens\""))
      return chat_error(400,
                        "Unsupported parameter: 'max_tokens' is not supported; use 'max_completion_tokens'",
                        "invalid_request_error", "unsupported_parameter");
    if (model == "bad") return chat_error(500, "broken", "server_error", "");
    return chat_answer(model, "H");
  });
  Gateway daemon({{"A", provider.base_url(), 1, R"(["old","new","bad","any-*"])"}});
  const AdminClient admin(daemon);
  const RawAnswer answer = admin.post("/api/providers/A/test");
  REQUIRE(answer.status == 200);
  CHECK(member_of(answer.body, {"results", "0", "success"}) == "true");
  CHECK(member_of(answer.body, {"results", "1", "success"}) == "true");
  CHECK(member_of(answer.body, {"results", "2", "success"}) == "false");
  CHECK(member_of(answer.body, {"results", "2", "error"}) == "500 server_error: broken");
  CHECK(member_of(answer.body, {"results", "3"}).empty());
  CHECK(provider.request_count() == 4);
  CHECK(holds(provider.requests()[0].body, R"("content":"Hi"}],"max_tokens":5})"));
  CHECK(holds(provider.requests()[2].body, R"("max_completion_tokens":5})"));
  CHECK(daemon.requests() == "total 0, ok 0, rescued 0, failed 0, cancelled 0");
  CHECK(daemon.health("A", "bad") == "healthy");
  CHECK(member_of(admin.get("/api/providers/test-results").body, {"results", "A:new", "success"}) == "true");
  CHECK(member_of(admin.get("/api/providers/A").body, {"test_results", "2", "model"}) == "bad");
  CHECK(member_of(admin.post("/api/providers/A/test?model=any-1").body, {"results", "0", "model"}) ==
        "any-1");
  CHECK(member_of(admin.post("/api/providers/test-all").body, {"results", "2", "error"}) ==
        "500 server_error: broken");
  CHECK(admin.post("/api/providers/nobody/test").status == 404);
  CHECK(admin.post("/api/providers/A/test?model=").status == 400);
}

TEST_CASE("a success that somebody asked for closes the breakers, one of a timer does not",
          "[config][daemon]") {
  std::atomic<bool> is_refusing{true};
  ScriptedProvider provider([&](const ReceivedRequest& request, int) {
    return is_refusing ? chat_error(401, "no", "", "") : chat_answer(requested_model(request.body), "H");
  });
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  daemon.ask(false);
  REQUIRE(daemon.health("A") == "provider permanently_disabled auth");
  admin.post("/api/providers/A/test");
  CHECK(daemon.health("A") == "provider permanently_disabled auth");
  is_refusing = false;
  admin.post("/api/providers/A/test?auto=1");
  CHECK(daemon.health("A") == "provider permanently_disabled auth");
  admin.post("/api/providers/A/test");
  CHECK(daemon.health("A") == "healthy");
  CHECK(outcome_of(daemon.ask(false)) == "200 'H' by A after 1");
}

TEST_CASE("a reset brings back what tripped, one model or all of it", "[config][daemon]") {
  ScriptedProvider provider(chat_error(500, "broken", "server_error", ""));
  Gateway daemon({{"A", provider.base_url(), 1, R"(["gpt-4","other"])"}});
  const AdminClient admin(daemon);
  const auto trip = [&] {
    daemon.post(chat_body(false, "gpt-4"));
    daemon.post(chat_body(false, "other"));
    REQUIRE(holds(daemon.health("A", "gpt-4"), "cooling"));
    REQUIRE(holds(daemon.health("A", "other"), "cooling"));
  };
  trip();
  CHECK(admin.post("/api/admin/reset/A?model=gpt-4").status == 200);
  CHECK(daemon.health("A", "gpt-4") == "healthy");
  CHECK(holds(daemon.health("A", "other"), "cooling"));
  CHECK(admin.post("/api/admin/reset/A").status == 200);
  CHECK(daemon.health("A", "other") == "healthy");
  trip();
  CHECK(admin.post("/api/admin/reset-all").status == 200);
  CHECK(daemon.health("A", "gpt-4") == "healthy");
  CHECK(admin.post("/api/admin/reset/nobody").status == 404);
}

TEST_CASE("a probe lists models at the address or below it, and stores nothing", "[config][daemon]") {
  ScriptedProvider plain(listing("/v1/models", "x")), below(listing("/api/v1/models", "x"));
  ScriptedProvider refusing([](const ReceivedRequest& request, int) {
    return chat_error(401, "bad key " + std::string(request.header("authorization")), "", "");
  });
  Gateway daemon({{"A", plain.base_url()}});
  const AdminClient admin(daemon);
  const std::string before = config_of(daemon);
  const auto probe = [&](const std::string& url) {
    return admin.post("/api/providers/probe", R"({"base_url":")" + url + R"(","api_key":"sk-canary-probe"})");
  };
  const auto root = [](const ScriptedProvider& provider) {
    return "http://127.0.0.1:" + std::to_string(provider.port());
  };
  for (const std::string& url : {root(plain), root(plain) + "/v1", root(plain) + "/v1/",
                                 root(plain) + "/v1/chat/completions", root(plain) + "/v1/models"}) {
    INFO(url);
    const RawAnswer answer = probe(url);
    CHECK(member_of(answer.body, {"normalized_url"}) == root(plain) + "/v1");
    CHECK(member_of(answer.body, {"models"}) == R"(["a","b"])");
  }
  CHECK(plain.requests().back().header("authorization") == "Bearer sk-canary-probe");
  CHECK(member_of(probe(root(below) + "/api").body, {"normalized_url"}) == root(below) + "/api/v1");
  const RawAnswer refused = probe(root(refusing));
  CHECK(refused.status == 502);
  CHECK(holds(refused.body, "answered 401: bad key Bearer ***"));
  for (const auto* url : {"ftp://x", "file:///etc/passwd", "http://u:p@127.0.0.1", "http://127.0.0.1/?a", ""})
    CHECK(probe(url).status == 400);
  CHECK(probe("http://169.254.169.254").status == 502);
  for (const auto* key : {"file:/etc/passwd", "env:HOME", "***", "a b"})
    CHECK(complaints(admin.post("/api/providers/probe", R"({"base_url":")" + root(plain) +
                                                            R"(","api_key":")" + std::string(key) + "\"}")) ==
          "400 invalid_fields: api_key");
  CHECK(config_of(daemon) == before);
  CHECK_FALSE(holds(daemon.said(), canary));
}

TEST_CASE("a provider that is removed while it streams ends its stream whole", "[config][daemon]") {
  ScriptedProvider provider([](const ReceivedRequest& request, int) {
    return chat_stream(requested_model(request.body), {"one ", "two ", "three"}, 150ms);
  });
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  RawClient client(daemon.port());
  client.send(chat_request(chat_body(true)));
  REQUIRE(client.read_head());
  REQUIRE(client.read_until("one"));
  REQUIRE(admin.del("/api/providers/A").status == 200);
  CHECK(daemon.ask(false).status == 404);
  CHECK(outcome_of(client.read_answer()) == "200 'one two three[DONE]' by A after 1");
}
