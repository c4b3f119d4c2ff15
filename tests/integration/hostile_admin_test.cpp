// Whatever is sent to the admin API, by whoever has its token: it is taken or refused in the API's own words,
// and what is refused has changed nothing.
#include "integration/admin_client.h"
#include "integration/api_description.h"
#include "routes.h"

using namespace gateway;
using namespace airouterd::demo;

namespace {

const std::vector<std::string> hostile_names{
    "a%2Fb",
    "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E",
    "%E2%80%AEtxt.exe%E2%80%8F",
    "a%00b",
    "%FF%FE",
    "%C0%AF",
    "..%2F..%2Fetc%2Fpasswd",
    "%0d%0aset-cookie:%20a",
    "%22%2C%22",
    "%25252e",
    "%7B%7D",
    std::string(1'500, 'x'),
    std::string(10'000, 'x'),
};

const std::vector<std::string> hostile_bodies{
    "",
    "{",
    "}",
    "[]",
    "{}",
    "null",
    "7",
    "\"x\"",
    "\xFF\xFE",
    "{\"a\":1,\"a\":2}",
    "{\"__proto__\":{\"a\":1}}",
    std::string("{}\0", 3),
    std::string(100'000, '['),
    "{\"" + std::string(10'000, 'x') + "\":1}",
    "{\"a\":1.00000000001e-2147483638}",
};

const std::vector<std::string> hostile_values{
    "null",
    "[]",
    "{}",
    "true",
    "-1",
    "1e999",
    "\"\"",
    R"("<img src=x onerror=alert(1)>")",
    R"("\u202etxt\u200f")",
    R"("a\u0000b")",
    R"("\ud800")",
    R"(["a\u0000b",7,null,{}])",
    R"({"a/b~c":["<script>"],"\u0000":[""]})",
    "\"" + std::string(10'000, 'x') + "\"",
};

// The body with one member after the other replaced by one hostile value after the other.
std::vector<std::string> spoiled(const std::string& body) {
  std::vector<std::string> all;
  const json::Parsed parsed = json::parse(body);
  if (!parsed.value) return all;
  for (const json::Member& member : parsed.value->members)
    for (const std::string& value : hostile_values)
      all.push_back(body.substr(0, member.value.span.begin) + value + body.substr(member.value.span.end));
  return all;
}

// What the server keeps: a refusal changes none of it.
std::string kept(const Gateway& daemon, const AdminClient& admin) {
  return content_of(daemon.folder().file("config.json")) + admin.get("/api/keys").body;
}

// "" or what is wrong with the answer.
std::string faults_of(const RawAnswer& answer, const std::string& path, const std::string& token) {
  std::string all = answer.body;
  for (const auto& [name, value] : answer.headers)
    all += "\n" + name + ": " + value;
  if (all.find(canary) != std::string::npos || all.find(token) != std::string::npos) return "tells a secret";
  if (answer.status < 400) return {};
  if (answer.status >= 500 && member_of(answer.body, {"code"}) != "probe_failed") return "is its own fault";
  if (path == "/api/playground" && !member_of(answer.body, {"error", "message"}).empty()) return {};
  if (member_of(answer.body, {"detail"}).empty() || member_of(answer.body, {"code"}).empty())
    return "does not say why";
  return {};
}

}  // namespace

TEST_CASE("whatever is sent to the admin API is taken or refused in its own words, and never half",
          "[hostile][daemon]") {
  ScriptedProvider good(saying({"Hi"})), lister(json_answer(R"({"object":"list","data":[{"id":"gpt-4"}]})"));
  Gateway daemon({{"good", good.base_url()}}, R"("model_map":{"smart":["gpt-4"]})");
  const AdminClient admin(daemon);
  const Description description(daemon.get("/openapi.json").body);
  const std::string key_id =
      member_of(admin.post("/api/keys", R"({"name":"first"})").body, {"info", "key_id"});
  const auto all = examples(key_id, "req_none", good.base_url(), lister.base_url());
  std::string before = kept(daemon, admin);
  for (const auto& route : airouterd::routes()) {
    if (!route.path.starts_with("/api/") || route.path.ends_with("/stream")) continue;
    const std::string path(route.path);
    const auto found = all.find(std::string(route.method) + " " + path);
    const Example example = found == all.end() ? Example{} : found->second;
    const auto check = [&](const std::string& target, const std::string& body) {
      const RawAnswer answer = admin.send(route.method, target, body);
      INFO(route.method << " " << target.substr(0, 200) << " " << body.substr(0, 300));
      INFO(answer.status << " " << answer.body.substr(0, 500));
      CHECK(faults_of(answer, path, admin.token()) == "");
      CHECK(description.mismatches_of(route.method, path, answer) == "");
      std::string now = kept(daemon, admin);
      if (answer.status >= 400) CHECK(now == before);
      before = std::move(now);
    };
    if (path.find('{') != std::string::npos)
      for (const std::string& name : hostile_names)
        check(with_name(path, name), example.body);
    const std::string target = with_name(path, example.name) + example.query;
    if (route.method != "GET" && route.method != "DELETE")
      for (const std::string& body : hostile_bodies)
        check(target, body);
    for (const std::string& body : spoiled(example.body))
      check(target, body);
    for (const std::string_view query :
         {"?%00=%FF", "?limit=-1&before=x&date=%3Cimg%3E&days=1e9&range=%00&q=%FF",
          "?model=%E2%80%AE%00&level=a%2Fb&log_type=%22&provider=&key="})
      check(with_name(path, example.name) + std::string(query), example.body);
  }
  CHECK(daemon.get("/health").status == 200);
  CHECK(admin.post("/api/admin/reload-config").status == 200);
}

TEST_CASE("a form is no request to the admin API, whichever route it goes to", "[hostile][daemon]") {
  const Gateway daemon({{"good", "http://127.0.0.1:1/v1"}}, R"("model_map":{"smart":["gpt-4"]})");
  const AdminClient admin(daemon);
  const std::string before = kept(daemon, admin);
  for (const auto& route : airouterd::routes()) {
    if (!route.path.starts_with("/api/") || route.method == "GET") continue;
    INFO(route.method << " " << route.path);
    std::string form = admin.request(route.method, with_name(std::string(route.path), "good"), "a=1");
    form.replace(form.find("application/json"), 16, "application/x-www-form-urlencoded");
    const RawAnswer answer = daemon.send(form);
    CHECK(shown(answer).substr(0, 4) == "415 ");
    CHECK(member_of(answer.body, {"code"}) == "unsupported_media_type");
    CHECK(kept(daemon, admin) == before);
  }
  CHECK(admin.post("/api/admin/reset-all").status == 200);  // with a content-length of 0, and of no type
}
