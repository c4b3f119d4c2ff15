#include <filesystem>
#include <string>
#include <vector>

#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "routes.h"
#include "support/catch.h"
#include "support/paths.h"

// Who may administer the real airouterd, and how they get in.
namespace {

using namespace gateway;
using airouterd::demo::ScriptedProvider;

struct Ended {
  int code = -1;
  std::string output{}, errors{};
};

Ended run(const std::string& program, const std::vector<std::string>& arguments,
          const std::string& folder = {}) {
  ChildProcess process(program, arguments, folder);
  Ended ended;
  ended.code = process.wait(30s).value_or(-1);
  ended.output = process.output();
  ended.errors = process.errors();
  return ended;
}

Ended run(const std::vector<std::string>& arguments, const std::string& folder = {}) {
  return run(airouterd_program(), arguments, folder);
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string code_of(const RawAnswer& answer) {
  return std::to_string(answer.status) + " " + member_of(answer.body, {"code"});
}

// The path of a route with something in place of its parameter.
std::string some_path(const airouterd::Route& route) {
  std::string path(route.path);
  if (const auto begin = path.find('{'); begin != std::string::npos)
    path.replace(begin, path.find('}') - begin + 1, "nobody");
  return path;
}

}  // namespace

TEST_CASE("the admin token is made once, for its owner alone, and shown in no pipe", "[admin][daemon]") {
  Gateway daemon({});
  const std::string token = admin_token_of(daemon);
  CHECK(token.size() == 64);
  const std::string file = daemon.folder().file("data/admin_token");
  using std::filesystem::perms;
  CHECK((std::filesystem::status(file).permissions() & perms::all) ==
        (perms::owner_read | perms::owner_write));
  CHECK(holds(daemon.process().output(),
              "[CONFIG] Admin panel: http://127.0.0.1:" + std::to_string(daemon.port()) +
                  "/admin (its token is in " + file + ")\n"));
  CHECK(!holds(daemon.said(), token));

  const std::string config = daemon.folder().file("config.json"), data = daemon.folder().file("data");
  const Ended url = run({"admin-url", "-c", config, "--port", std::to_string(daemon.port()), "--data", data});
  CHECK(url.code == 0);
  CHECK(url.output == "http://127.0.0.1:" + std::to_string(daemon.port()) + "/admin#token=" + token + "\n");
  CHECK(run({"admin-url", "-c", config, "--host", "::1", "--port", "80"}).output ==
        "http://[::1]:80/admin#token=" + token + "\n");
  CHECK(run({"admin-url", "-c", config, "--port", "80", "--admin-auth", "none"}).output ==
        "http://127.0.0.1:80/admin\n");
  const Ended early = run({"admin-url", "-c", config, "--data", daemon.folder().file("elsewhere")});
  CHECK(early.code == 1);
  CHECK(holds(early.errors, "elsewhere/admin_token is not there yet"));
  CHECK(!std::filesystem::exists(daemon.folder().file("elsewhere")));
}

TEST_CASE("on a terminal the banner has the token in its address", "[admin][daemon]") {
  if (!std::filesystem::exists("/usr/bin/script")) {
    WARN("skipped: there is no script(1) to make a terminal with");
    return;
  }
  const Ended demo =
      run("/usr/bin/script", {"-qec", airouterd_program() + " demo --once --lang zh", "/dev/null"});
  INFO(demo.output);
  const auto at = demo.output.find("管理面板: http://127.0.0.1:");
  REQUIRE(at != std::string::npos);
  const auto token = demo.output.find("/admin#token=", at);
  REQUIRE(token != std::string::npos);
  CHECK(demo.output.find_first_not_of("0123456789abcdef", token + 13) == token + 13 + 64);
}

TEST_CASE("a token file that holds none stops the start, and is left alone", "[admin][daemon]") {
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("data"));
  folder.write("data/admin_token", "admin\n");
  const Ended ended = run({"--port", "0"}, folder.file(""));
  CHECK(ended.code == 1);
  CHECK(holds(ended.errors, "data/admin_token is none"));
  CHECK(content_of(folder.file("data/admin_token")) == "admin\n");
}

TEST_CASE("an open administration off loopback does not start", "[admin][daemon]") {
  const TempFolder folder;
  const std::string open = folder.write("open.json", R"({"server_host":"0.0.0.0","admin":{"auth":"none"}})");
  const std::string shut = folder.write("shut.json", R"({"server_host":"0.0.0.0"})");
  const std::string here = folder.write("here.json", R"({"admin":{"auth":"none"}})");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"-c", open, "--port", "0"},
           {"check", open},
           {"-c", shut, "--port", "0", "--admin-auth", "none"},
           {"-c", here, "--port", "0", "--host", "0.0.0.0"},
           {"demo", "--once", "--host", "0.0.0.0", "--admin-auth", "none"}}) {
    const Ended ended = run(arguments);
    const std::string said = ended.output + ended.errors;
    INFO(said);
    CHECK(ended.code == 3);
    CHECK(holds(said, "admin.auth"));
    CHECK(holds(said, "server_host"));
  }
  CHECK(run({"check", here}).code == 0);
}

TEST_CASE("administration answers errors in its own shape, and pages in none of theirs", "[admin][daemon]") {
  Gateway daemon({});
  const AdminClient admin(daemon);
  CHECK(shown(admin.get("/api/nothing")) ==
        R"(404 {"detail":"there is no GET /api/nothing","code":"not_found"})");
  CHECK(shown(admin.get("/api/nothing", "accept-language: zh\r\n")) ==
        R"(404 {"detail":"没有 GET /api/nothing","code":"not_found"})");
  const RawAnswer wrong = admin.del("/api/login");
  CHECK(code_of(wrong) == "405 method_not_allowed");
  CHECK(wrong.header("allow") == "POST");
  for (const auto* path : {"/api", "/api/nothing", "/api/login"}) {
    INFO(path);
    CHECK(admin.send("OPTIONS", path).count("access-control-allow-origin") == 0);
    CHECK(admin.get(path).count("access-control-allow-origin") == 0);
  }
  CHECK(holds(daemon.get("/v1/nothing").body, R"({"error":{)"));
  CHECK(holds(daemon.get("/nothing").body, R"({"error":{)"));
}

TEST_CASE("long answers are packed for who takes gzip, but those that may hold a new secret",
          "[admin][daemon]") {
  Gateway daemon({});
  const AdminClient admin(daemon);
  const std::string takes_gzip = "accept-encoding: gzip\r\n";
  const RawAnswer plain = admin.get("/api/config");
  const RawAnswer packed = admin.get("/api/config", takes_gzip);
  CHECK(plain.header("content-encoding").empty());
  CHECK(packed.header("content-encoding") == "gzip");
  for (const RawAnswer& answer : {plain, packed}) {
    CHECK(answer.header("vary") == "accept-encoding");
    CHECK(answer.header("content-type") == "application/json");
  }
  // RFC 1952: two bytes that say what it is; at the end, how long it was.
  REQUIRE(packed.body.size() > 18);
  CHECK(packed.body.substr(0, 2) == "\x1f\x8b");
  std::size_t bytes = 0;
  for (std::size_t i = 1; i <= 4; ++i)
    bytes = bytes << 8 | static_cast<unsigned char>(packed.body[packed.body.size() - i]);
  CHECK(bytes == plain.body.size());
  CHECK(packed.body.size() < plain.body.size() / 2);
  CHECK(admin.get("/api/config", "accept-encoding: gzip;q=0\r\n").body == plain.body);
  CHECK(admin.get("/api/keys", takes_gzip).header("content-encoding").empty());

  const std::string model(200, 'm');
  std::string models = "\"m\"";
  for (int i = 0; i < 20; ++i)
    models += ",\"" + model + std::to_string(i) + "\"";
  const RawAnswer made = admin.post("/api/keys", R"({"name":"a","models":[)" + models + "]}", takes_gzip);
  CHECK(made.status == 200);
  CHECK(made.body.size() > 4000);
  CHECK(made.header("content-encoding").empty());
}

TEST_CASE("neither realm's secret opens the other, over every route there is", "[admin][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  Gateway daemon({{"only", provider.base_url()}}, R"("client_auth":"required")");
  const AdminClient admin(daemon), nobody(daemon, "");
  for (const airouterd::Route& route : airouterd::routes()) {
    const std::string path = some_path(route);
    INFO(route.method << " " << path);
    const std::string body = route.method == "GET" ? "" : chat_body();
    const int without = nobody.send(route.method, path, body).status;
    if (route.realm == airouterd::Realm::clients) {
      const RawAnswer refused = admin.send(route.method, path, body);
      CHECK(refused.status == 401);
      CHECK(words_of(refused.body) == "[error invalid_api_key]");
      CHECK(
          daemon.send(raw_request(route.method, path, body, "x-api-key: " + admin.token() + "\r\n")).status ==
          401);
      CHECK(without == 401);
    } else if (route.realm == airouterd::Realm::admin) {
      CHECK(without == 401);
      CHECK(nobody.send(route.method, path, body, "host: evil.example\r\n").status == 400);  // two of them
      CHECK(nobody.send(route.method, path, body, "origin: https://evil.example\r\n").status == 403);
      for (const auto* line : {"x-api-key: ", "api-key: ", "cookie: token="})
        CHECK(nobody.send(route.method, path, body, line + admin.token() + "\r\n").status == 401);
      CHECK(nobody.send(route.method, path + "?token=" + admin.token(), body).status == 401);
    } else {
      CHECK(without != 401);
    }
  }
  CHECK(provider.connection_count() == 0);
}

TEST_CASE("a password is hashed for the config, and opens a session", "[admin][daemon]") {
  const TempFolder folder;
  const std::string bash = "/bin/bash";
  const auto hash_of = [&](const std::string& typed) {
    return run(bash, {"-c", "printf '" + typed + "' | " + airouterd_program() + " hash-password"});
  };
  CHECK(hash_of("short").code == 2);
  CHECK(hash_of("").code == 2);
  const Ended hashed = hash_of("correct horse\\n");
  REQUIRE(hashed.code == 0);
  REQUIRE(hashed.output.starts_with("scrypt:"));
  const std::string hash = hashed.output.substr(0, hashed.output.size() - 1);
  CHECK(run({"-c", folder.write("no.json", R"({"admin":{"auth":"password"}})"), "--port", "0"}).code == 3);

  Gateway daemon({}, R"("admin":{"auth":"password","password_hash":")" + hash + "\"}");
  const AdminClient nobody(daemon, "");
  CHECK(code_of(nobody.post("/api/login", R"({"password":"wrong horse"})")) == "401 wrong_password");
  CHECK(code_of(nobody.post("/api/login", R"({"password":7,"user":"me"})")) == "400 invalid_fields");
  CHECK(code_of(nobody.post("/api/login", "[]")) == "400 invalid_json");
  CHECK(nobody.post("/api/login", R"({"password":")" + std::string(5000, 'x') + "\"}").status == 413);
  CHECK(code_of(nobody.post("/api/login", R"({"password":"correct horse"})",
                            "origin: https://evil.example\r\n")) == "403 origin_not_allowed");
  const RawAnswer in = nobody.post("/api/login", R"({"password":"correct horse"})");
  CHECK(in.status == 200);
  CHECK(member_of(in.body, {"token"}).size() == 64);
  CHECK(json::to_integer(member_of(in.body, {"expires_at"})).value_or(0) > 1'700'000'000);
  for (int i = 0; i < 5; ++i)
    CHECK(code_of(nobody.post("/api/login", R"({"password":"guess"})")) == "401 wrong_password");
  const RawAnswer refused = nobody.post("/api/login", R"({"password":"correct horse"})");
  CHECK(code_of(refused) == "429 too_many_tries");
  CHECK(refused.header("retry-after") != "");
  CHECK(!holds(daemon.said(), "correct horse"));
  CHECK(!holds(daemon.said(), hash));
}

TEST_CASE("what this machine may see, the administrator may see from elsewhere", "[admin][daemon]") {
  Gateway daemon({});
  const AdminClient admin(daemon), nobody(daemon, ""), guesser(daemon, "wrong");
  const std::string elsewhere = "x-forwarded-for: 203.0.113.7\r\n";
  CHECK(nobody.get("/stats").status == 200);
  CHECK(admin.get("/stats", elsewhere).status == 200);
  CHECK(code_of(nobody.get("/stats", elsewhere)) == "401 admin_token_needed");
  for (int i = 0; i < 5; ++i)
    CHECK(code_of(guesser.get("/stats", elsewhere)) == "401 admin_token_wrong");
  CHECK(code_of(guesser.get("/stats", elsewhere)) == "429 too_many_tries");
  CHECK(admin.get("/stats", elsewhere).status == 200);
}
