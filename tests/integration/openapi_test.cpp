// What the server answers is what docs/openapi.json says of it.
#include "integration/admin_client.h"
#include "integration/api_description.h"
#include "routes.h"

using namespace gateway;
using namespace airouterd::demo;

TEST_CASE("every answer has the shape that openapi.json gives it", "[openapi][daemon]") {
  ScriptedProvider good(saying({"Hi"}));
  ScriptedProvider bad(answer(500, {{"Content-Type", "application/json"}}, R"({"error":{"message":"no"}})"));
  ScriptedProvider lister(json_answer(R"({"object":"list","data":[{"id":"gpt-4"}]})"));
  Gateway daemon({{"good", good.base_url()}, {"bad", bad.base_url(), always_first}},
                 R"("cooldown":{"server_error":0})");
  const AdminClient admin(daemon);
  const Description description(daemon.get("/openapi.json").body);
  const std::string key_id =
      member_of(admin.post("/api/keys", R"({"name":"first"})").body, {"info", "key_id"});
  const RawAnswer asked = admin.post("/api/playground", chat_body());
  CHECK(outcome_of(asked) == "200 'Hi' by good after 2");
  const auto all =
      examples(key_id, std::string(asked.header("x-request-id")), good.base_url(), lister.base_url());
  REQUIRE(comes_true(
      [&] { return admin.get("/api/logs/stats").body.find("\"total_requests\":1") != std::string::npos; }));

  for (const auto& route : airouterd::routes()) {
    const auto found = all.find(std::string(route.method) + " " + std::string(route.path));
    const Example example = found == all.end() ? Example{} : found->second;
    const std::string target = with_name(route.path, example.name) + example.query;
    INFO(route.method << " " << route.path);
    if (route.path.ends_with("/stream")) {
      RawClient client(daemon.port());
      client.send(admin.request(route.method, target));
      REQUIRE(client.read_head());
      CHECK(client.answer().status == 200);
      CHECK(description.mismatches_of(route.method, route.path, client.answer()) == "");
      continue;
    }
    const RawAnswer answer = admin.send(route.method, target, example.body);
    INFO(answer.status << " " << answer.body);
    CHECK(description.mismatches_of(route.method, route.path, answer) == "");
    CHECK(answer.status < 500);
  }
}

TEST_CASE("every refusal has the shape that openapi.json gives it", "[openapi][daemon]") {
  Gateway daemon({Entry{"good", "http://127.0.0.1:1/v1"}});
  const AdminClient admin(daemon);
  const Description description(daemon.get("/openapi.json").body);
  const auto all = examples("none", "none", "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1");
  for (const auto& route : airouterd::routes()) {
    const auto found = all.find(std::string(route.method) + " " + std::string(route.path));
    const Example example = found == all.end() ? Example{} : found->second;
    const std::string target = with_name(route.path, example.name.empty() ? "x" : example.name);
    const auto check = [&](int status, std::string_view what, const std::string& request) {
      const RawAnswer answer = daemon.send(request);
      INFO(route.method << " " << route.path << ", " << what << ": " << answer.status << " " << answer.body);
      CHECK(answer.status == status);
      CHECK(description.mismatches_of(route.method, route.path, answer) == "");
    };
    using airouterd::Realm;
    if (route.realm == Realm::everyone) continue;
    const std::string as_admin = admin.request(route.method, target, example.body);
    const auto elsewhere = [&](std::string_view host) {
      return std::string(as_admin).replace(as_admin.find("127.0.0.1"), 9, host);
    };
    const std::string anonymous = raw_request(route.method, target, example.body, "via: a\r\n");
    const std::string guess =
        raw_request(route.method, target, example.body, "via: a\r\nauthorization: Bearer wrong\r\n");
    if (route.realm != Realm::clients) check(421, "a name that is not its own", elsewhere("evil.test"));
    if (route.realm == Realm::admin || route.realm == Realm::pages)
      check(403, "another page",
            admin.request(route.method, target, example.body, "origin: https://evil.example\r\n"));
    if (route.realm == Realm::pages) continue;
    check(401, "no token", anonymous);
    if (route.realm == Realm::clients) continue;
    for (int i = 0; i < 5; ++i)
      daemon.send(guess);
    check(429, "many wrong tokens", guess);
    if (example.body.empty()) continue;
    check(400, "no JSON", admin.request(route.method, target, "{"));
    check(415, "another type",
          std::string(as_admin).replace(as_admin.find("application/json"), 16, "text/plain"));
    const std::string length = "content-length: " + std::to_string(example.body.size());
    check(413, "too much",
          std::string(as_admin).replace(as_admin.find(length), length.size(), "content-length: 99000000"));
  }
}
