// No secret leaves by any way: not by an answer, a stream, the console or a file that is not its own.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "integration/admin_client.h"
#include "routes.h"

using namespace gateway;
using namespace airouterd::demo;

namespace {

constexpr std::string_view prompt = "the-prompt-of-canary-71";

// Says what it was sent, as careless providers do.
Script telling_all(const ReceivedRequest& request, int nth) {
  std::string key(request.header("authorization"));
  if (nth % 3 == 0) return chat(request, {"fine"});
  return answer(nth % 3 == 1 ? 401 : 500, {{"Content-Type", "application/json"}},
                R"({"error":{"message":"you sent )" + key + R"(","type":"x","code":"y"}})");
}

// A path as a client would send it, its parameter filled in.
std::string filled(std::string_view path, std::string_view with) {
  const auto begin = path.find('{');
  if (begin == std::string_view::npos) return std::string(path);
  const auto end = path.find('}', begin);
  return std::string(path.substr(0, begin)) + std::string(with) + std::string(path.substr(end + 1));
}

// Everything in the files below `folder`, but for those that are secrets themselves.
std::string all_files_in(const std::string& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().filename() == "admin_token" ||
        entry.path().filename() == "config.last-good.json")
      continue;
    all += content_of(entry.path().string());
  }
  return all;
}

// All that an administrator can be told, each route with names that are there and with bodies that are right,
// wrong and full of secrets.
std::string everything_said(const Gateway& daemon, const AdminClient& admin, const std::string& key_id) {
  const std::string secret_body =
      R"({"api_key":")" + std::string(canary) + R"(body","base_url":"http://127.0.0.1:9/v1",)" +
      R"("name":7,"weight":"x","models":")" + std::string(canary) + R"(body","password":"wrong"})";
  std::string said;
  const auto add = [&](const RawAnswer& answer) {
    said += answer.body;
    for (const auto& [name, value] : answer.headers)
      said += name + ": " + value + "\n";
  };
  for (const auto& route : airouterd::routes()) {
    if (route.path.ends_with("/stream") || route.path.starts_with("/v1/chat") ||
        route.path == "/api/playground")
      continue;
    for (const std::string_view name :
         {std::string_view("bad"), std::string_view(key_id), std::string_view("nobody")}) {
      const std::string path = filled(route.path, name);
      if (route.method == "GET") add(admin.get(path + "?model=gpt-4"));
      if (route.method == "GET") continue;
      if (route.path == "/api/admin/reload-config") continue;
      add(admin.send(route.method, path, "{}"));
      if (route.method != "DELETE") add(admin.send(route.method, path, secret_body));
      if (route.method != "DELETE")
        add(admin.send(route.method, path, "{\"api_key\": \"" + std::string(canary) + "broken"));
    }
  }
  return said + daemon.get("/stats").body;
}

}  // namespace

TEST_CASE("no key, token, password or prompt is shown by any answer, log, stream or file",
          "[secrets][daemon]") {
  ScriptedProvider bad(telling_all), good(saying({"all ", "good"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}});
  const AdminClient admin(daemon);
  const std::string made = admin.post("/api/keys", R"({"name":"friend"})").body;
  const std::string key = member_of(made, {"key"});
  const std::string key_id = member_of(made, {"info", "key_id"});
  REQUIRE(key.size() > 40);

  const std::string with_key = "authorization: Bearer " + key + "\r\n";
  const std::string body =
      R"({"model":"gpt-4","messages":[{"role":"user","content":")" + std::string(prompt) + R"("}]})";
  std::string said;
  for (int i = 0; i < 5; ++i)
    said += daemon.post(body, with_key).body;
  said += daemon.post(body, "authorization: Bearer " + key + "x\r\nforwarded: for=9.9.9.9\r\n").body;
  said += daemon.get("/v1/models?key=" + key).body;
  said += admin.post("/api/playground", body).body;
  said += everything_said(daemon, admin, key_id);

  // The config as a careless hand leaves it: the problems are told without what was found.
  const std::string file = daemon.folder().file("config.json");
  std::ofstream(file, std::ios::trunc) << R"({"providers":[{"name":"a","base_url":"http://u:)" << canary
                                       << R"(url@h/v1","api_key":")" << canary << "\\u0000"
                                       << R"(k","weight":0}],"admin":{"password_hash":")" << canary
                                       << R"(hash"},"public_url":")" << canary << R"(public"})";
  said += admin.post("/api/admin/reload-config").body;
  daemon.process().signal(SIGHUP);
  said += daemon.said();
  said += all_files_in(daemon.folder().file("data"));

  for (const std::string& secret :
       {std::string(canary), key, key.substr(key_id.size() + 1), admin.token(), std::string(prompt)}) {
    const auto place = said.find(secret);
    INFO(secret << " in: "
                << (place == std::string::npos ? "" : said.substr(place < 200 ? 0 : place - 200, 400)));
    CHECK(place == std::string::npos);
  }
}

TEST_CASE("files that hold secrets are their owner's alone", "[secrets][daemon]") {
  ScriptedProvider good(saying({"Hi"}));
  Gateway daemon({{"good", good.base_url()}});
  const AdminClient admin(daemon);
  REQUIRE(admin.post("/api/keys", R"({"name":"friend"})").status == 200);
  REQUIRE(admin.put("/api/config", R"({"max_retries":2})").status == 200);
  REQUIRE(admin.post("/api/playground", chat_body()).status == 200);
  int files = 0;
  REQUIRE(comes_true([&] { return std::filesystem::exists(daemon.folder().file("data/logs")); }));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(daemon.folder().file("data"))) {
    INFO(entry.path());
    const auto others = entry.status().permissions() &
                        (std::filesystem::perms::group_all | std::filesystem::perms::others_all);
    CHECK(others == std::filesystem::perms::none);
    ++files;
  }
  CHECK(files >= 4);
}
