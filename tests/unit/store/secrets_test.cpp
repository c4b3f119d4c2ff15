#include "store/secrets.h"

#include <set>
#include <string>

#include "store/password.h"
#include "support/catch.h"

using namespace airouterd;

TEST_CASE("secrets are hashed by SHA-256", "[secrets]") {
  const store::Hasher hash;
  CHECK(store::to_hex(hash("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const store::Digest abc = hash("abc");
  const std::string hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(store::to_hex(abc) == hex);
  REQUIRE(store::digest_from_hex(hex));
  CHECK(store::is_equal(*store::digest_from_hex(hex), abc));
  CHECK(store::is_equal(
      *store::digest_from_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), abc));
  CHECK_FALSE(store::is_equal(hash("abd"), abc));
  CHECK_FALSE(store::is_equal(hash(std::string_view("abc\0", 4)), abc));
  for (const std::string& odd :
       {std::string(), hex.substr(1), hex + "0", "g" + hex.substr(1), "0x" + hex.substr(2)})
    CHECK_FALSE(store::digest_from_hex(odd));
}

TEST_CASE("random digits are as many as asked for, and never the same", "[secrets]") {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string digits = store::random_hex(32);
    CHECK(digits.size() == 64);
    CHECK(digits.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(seen.insert(digits).second);
  }
  CHECK(store::random_hex(100).size() == 200);
}

TEST_CASE("passwords are kept as scrypt has it", "[secrets][password]") {
  // RFC 7914, 12.
  const std::string known =
      "scrypt:14:8:1:536f6469756d43686c6f72696465:"
      "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2";
  CHECK(store::is_right_password("pleaseletmein", known));
  CHECK_FALSE(store::is_right_password("pleaseletmeio", known));
  CHECK_FALSE(store::is_right_password("", known));

  const std::string hash = store::hash_password("correct horse");
  CHECK(hash != store::hash_password("correct horse"));  // salted
  CHECK(hash.find("correct") == std::string::npos);
  CHECK(store::is_password_hash(hash));
  CHECK(store::is_right_password("correct horse", hash));
  CHECK_FALSE(store::is_right_password("correct Horse", hash));
}

TEST_CASE("a hash that asks for too much, or for nothing, is none", "[secrets][password]") {
  const std::string end = ":536f6469756d43686c6f72696465:" + std::string(64, 'a');
  CHECK(store::is_password_hash("scrypt:15:8:3" + end));
  for (const std::string& odd :
       {std::string(), std::string("hunter2"), "scrypt:0:8:1" + end, "scrypt:63:8:1" + end,
        "scrypt:20:32:1" + end, "scrypt:15:0:1" + end, "scrypt:15:8:-1" + end,
        "scrypt:15:8:99999999999999999999" + end, "bcrypt:15:8:1" + end, "scrypt:15:8:1" + end + "aa",
        "scrypt:15:8:1::" + std::string(64, 'a'), "scrypt:15:8:1" + end.substr(0, end.size() - 1) + "g"}) {
    CAPTURE(odd);
    CHECK_FALSE(store::is_password_hash(odd));
    CHECK_FALSE(store::is_right_password("x", odd));
  }
}
