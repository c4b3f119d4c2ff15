#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "integration/gateway.h"
#include "support/catch.h"
#include "support/paths.h"

// The panel as the real airouterd serves it.
namespace {

using namespace gateway;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "0123456789abcdef": the folder that the page names.
std::string fingerprint_of(const std::string& page) {
  const auto end = page.find("/main.js");
  return end == std::string::npos || end < 16 ? std::string() : page.substr(end - 16, 16);
}

std::vector<std::string> asset_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(source_root() + "/airouterd/panel/assets"))
    names.push_back(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("the panel's page is found behind any prefix and is asked for again each time", "[panel][daemon]") {
  Gateway daemon({});
  const RawAnswer redirect = daemon.get("/admin");
  CHECK(redirect.status == 308);
  CHECK(redirect.header("location") == "admin/");
  const RawAnswer page = daemon.get("/admin/");
  CHECK(page.status == 200);
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.header("cache-control") == "no-cache");
  CHECK(fingerprint_of(page.body).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(!holds(page.body, "\"/"));  // no path from the root
  CHECK(!holds(page.body, "assets/"));
  const RawAnswer same = daemon.get("/admin/", "if-none-match: " + std::string(page.header("etag")) + "\r\n");
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(daemon.get("/admin/", "if-none-match: W/\"0\"\r\n").status == 200);
  const RawAnswer head = daemon.send(raw_request("HEAD", "/admin/", {}));
  CHECK(head.status == 200);
  CHECK(head.header("content-length") == std::to_string(page.body.size()));
}

TEST_CASE("every file of the panel is served as it stands, gzipped on request, and may be kept",
          "[panel][daemon]") {
  Gateway daemon({});
  const std::string folder = "/admin/" + fingerprint_of(daemon.get("/admin/").body) + "/";
  std::size_t bytes_on_the_wire = 0;
  for (const std::string& name : asset_names()) {
    INFO(name);
    const std::string text = file_text(source_root() + "/airouterd/panel/assets/" + name);
    const RawAnswer plain = daemon.get(folder + name);
    CHECK(plain.status == 200);
    CHECK(plain.body == text);
    CHECK(plain.header("content-encoding").empty());
    CHECK(plain.header("cache-control") == "public, max-age=31536000, immutable");
    CHECK(plain.header("vary") == "accept-encoding");
    const RawAnswer packed = daemon.get(folder + name, "accept-encoding: deflate, gzip;q=0.8\r\n");
    CHECK(packed.header("content-encoding") == "gzip");
    CHECK(packed.body.substr(0, 2) == "\x1f\x8b");
    CHECK(packed.body.size() < text.size());
    bytes_on_the_wire += packed.body.size();
    CHECK(daemon.get(folder + name, "accept-encoding: gzip;q=0\r\n").header("content-encoding").empty());
  }
  CHECK(bytes_on_the_wire < 100'000);
}

TEST_CASE("nothing but the panel's own files may run on its pages", "[panel][daemon]") {
  Gateway daemon({});
  const std::string folder = "/admin/" + fingerprint_of(daemon.get("/admin/").body) + "/";
  CHECK(daemon.get(folder + "main.js").header("x-content-type-options") == "nosniff");
  for (const std::string& target :
       {std::string("/admin"), std::string("/admin/"), folder + "icon.svg", std::string("/admin/none")}) {
    INFO(target);
    const RawAnswer answer = daemon.get(target);
    CHECK(answer.header("content-security-policy") ==
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "base-uri "
          "'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
          "trusted-types "
          "'none'");
    CHECK(answer.header("x-content-type-options") == "nosniff");
    CHECK(answer.header("referrer-policy") == "no-referrer");
  }
  CHECK(daemon.get("/admin/none").status == 404);
}

TEST_CASE("the panel has exact names only, and names this server", "[panel][daemon]") {
  Gateway daemon({});
  const std::string folder = "/admin/" + fingerprint_of(daemon.get("/admin/").body) + "/";
  for (const std::string& target :
       {folder, folder + "../main.js", folder + "%2e%2e/index.html", folder + "main.js.gz",
        folder + "MAIN.JS", std::string("/admin/assets/main.js"), std::string("/admin/../health"),
        std::string("/admin/..%2fhealth"), folder + "main.js%00.css"}) {
    INFO(target);
    const int status = daemon.get(target).status;
    CHECK((status == 404 || status == 400));
  }
  const RawAnswer elsewhere = daemon.send("GET /admin/ HTTP/1.1\r\nhost: evil.example\r\n\r\n");
  CHECK(elsewhere.status == 421);
  CHECK(daemon.send(raw_request("POST", "/admin/", "{}")).status == 405);
}

TEST_CASE("a folder can stand in for the panel, by plain names below it", "[panel][daemon]") {
  TempFolder web;
  std::filesystem::create_directories(web.file("assets/deeper"));
  web.write("index.html", "<p>mine</p>");
  web.write("secret.txt", "no");
  web.write("assets/main.js", "one");
  web.write("assets/deeper/other.js", "no");
  TempFolder data;
  ChildProcess process(airouterd_program(), {"-c", data.write("config.json", "{}"), "--port", "0", "--lang",
                                             "en", "--web-root", web.file("")});
  const int port = announced_port(process);
  REQUIRE(port > 0);
  const auto get = [&](const std::string& target) {
    RawClient client(port);
    client.send(raw_request("GET", target, {}));
    return client.read_answer();
  };
  CHECK(get("/admin/").body == "<p>mine</p>");
  CHECK(get("/admin/assets/main.js").body == "one");
  web.write("assets/main.js", "two");
  CHECK(get("/admin/assets/main.js").body == "two");
  CHECK(holds(get("/admin/").header("content-security-policy"), "default-src 'none'"));
  for (const auto* target :
       {"/admin/secret.txt", "/admin/assets/deeper/other.js", "/admin/assets/../index.html",
        "/admin/assets/..%2findex.html", "/admin/assets/.js", "/admin/assets"}) {
    INFO(target);
    CHECK(get(target).status == 404);
  }
}

TEST_CASE("a provider of the demonstration can be tripped, and is tried and passed over", "[panel][daemon]") {
  ChildProcess demo(airouterd_program(), {"demo", "--port", "0", "--lang", "en", "--admin-auth", "none"});
  const int port = announced_port(demo);
  REQUIRE(port > 0);
  REQUIRE(demo.says("Serving on"));
  const auto post = [&](const std::string& target, const std::string& body) {
    RawClient client(port);
    client.send(raw_request("POST", target, body, "content-type: application/json\r\n"));
    return client.read_answer();
  };
  CHECK(post("/api/demo/trip/nobody", "{}").status == 404);
  const RawAnswer tripped = post("/api/demo/trip/Steady_Local", "{}");
  CHECK(tripped.status == 200);
  CHECK(holds(tripped.body, "\"model\":\"demo-pair\""));
  // The spare one may come first by chance, but not always.
  bool was_rescued = false;
  for (int i = 0; i < 20 && !was_rescued; ++i) {
    const RawAnswer answer = post("/v1/chat/completions", chat_body(false, "demo-pair"));
    CHECK(answer.status == 200);
    CHECK(answer.header("x-airouter-provider") == "Spare_Local");
    was_rescued = answer.header("x-airouter-attempts") == "2";
  }
  CHECK(was_rescued);
}

TEST_CASE("no other server can be tripped", "[panel][daemon]") {
  Gateway daemon({}, R"("admin":{"auth":"none"})");
  const RawAnswer answer =
      daemon.send(raw_request("POST", "/api/demo/trip/a", "{}", "content-type: application/json\r\n"));
  CHECK(answer.status == 404);
}
