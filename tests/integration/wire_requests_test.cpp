#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "support/catch.h"

// What clients send: where it goes, what of it reaches a provider, and what is refused before anybody is
// asked.
namespace {

using namespace airouterd::demo;
using namespace gateway;

struct World {
  explicit World(const std::string& more = {}, const std::string& model = "gpt-4")
      : daemon({{"only", provider.base_url(), 1, R"([")" + model + R"("])"}}, more) {}

  // What the provider got of a request that must succeed.
  ReceivedRequest pass(const std::string& body, std::string_view more_head_lines = {}) {
    CHECK(daemon.post(body, more_head_lines).status == 200);
    const auto requests = provider.requests();
    return requests.empty() ? ReceivedRequest() : requests.back();
  }

  // "400 invalid_request": status and code of a refusal that no provider saw.
  std::string refusal(const std::string& bytes) {
    const RawAnswer answer = daemon.send(bytes);
    CHECK(answer.header("content-type") == "application/json");
    CHECK(answer.header("x-request-id") != "");
    CHECK(provider.connection_count() == 0);
    return std::to_string(answer.status) + " " + four_keys(answer.body);
  }

  // The code of an error that has exactly the four keys.
  static std::string four_keys(const std::string& body) {
    const json::Parsed parsed = json::parse(body);
    const json::Value* error = parsed.value ? parsed.value->find("error") : nullptr;
    if (error == nullptr || !error->is_object()) return "no error object in " + body;
    std::string keys;
    for (const json::Member& member : error->members)
      keys += member.key + " ";
    CHECK(keys == "message type param code ");
    CHECK(error->find("message")->text != "");
    return error->find("code")->text;
  }

  ScriptedProvider provider{saying({"Hello"})};
  Gateway daemon;
};

std::string chunked(const std::string& body, std::string_view more_head_lines = {}) {
  return "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n" +
         std::string(more_head_lines) + "\r\n" + chunk(body.substr(0, 7)) + chunk(body.substr(7)) + chunk("");
}

}  // namespace

TEST_CASE("every way to write a path leads to its route", "[wire][daemon]") {
  World world;
  for (const auto* path : {"/v1/chat/completions", "/chat/completions", "/v1/v1/chat/completions",
                           "/v1/chat/completions/", "//v1//chat///completions", "/api/v1/chat/completions",
                           "/openai/v1/chat/completions", "/v1/chat/completions?api-version=1"}) {
    INFO(path);
    const RawAnswer answer = world.daemon.send(raw_request("POST", path, chat_body()));
    CHECK(outcome_of(answer) == "200 'Hello' by only after 1");
    CHECK(world.provider.requests().back().target == "/v1/chat/completions");
  }
  for (const auto* path : {"/v1/models", "/models", "/v1/models/", "/openai/v1/models", "/api/v1/models"}) {
    INFO(path);
    CHECK(world.daemon.get(path).status == 200);
  }
}

TEST_CASE("a path or a method that is none is told so", "[wire][daemon]") {
  World world;
  CHECK(world.refusal(raw_request("POST", "/v1/foo", "{}")) == "404 ");
  CHECK(
      world.daemon.send(raw_request("POST", "/v1/foo", "{}")).body ==
      R"json({"error":{"message":"Invalid URL (POST /v1/foo)","type":"invalid_request_error","param":null,"code":null}})json");
  for (const auto* path : {"/v1/embeddings", "/v1/responses", "/v1/images/generations", "/v1/audio/speech"}) {
    INFO(path);
    CHECK(world.refusal(raw_request("POST", path, "{}")) == "404 ");
    CHECK(world.daemon.send(raw_request("POST", path, "{}")).body.find("not supported yet") !=
          std::string::npos);
  }
  const RawAnswer wrong = world.daemon.get("/v1/chat/completions");
  CHECK(wrong.status == 405);
  CHECK(wrong.header("allow") == "POST");
  CHECK(world.daemon.send(raw_request("DELETE", "/v1/models")).header("allow") == "GET, HEAD");
  CHECK(world.refusal(raw_request("BREW", "/v1/models")) == "501 method_not_implemented");
  for (const auto* path : {"/../etc/passwd", "/v1/../stats", "/v1/%2e%2e/stats", "/stats/"}) {
    INFO(path);
    CHECK((world.daemon.get(path).status == 404) == (std::string_view(path) != "/stats/"));
  }
}

TEST_CASE("HEAD gets the head of what GET gets", "[wire][daemon]") {
  World world;
  for (const auto* path : {"/", "/health", "/stats", "/v1/models", "/v1/models/gpt-4"}) {
    INFO(path);
    const RawAnswer head = world.daemon.send(raw_request("HEAD", path));
    CHECK(head.status == 200);
    CHECK(head.header("content-type") == "application/json");
    CHECK(head.body.empty());
  }
  RawClient client(world.daemon.port());
  client.send(raw_request("HEAD", "/v1/models") + raw_request("GET", "/health"));
  CHECK(client.read_answer(5s, true).status == 200);
  CHECK(client.read_answer().body.find("healthy") != std::string::npos);
}

TEST_CASE("the model list is sorted and stands still, and finds models by encoded names", "[wire][daemon]") {
  World world(R"("model_map":{"smart":["org/m:free"]})", R"(org/m:free","a b","*-wild","gpt-4)");
  const RawAnswer list = world.daemon.get("/v1/models");
  CHECK(list.body == world.daemon.get("/v1/models").body);
  const json::Parsed parsed = json::parse(list.body);
  REQUIRE(parsed.value);
  CHECK(parsed.value->find("object")->text == "list");
  std::string ids;
  for (const json::Value& item : parsed.value->find("data")->items) {
    ids += item.find("id")->text + ";";
    CHECK(item.find("object")->text == "model");
    CHECK(item.find("created")->is_number());
    CHECK(item.find("owned_by")->text == "airouter");
  }
  CHECK(ids == "a b;gpt-4;org/m:free;smart;");
  for (const auto* name : {"org%2Fm:free", "org/m:free", "org%2Fm%3Afree", "a%20b", "smart"}) {
    INFO(name);
    CHECK(world.daemon.get(std::string("/v1/models/") + name).status == 200);
  }
  const RawAnswer missing = world.daemon.get("/v1/models/none%22%0d%0aSet-Cookie:%20a");
  CHECK(missing.status == 404);
  CHECK(World::four_keys(missing.body) == "model_not_found");
  CHECK(missing.header("set-cookie") == "");
  CHECK(world.provider.connection_count() == 0);
}

TEST_CASE("a body that is no request is refused before anybody is asked", "[wire][daemon]") {
  World world;
  const std::string deep(600, '['), closed(600, ']');
  for (const std::string& body : std::vector<std::string>{"",
                                                          "   ",
                                                          "{",
                                                          "nonsense",
                                                          "[]",
                                                          "null",
                                                          "7",
                                                          R"("gpt-4")",
                                                          "{}",
                                                          R"({"model":7})",
                                                          R"({"model":null})",
                                                          R"({"model":""})",
                                                          R"({"model":"  "})",
                                                          R"({"model":"gpt-4"}x)",
                                                          R"({"model":"gpt-4",})",
                                                          R"({"model":"gpt-4","model":"gpt-5"})",
                                                          R"({"model":"gpt-4","stream":true,"stream":false})",
                                                          "{\"model\":\"gpt-4\",\"a\":\"\xff\"}",
                                                          "\xEF\xBB\xBF" + chat_body(),
                                                          R"({"model":"gpt-4","a":)" + deep + closed + "}",
                                                          std::string("{\0}", 3),
                                                          R"({"model":")" + std::string(600, 'm') + R"("})",
                                                          std::string(1'000'000, '[')}) {
    INFO(body.substr(0, 80));
    CHECK(world.refusal(chat_request(body)) == "400 invalid_request");
  }
  CHECK(world.refusal(raw_request("POST", "/v1/chat/completions", chat_body(false, "gpt-5"))) ==
        "404 model_not_found");
  CHECK(world.daemon.process().says("  400  "));
}

TEST_CASE("a request that is too large, packed or broken is refused before anybody is asked",
          "[wire][daemon]") {
  World world(R"("body_limit_mb":0.01)");
  const std::string large = R"({"model":"gpt-4","a":")" + std::string(20'000, 'x') + R"("})";
  CHECK(world.refusal(chat_request(large)) == "413 invalid_request");
  CHECK(world.refusal(chunked(large)) == "413 invalid_request");
  CHECK(
      world.refusal(
          "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999999999999\r\n\r\n{") ==
      "413 invalid_request");
  for (const auto* encoding : {"gzip", "br", "zstd", "identity, gzip"}) {
    INFO(encoding);
    CHECK(world.refusal(chat_request(chat_body(), std::string("content-encoding: ") + encoding + "\r\n"))
              .substr(0, 3) == "415");
  }
  CHECK(world.refusal(raw_request("GET", "/v1/models", {}, "a: " + std::string(40'000, 'x') + "\r\n"))
            .substr(0, 3) == "431");
  CHECK(world.refusal(raw_request("GET", "/v1/" + std::string(4'000, 'x'))).substr(0, 3) == "414");
  for (const auto* lines :
       {"content-length: 3\r\ntransfer-encoding: chunked\r\n", "content-length: 3\r\ncontent-length: 4\r\n",
        "content-length: -1\r\n", "transfer-encoding : chunked\r\n", "transfer-encoding: gzip, chunked\r\n",
        "a: b\r\n c: d\r\n", "host: b\r\n"}) {
    INFO(lines);
    const auto status = world.refusal("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n" +
                                      std::string(lines) + "\r\n{}");
    CHECK((status.substr(0, 3) == "400" || status.substr(0, 3) == "415" || status.substr(0, 3) == "501"));
  }
  CHECK(world.daemon.get("/health").status == 200);
}

TEST_CASE("every framing of a body works", "[wire][daemon]") {
  World world;
  const std::string body = chat_body();
  CHECK(outcome_of(world.daemon.send(chunked(body))) == "200 'Hello' by only after 1");
  CHECK(world.provider.requests().back().body == body);
  CHECK(outcome_of(world.daemon.post(body, "content-encoding: identity\r\n")) ==
        "200 'Hello' by only after 1");

  RawClient client(world.daemon.port());
  const std::string bytes = chat_request(body, "expect: 100-continue\r\n");
  client.send(bytes.substr(0, bytes.size() - body.size()));
  client.send(body);
  CHECK(outcome_of(client.read_answer()) == "200 'Hello' by only after 1");

  CHECK(world.daemon
            .send("POST /v1/chat/completions HTTP/1.0\r\ncontent-length: " + std::to_string(body.size()) +
                  "\r\nhost: localhost\r\n\r\n" + body)
            .status == 200);
}

TEST_CASE("a picture of 20 MB reaches the provider", "[wire][daemon]") {
  World world;
  const std::string body =
      R"({"model":"gpt-4","image_url":"data:image/png;base64,)" + std::string(20'000'000, 'A') + R"("})";
  CHECK((world.pass(body).body == body));
}

TEST_CASE("a body passes byte for byte but for its model", "[wire][daemon]") {
  World world(R"("model_map":{"nice":["org/real-\"1\""]})", R"(org/real-\"1\")");
  const std::string real = R"("org/real-\"1\"")";
  const auto with = [](const std::string& model) {
    return "{ \"messages\" : [{\"role\":\"user\",\"content\":\"\\ud800 \\u2028 \\/ Gr\xC3\xBC\xC3\x9F"
           "e\",\"model\":\"nice\"}],\r\n\t\"big\":123456789012345678901234567890, "
           "\"x\":1e400,\"y\":-0.0,\"z\":1E+2,"
           "\"tool\":{\"model\":\"nice\",\"mod\\u0065l\":\"nice\"},\"model\":" +
           model + ",\"seed\":9007199254740993,\"a\":[],\"b\":{},\"stream\":null }";
  };
  CHECK(world.pass(with("\"nice\"")).body == with(real));
  CHECK(world.pass(with("\"\\u006eice\"")).body == with(real));
  CHECK(world.pass(R"({"mod\u0065l":"nice"})").body == R"({"mod\u0065l":)" + real + "}");
  CHECK(world.pass(R"({"model":"nice","mod\u0065l":"nice"})").body ==
        R"({"model":)" + real + R"(,"mod\u0065l":)" + real + "}");
  CHECK(world.pass(with(real)).body == with(real));
}

TEST_CASE("of a client's headers only the harmless ones reach a provider", "[wire][daemon]") {
  World world;
  const std::string harmless =
      "user-agent: OpenAI/Python 1.0\r\naccept: application/json\r\nopenai-beta: x=1\r\nx-stainless-lang: "
      "python\r\n"
      "X-Stainless-Retry-Count: 0\r\nidempotency-key: abc\r\nhttp-referer: https://a.example\r\nx-title: "
      "T\r\n";
  const std::string private_ones =
      "authorization: Bearer client-secret\r\nx-api-key: client-secret\r\napi-key: client-secret\r\n"
      "x-goog-api-key: client-secret\r\ncookie: session=client-secret\r\nopenai-organization: org-1\r\n"
      "openai-project: p\r\nsec-fetch-site: same-origin\r\nreferer: "
      "https://a.example\r\nproxy-authorization: x\r\n"
      "te: trailers\r\nrange: bytes=0-1\r\nif-none-match: x\r\nx-request-id: mine\r\nx-custom: 1\r\n"
      "accept-encoding: gzip\r\norigin: http://localhost:3000\r\nx-airouter-provider: x\r\n";
  const ReceivedRequest received = world.pass(chat_body(), harmless + private_ones);
  CHECK(received.head ==
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(world.provider.port()) +
            "\r\ncontent-type: application/json\r\naccept: application/json\r\n"
            "accept-encoding: identity\r\nauthorization: Bearer sk-canary-only\r\n"
            "user-agent: OpenAI/Python 1.0\r\nopenai-beta: x=1\r\nidempotency-key: abc\r\n"
            "http-referer: https://a.example\r\nx-title: T\r\nx-stainless-lang: python\r\n"
            "x-stainless-retry-count: 0\r\nContent-Length: " +
            std::to_string(chat_body().size()) + "\r\n\r\n");
  CHECK(world.daemon.said().find("client-secret") == std::string::npos);
}

TEST_CASE("a stream is one only if `stream` is true", "[wire][daemon]") {
  World world;
  for (const auto* value : {"false", "null", "0", "1", "\"true\"", "[true]", "{}"}) {
    INFO(value);
    const RawAnswer answer = world.daemon.post(std::string(R"({"model":"gpt-4","stream":)") + value + "}");
    CHECK(answer.header("content-type") == "application/json");
  }
  CHECK(world.daemon.post(R"({"stream" : true ,"model":"gpt-4"})").header("content-type") ==
        "text/event-stream");
}
