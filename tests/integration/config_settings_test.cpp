#include <csignal>
#include <filesystem>
#include <string>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "support/catch.h"

// The model map, settings, reloads and the panel's own requests, through the admin API of the real binary.
namespace {

using namespace airouterd::demo;
using namespace gateway;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "400 zork max_retries": the status and the fields that are complained of.
std::string complaints(const RawAnswer& answer) {
  std::string text = std::to_string(answer.status);
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

}  // namespace

TEST_CASE("a change of the model map applies to the next request", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url(), 1, R"(["gpt-4","small"])"}});
  const AdminClient admin(daemon);
  CHECK(shown(admin.get("/api/model-map")) == R"(200 {"model_map":{}})");
  CHECK(daemon.post(chat_body(false, "best")).status == 404);
  CHECK(admin.post("/api/model-map", R"({"unified_name":"best","actual_models":["gpt-4"]})").status == 200);
  CHECK(daemon.post(chat_body(false, "best")).status == 200);
  CHECK(admin.post("/api/model-map", R"({"unified_name":"best","actual_models":["gpt-4"]})").status == 400);
  CHECK(admin.put("/api/model-map/best", R"(["small","gpt-4"])").status == 200);
  CHECK(daemon.post(chat_body(false, "best")).header("x-airouter-model") == "small");
  CHECK(shown(admin.get("/api/model-map")) == R"(200 {"model_map":{"best":["small","gpt-4"]}})");
  CHECK(shown(admin.get("/api/route/explain?model=best")) ==
        R"(200 {"model":"best","candidates":[{"provider":"A","model":"small","share":1.0}],"skipped":[]})");
  const auto renamed = [&](std::string_view from, std::string_view to) {
    return admin.post("/api/model-map", R"({"actual_models":["gpt-4"],"replaces":")" + std::string(from) +
                                            R"(","unified_name":")" + std::string(to) + "\"}");
  };
  CHECK(admin.post("/api/model-map", R"({"unified_name":"other","actual_models":["small"]})").status == 200);
  CHECK(complaints(renamed("best", "other")) == "400 unified_name");
  CHECK(complaints(renamed("gone", "new")) == "400 replaces");
  CHECK(renamed("best", "better").status == 200);
  CHECK(shown(admin.get("/api/model-map")) == R"(200 {"model_map":{"other":["small"],"better":["gpt-4"]}})");
  CHECK(renamed("better", "better").status == 200);
  CHECK(admin.put("/api/model-map", R"({"model_map":{"x":["gpt-4"],"y":["small"]}})").status == 200);
  CHECK(daemon.post(chat_body(false, "best")).status == 404);
  CHECK(admin.del("/api/model-map/x").status == 200);
  CHECK(shown(admin.get("/api/model-map")) == R"(200 {"model_map":{"y":["small"]}})");
}

TEST_CASE("what is no model map is refused and named", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string before = config_of(daemon);
  for (const auto* body : {"{}", R"({"unified_name":"","actual_models":[]})", R"({"unified_name":"x"})",
                           R"({"unified_name":"x","actual_models":["m"],"more":1})",
                           R"({"unified_name":"a\u202eb","actual_models":["m"]})",
                           R"({"unified_name":"x","actual_models":[7]})", "[", "null"})
    CHECK(admin.post("/api/model-map", body).status == 400);
  for (const auto* body : {"{}", "[]", "[1]", R"(["a\nb"])", "", R"("m")"})
    CHECK(admin.put("/api/model-map/x", body).status == 400);
  for (const auto* body : {"{}", R"({"model_map":[]})", R"({"model_map":{"x":7}})", R"({"x":["m"]})",
                           R"({"model_map":{"x":[]}})", R"({"model_map":{"x":["m"],"x":["n"]}})"})
    CHECK(admin.put("/api/model-map", body).status == 400);
  CHECK(admin.put("/api/model-map/a%E2%80%AEb", R"(["m"])").status == 400);
  CHECK(admin.put("/api/model-map/" + std::string(600, 'x'), R"(["m"])").status == 400);
  CHECK(admin.del("/api/model-map/x").status == 404);
  CHECK(admin.get("/api/route/explain").status == 400);
  CHECK(config_of(daemon) == before);
}

TEST_CASE("one answer names everything that is wrong with a map or a patch", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}}, R"("model_map":{"old":["gpt-4"]})");
  const AdminClient admin(daemon);
  const std::string before = config_of(daemon);
  CHECK(complaints(admin.put("/api/config", R"({"zork":1,"max_retries":0,"admin":{"auth":"x"},)"
                                            R"("timeouts":{"zork":2,"connect":-1},"log":7})")) ==
        "400 zork admin timeouts/zork max_retries timeouts/connect log");
  CHECK(complaints(admin.put("/api/model-map", R"({"zork":1,"model_map":{"a":7,"b":[],"c":["x\ny"],)"
                                               R"("good":["gpt-4"],"d\u202e":["m"],"e":[7]}})")) ==
        "400 zork model_map/a model_map/d\u202e model_map/b model_map/c/0 model_map/e/0");
  CHECK(complaints(admin.put("/api/model-map", R"({"zork":1})")) == "400 model_map zork");
  CHECK(complaints(
            admin.post("/api/model-map", R"({"unified_name":"old","actual_models":["x\ny"],"zork":1})")) ==
        "400 zork actual_models/0 unified_name");
  CHECK(complaints(admin.post("/api/model-map", R"({"unified_name":"","actual_models":[],"zork":1})")) ==
        "400 zork unified_name actual_models");
  CHECK(complaints(admin.put("/api/model-map/a%E2%80%AEb", R"(["x\ny","m",""])")) ==
        "400 name actual_models/0 actual_models/2");
  CHECK(complaints(
            admin.post("/api/keys", R"({"name":"","rate_limit":-1,"expires_at":"x","models":7,"zork":1})")) ==
        "400 name rate_limit models expires_at zork");
  CHECK(config_of(daemon) == before);
}

TEST_CASE("settings show where they come from, and a patch changes what it names", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}}, R"("max_retries": 2, // two
  "cooldown": {"timeout": 7.50})");
  const AdminClient admin(daemon);
  const auto setting = [&](std::string_view group, std::string_view name) {
    const std::string body = admin.get("/api/config").body;
    const std::string pointer = (group.empty() ? "/" : "/" + std::string(group) + "/") + std::string(name);
    return (group.empty() ? member_of(body, {"config", name}) : member_of(body, {"config", group, name})) +
           " " + member_of(body, {"sources", pointer});
  };
  CHECK(setting("", "max_retries") == "2 file");
  CHECK(setting("cooldown", "timeout") == "7.5 file");
  CHECK(setting("cooldown", "server_error") == "300 default");
  CHECK(setting("", "server_port") == "0 command line");
  CHECK(admin.put("/api/config", R"({"max_connections":3})").status == 200);
  CHECK(setting("", "max_connections") == "3 file");
  CHECK(admin.put("/api/config", R"({"max_retries":5,"cooldown":{"server_error":20},"log":{"keep_days":3}})")
            .status == 200);
  CHECK(setting("", "max_retries") == "5 file");
  CHECK(setting("cooldown", "timeout") == "7.5 file");
  CHECK(setting("cooldown", "server_error") == "20 file");
  CHECK(setting("log", "keep_days") == "3 file");
  CHECK(holds(config_of(daemon), "\"max_retries\": 5, // two\n  \"cooldown\": {\"timeout\": 7.50,"));
  CHECK(admin.put("/api/config", R"({"max_retries":null,"cooldown":{"server_error":null}})").status == 200);
  CHECK(setting("", "max_retries") == "3 default");
  CHECK(holds(admin.get("/api/config").body, R"("after_restart":["/server_host","/server_port")"));
  CHECK_FALSE(holds(admin.get("/api/config").body, canary));
}

TEST_CASE("a patch that would break the config, or reach beyond settings, changes nothing",
          "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string before = config_of(daemon);
  const RawAnswer wrong = admin.put("/api/config", R"({"max_retries":0,"timeouts":{"connect":-1}})");
  CHECK(wrong.status == 400);
  CHECK(member_of(wrong.body, {"problems", "0", "field"}) == "max_retries");
  CHECK(member_of(wrong.body, {"problems", "1", "field"}) == "timeouts/connect");
  for (const auto* body : {R"({"providers":[]})", R"({"model_map":{}})", R"({"admin":{"auth":"none"}})",
                           R"({"admin":null})", R"({"zork":1})", R"({"timeouts":{"zork":1}})",
                           R"({"timeouts":7})", R"({"server_host":"a b"})", "[]", "7", ""})
    CHECK(admin.put("/api/config", body).status == 400);
  CHECK(config_of(daemon) == before);
}

TEST_CASE("a file that was edited by hand meanwhile is not overwritten", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string by_hand = "// mine\n" + config_text({{"B", provider.base_url()}});
  daemon.folder().write("config.json", by_hand);
  const RawAnswer refused = admin.put("/api/providers/A", R"({"weight":5})");
  CHECK(refused.status == 409);
  CHECK(member_of(refused.body, {"code"}) == "config_changed");
  CHECK(config_of(daemon) == by_hand);
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by A after 1");
  CHECK(admin.post("/api/admin/reload-config").status == 200);
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by B after 1");
  CHECK(admin.put("/api/providers/B", R"({"weight":5})").status == 200);
  CHECK(config_of(daemon).starts_with("// mine\n"));
}

TEST_CASE("a reload of a broken file keeps the running config and names the place", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  daemon.folder().write("config.json", "{\n  \"max_retries\": 0,\n  \"request_timeout\": \"x\"\n}");
  const RawAnswer broken = admin.post("/api/admin/reload-config");
  CHECK(broken.status == 400);
  CHECK(member_of(broken.body, {"problems", "0", "where"}) == "/max_retries");
  CHECK(member_of(broken.body, {"problems", "0", "line"}) == "2");
  CHECK(member_of(broken.body, {"problems", "0", "column"}) == "18");
  CHECK(member_of(broken.body, {"problems", "1", "line"}) == "3");
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by A after 1");
  std::filesystem::remove(daemon.folder().file("config.json"));
  CHECK(admin.post("/api/admin/reload-config").status == 400);
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by A after 1");
}

TEST_CASE("the last config that served is kept, and named when the file is broken", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  REQUIRE(admin.put("/api/config", R"({"max_retries":7})").status == 200);
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().wait() == 0);
  const std::string kept = daemon.folder().file("data/config.last-good.json");
  CHECK(content_of(kept) == config_of(daemon));
  daemon.folder().write("config.json", "{");
  ChildProcess again(airouterd_program(), {"-c", daemon.folder().file("config.json"), "--data",
                                           daemon.folder().file("data"), "--port", "0"});
  REQUIRE(again.wait() == 3);
  CHECK(holds(again.errors(), "config.json:1:2"));
  CHECK(holds(again.errors(), "the last config that worked is in " + kept));
}

TEST_CASE("without a config file the first save makes one", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  const TempFolder folder;
  ChildProcess process(airouterd_program(), {"--port", "0", "--lang", "en"}, folder.file(""));
  const int port = announced_port(process);
  REQUIRE(port > 0);
  std::string token = content_of(folder.file("data/admin_token"));
  token.pop_back();
  RawClient client(port);
  client.send(
      raw_request("POST", "/api/providers",
                  R"({"name":"A","base_url":")" + provider.base_url() + R"(","supported_models":["gpt-4"]})",
                  "authorization: Bearer " + token + "\r\ncontent-type: application/json\r\n"));
  CHECK(client.read_answer().status == 200);
  CHECK(content_of(folder.file("config.json"))
            .starts_with("{\n  \"providers\": [\n    {\n      \"name\": \"A\","));
  const auto mode = std::filesystem::status(folder.file("config.json")).permissions();
  CHECK((mode & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  client.send(chat_request(chat_body()));
  CHECK(outcome_of(client.read_answer()) == "200 'Hi' by A after 1");
}

TEST_CASE("the panel's own requests go the way of all others", "[config][daemon]") {
  ScriptedProvider bad(chat_error(500, "broken", "server_error", "")), good(saying({"Hi"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}},
                 R"("client_auth":"required")");
  const AdminClient admin(daemon);
  CHECK(daemon.ask(false).status == 401);
  CHECK(outcome_of(admin.post("/api/playground", chat_body())) == "200 'Hi' by good after 2");
  CHECK(outcome_of(admin.post("/api/playground", chat_body(true))) == "200 'Hi[DONE]' by good after 1");
  CHECK(admin.post("/api/playground", chat_body(false, "nobody's")).status == 404);
  CHECK(admin.post("/api/playground", "{").status == 400);
  CHECK(daemon.send(raw_request("POST", "/api/playground", chat_body())).status == 401);
}

TEST_CASE("route and status tell who would answer and how the running server is", "[config][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon(
      {{"A", provider.base_url()}, {"off", provider.base_url(), 1, R"(["gpt-4"])", R"(,"enabled":false)"}});
  daemon.ask(false);
  const std::string file = daemon.folder().file("config.json");
  const auto run = [&](std::vector<std::string> arguments) {
    ChildProcess process(airouterd_program(), arguments);
    const auto code = process.wait();
    return std::to_string(code.value_or(-1)) + "\n" + process.output() + process.errors();
  };
  CHECK(run({"route", "gpt-4", "-c", file}) == "0\n100.0 %  A as gpt-4\n      -  off: off\n");
  CHECK(run({"route", "none", "-c", file}) == "1\nnobody would answer 'none'\n");
  CHECK(provider.request_count() == 1);
  const std::string port = std::to_string(daemon.port());
  CHECK(run({"status", "-c", file, "--port", port}) ==
        "0\nhttp://127.0.0.1:" + port + ": healthy, 1 of 2 providers available\n" +
            "requests: 1 (ok 1, rescued 0, failed 0, cancelled 0)\n" +
            "A: healthy, 1 of 1 attempts answered\noff: off, 0 of 0 attempts answered\n");
  CHECK(holds(run({"status", "-c", file, "--port", "1"}), "no airouterd answers at http://127.0.0.1:1"));

  CHECK(run({"route", "gpt-4", "-c", file, "--lang", "zh"}) == "0\n100.0 %  A → gpt-4\n      -  off: off\n");
  CHECK(run({"route", "none", "-c", file, "--lang", "zh"}) == "1\n没有 Provider 会应答“none”\n");
  CHECK(run({"status", "-c", file, "--port", port, "--lang", "zh"}) ==
        "0\nhttp://127.0.0.1:" + port + "：healthy，可用 Provider 1 个，共 2 个\n" +
            "请求：1（成功 1，切换后成功 0，失败 0，客户端离开 0）\n" +
            "A：healthy，成功 1 次，共尝试 1 次\noff：off，成功 0 次，共尝试 0 次\n");
  CHECK(holds(run({"status", "-c", file, "--port", "1", "--lang", "zh"}), "没有 airouterd 应答"));
  CHECK(run({"route"}).starts_with("2\n"));
}
