#include "http/normalise_path.h"

#include <string>
#include <vector>

#include "support/catch.h"

using airouterd::http::normalise_path;

namespace {

struct Row {
  std::string from, to;
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table{
      {"", "/"},
      {"/", "/"},
      {"//", "/"},
      {"/v1/chat/completions", "/v1/chat/completions"},
      {"/v1/chat/completions/", "/v1/chat/completions"},
      {"//v1//chat///completions//", "/v1/chat/completions"},
      {"/chat/completions", "/v1/chat/completions"},
      {"/v1/v1/chat/completions", "/v1/chat/completions"},
      {"/api/v1/chat/completions", "/v1/chat/completions"},
      {"/openai/v1/chat/completions", "/v1/chat/completions"},
      {"/api/openai/v1/v1/models", "/v1/models"},
      {"/models", "/v1/models"},
      {"/api/models", "/v1/models"},
      {"/v1/models/org%2Fm:free", "/v1/models/org%2Fm:free"},
      {"/models/org/m:free", "/v1/models/org/m:free"},
      {"/v1/models/v1/models", "/v1/models/v1/models"},
      {"/images/generations", "/v1/images/generations"},
      {"/images", "/images"},
      {"/audio/speech/", "/v1/audio/speech"},
      {"/files/file-1", "/v1/files/file-1"},
      {"/responses", "/v1/responses"},
      // Everything else keeps its place.
      {"/v1", "/v1"},
      {"/v1/", "/v1"},
      {"/v1/foo", "/v1/foo"},
      {"/v1/v1/foo", "/v1/v1/foo"},
      {"/api/keys", "/api/keys"},
      {"/api/keys/", "/api/keys"},
      {"//api//keys", "/api/keys"},
      {"/v1/api/keys", "/v1/api/keys"},
      {"/api/model-map", "/api/model-map"},
      {"/api/models-old", "/api/models-old"},
      {"/api/providers/models", "/api/providers/models"},
      {"/health", "/health"},
      {"/stats/", "/stats"},
      {"/admin", "/admin"},
      {"/V1/models", "/V1/models"},
      {"/v1x/models", "/v1x/models"},
      {"/xv1/models", "/xv1/models"},
      {"/completionsx", "/completionsx"},
      {"/embeddings/x", "/embeddings/x"},
      // Nothing is decoded, and dot segments are never walked.
      {"/v1%2Fmodels", "/v1%2Fmodels"},
      {"/%76%31/models", "/%76%31/models"},
      {"/api%2Fv1/models", "/api%2Fv1/models"},
      {"/v1/chat%2fcompletions", "/v1/chat%2fcompletions"},
      {"/v1/../api/keys", "/v1/../api/keys"},
      {"/v1/models/../../api/keys", "/v1/models/../../api/keys"},
      {"/api/%2e%2E/v1/models", "/api/%2e%2E/v1/models"},
      {"/api/./v1//models/", "/api/./v1//models/"},
      {"/api/.%2e/models", "/api/.%2e/models"},
      {"/models/...", "/v1/models/..."},
      {"/models/a..b", "/v1/models/a..b"},
      {"models", "/v1/models"},
  };
  return table;
}

}  // namespace

TEST_CASE("paths have one spelling", "[http][path]") {
  for (const auto& row : rows()) {
    CAPTURE(row.from);
    CHECK(normalise_path(row.from) == row.to);
  }
}

TEST_CASE("a normalised path stays as it is", "[http][path]") {
  for (const auto& row : rows()) {
    CAPTURE(row.from);
    CHECK(normalise_path(normalise_path(row.from)) == normalise_path(row.from));
  }
}

TEST_CASE("no run of segments makes an admin path a model path or the reverse", "[http][path]") {
  const std::vector<std::string> segments{"",     "v1", "api",    "openai",          "models",
                                          "keys", "..", "%2e%2e", "chat/completions"};
  for (const auto& a : segments) {
    for (const auto& b : segments) {
      for (const auto& c : segments) {
        for (const auto& d : segments) {
          const auto path = "/" + a + "/" + b + "/" + c + "/" + d;
          const auto normal = normalise_path(path);
          CAPTURE(path, normal);
          REQUIRE(normal.front() == '/');
          REQUIRE(normalise_path(normal) == normal);
          // What lies under /api after normalising lay there before, and its last segment is the same.
          if (normal.rfind("/api/", 0) == 0) REQUIRE(path.find("api/") != std::string::npos);
          if (normal == "/api/keys") REQUIRE(path.find("keys") != std::string::npos);
        }
      }
    }
  }
}
