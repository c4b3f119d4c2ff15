#include "store/client_keys_file.h"

#include <string>

#include "base/json.h"
#include "support/catch.h"

using namespace airouterd;

namespace {

const store::Hasher hasher;
const std::string hash_of_a = store::to_hex(hasher("sk-aaaaaaaa-1"));
const std::string hash_of_b = store::to_hex(hasher("sk-bbbbbbbb-2"));

store::ClientKeysFile read(const std::string& text) {
  return store::parse_client_keys(text, hasher);
}

// "id name=… on 60/min used 3 at 1.5 models=[a,b] until 9": what is unusual is told.
std::string told(const store::ClientKeyFacts& key) {
  std::string text = key.id + " name=" + key.name + (key.is_enabled ? " on " : " off ") +
                     std::to_string(key.rate_limit) + "/min used " + std::to_string(key.total_requests);
  if (key.last_used) text += " at " + std::to_string(*key.last_used);
  if (key.models) {
    text += " models=";
    for (const std::string& model : *key.models)
      text += model + ",";
  }
  if (key.expires_at) text += " until " + std::to_string(*key.expires_at);
  return text + (key.others.empty() ? "" : " and " + key.others);
}

std::string told(const store::ClientKeysFile& file) {
  if (!file.problem.empty()) return "problem: " + file.problem + "\n";
  std::string text;
  for (const auto& key : file.keys)
    text += told(key) + "\n";
  for (const auto& warning : file.warnings)
    text += "warning: " + warning + "\n";
  return text;
}

}  // namespace

TEST_CASE("a file of the earlier program is read as it is", "[keys][keys-file]") {
  const std::string in_object = R"({
  "keys": {
    "aaaaaaaa": {"key_id": "aaaaaaaa", "key_hash": ")" +
                                hash_of_a + R"(", "name": "Chatbox 张三",
      "created_at": 1733000000.123456, "last_used": 1733000100.5, "enabled": true, "rate_limit": 60,
      "total_requests": 42},
    "bbbbbbbb": {"key_id": "bbbbbbbb", "key_hash": ")" +
                                hash_of_b + R"(", "name": "old",
      "created_at": 1733000000, "last_used": null, "enabled": false, "rate_limit": 0, "total_requests": 0,
      "note": {"by": ["me"]}}
  }
})";
  const auto file = read(in_object);
  CHECK(told(file) ==
        "aaaaaaaa name=Chatbox 张三 on 60/min used 42 at 1733000100.500000\n"
        "bbbbbbbb name=old off 0/min used 0 and \"note\":{\"by\": [\"me\"]}\n");
  CHECK(file.keys[0].hash == hasher("sk-aaaaaaaa-1"));
  CHECK(file.keys[0].created_at == 1733000000.123456);
  CHECK(file.ever_made);
  CHECK_FALSE(file.has_plain_keys);
}

TEST_CASE("other shapes of the file are read, too", "[keys][keys-file]") {
  const std::string entry = R"("key_hash":")" + hash_of_a + R"(","name":"n")";
  const std::string expected = " name=n on 60/min used 0\n";
  CHECK(told(read(R"({"keys":[{"key_id":"x",)" + entry + "}]}")) == "x" + expected);
  CHECK(told(read(R"([{"key_id":"x",)" + entry + "}]")) == "x" + expected);
  CHECK(told(read(R"({"x":{)" + entry + "}}")) == "x" + expected);
  CHECK(told(read(R"({"keys":[{"hash":")" + hash_of_a + R"(","name":"n"}]})")) ==
        hash_of_a.substr(0, 8) + expected);
  CHECK(told(read(R"({"keys":{"x":{"name":"n","created_at":"2025-01-31T12:00:00.5","key_hash":")" +
                  hash_of_a + "\"}}}")) == "x" + expected);
  CHECK(read(R"({"keys":{"x":{"created_at":"2025-01-31 12:00:00","key_hash":")" + hash_of_a + "\"}}}")
            .keys[0]
            .created_at > 1'700'000'000);
}

TEST_CASE("keys that stand in the file as they are become hashes", "[keys][keys-file]") {
  const auto file = read(R"({"keys":[{"key":"sk-aaaaaaaa-1","key_id":"x"}]})");
  REQUIRE(file.keys.size() == 1);
  CHECK(file.keys[0].hash == hasher("sk-aaaaaaaa-1"));
  CHECK(file.has_plain_keys);
  CHECK(store::to_json(file).find("sk-aaaaaaaa") == std::string::npos);

  // Shown next to its hash it is a key or a mask of one; neither lets anybody in by itself.
  const auto both = read(R"({"keys":[{"key":"sk-aaaaaaaa-1","key_hash":")" + hash_of_a + "\"}]}");
  CHECK(both.has_plain_keys);
  CHECK(both.keys[0].hash == hasher("sk-aaaaaaaa-1"));
  const auto shown =
      read(R"({"keys":[{"key_plain":"sk-aaaaaaaa-1","key_id":"x","key_hash":")" + hash_of_a + "\"}]}");
  CHECK(shown.has_plain_keys);
  CHECK(store::to_json(shown).find("sk-aaaaaaaa-1") == std::string::npos);
  const auto masked = read(R"({"keys":[{"key":"sk-a***","key_hash":")" + hash_of_a + "\"}]}");
  CHECK_FALSE(masked.has_plain_keys);
  CHECK(masked.keys[0].hash == hasher("sk-aaaaaaaa-1"));
}

TEST_CASE("entries that cannot be read are left out, and kept", "[keys][keys-file]") {
  const std::string good = R"("key_hash":")" + hash_of_a + "\"";
  const auto file =
      read(R"({"keys":{"a":{)" + good + R"(},"b":7,"c":{"key_hash":"short"},"d":{)" + good +
           R"(},"e":{"key_id":"a","key_hash":")" + hash_of_b + R"("},"f":{"enabled":"no","key_hash":")" +
           hash_of_b + R"("},"g":{"models":["a",1],"key_hash":")" + hash_of_b +
           R"("},"h":{"expires_at":"soon","key_hash":")" + hash_of_b + R"("},"\u001b[31m":{}}})");
  CHECK(told(file) ==
        "a name= on 60/min used 0\n"
        "warning: the client key b is left out: it is no object\n"
        "warning: the client key c is left out: it has no key_hash of 64 hexadecimal digits\n"
        "warning: the client key d is left out: its key is there twice\n"
        "warning: the client key a is left out: its key_id is there twice\n"
        "warning: the client key f is left out: its enabled cannot be read\n"
        "warning: the client key g is left out: its models cannot be read\n"
        "warning: the client key h is left out: its expires_at cannot be read\n"
        "warning: the client key  [31m is left out: it has no key_hash of 64 hexadecimal digits\n");
  const std::string again = store::to_json(file);
  CHECK(told(read(again)) == told(file));
  CHECK(again.find(R"("f":{"enabled":"no",)") != std::string::npos);
  CHECK(read(R"({"keys":[7]})").ever_made);
}

TEST_CASE("a warning does not tell a key that stands where its id should be", "[keys][keys-file]") {
  CHECK(told(read(R"({"keys":{"sk-01234567-secret":{"name":"a","enabled":true}}})")) ==
        "warning: the client key sk-01234... is left out: it has no key_hash of 64 hexadecimal digits\n");
}

TEST_CASE("a file that nothing can be made of says so", "[keys][keys-file]") {
  CHECK(read("").problem != "");
  CHECK(read(R"({"keys":{"a":{"key_ha)").problem.find("at byte") != std::string::npos);
  CHECK(read("7").problem == "its \"keys\" are neither an object nor a list");
  CHECK(read(R"({"keys":7})").problem == "its \"keys\" are neither an object nor a list");
  CHECK(read(R"({"a":7})").problem == "it has no \"keys\"");
  CHECK(read("{}").problem.empty());
  CHECK_FALSE(read("{}").ever_made);
  CHECK_FALSE(read(R"({"keys":{}})").ever_made);
  CHECK(read(R"({"keys":{},"ever_made":true})").ever_made);
}

TEST_CASE("what is written is read as what it was", "[keys][keys-file]") {
  for (const std::string& shape : {std::string("{"), std::string("[")}) {
    const bool is_list = shape == "[";
    const std::string text =
        "{\"version\":1,\"keys\":" + shape + (is_list ? "" : "\"a/\\\"b\":") +
        R"({"key_id":"a/\"b","key_hash":")" + hash_of_a +
        R"(","name":"<img onerror=x>","created_at":1733000000.123456,"last_used":1.5,"rate_limit":7,)" +
        R"("models":["gpt-*","x"],"expires_at":1e10,"more":[1e400,"\u2028"]})" + (is_list ? "]" : "}") +
        ",\"x\":null}";
    const auto file = read(text);
    REQUIRE(file.keys.size() == 1);
    CHECK(file.is_list == is_list);
    const std::string written = store::to_json(file);
    CHECK(airouter::json::parse(written).value);
    CHECK(store::to_json(read(written)) == written);
    CHECK(told(read(written)) == told(file));
    CHECK(read(written).keys[0].created_at == 1733000000.123456);
    CHECK(written.find(R"("more":[1e400,"\u2028"])") != std::string::npos);
    CHECK(written.find(R"("version":1,"x":null)") != std::string::npos);
  }
}
