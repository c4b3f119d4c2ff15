#include "admin/door.h"

#include <memory>
#include <string>
#include <vector>

#include <airouter/testing.h>

#include "base/json.h"
#include "store/password.h"
#include "support/catch.h"
#include "support/head_only.h"

using namespace airouterd;
using namespace std::chrono_literals;

namespace {

const std::string token(64, 'a');

// A door, and people in front of it.
struct World {
  std::shared_ptr<airouter::testing::FakeClock> clock = std::make_shared<airouter::testing::FakeClock>();
  admin::Door door{token, clock};
  airouter::Config routing{};

  explicit World(admin::Auth auth = admin::Auth::token, const std::string& password_hash = {}) {
    set(auth, password_hash);
  }
  void set(admin::Auth auth, const std::string& password_hash = {}) {
    http::AccessRules access;
    access.public_url = "https://ai.example";
    access.trusted_proxies = {"10.0.0.1"};
    door.set_rules({access, auth, password_hash});
  }

  template <class Ask>
  std::string ask(const std::string& peer, http::Headers fields, Ask question) const {
    fields.emplace_back("Host", "127.0.0.1:8000");
    HeadOnly request(peer, std::move(fields));
    const admin::Request call(request, {}, routing);
    const auto reply = question(call);
    if (!reply) return "pass";
    const auto parsed = airouter::json::parse(reply->body);
    std::string text = std::to_string(reply->status) + " " + parsed.value->find("code")->text;
    if (const auto wait = airouter::find_header(reply->headers, "retry-after"); !wait.empty())
      text += " after " + std::string(wait);
    return text;
  }

  std::string knock(const std::string& authorization, const std::string& peer = "127.0.0.1",
                    http::Headers fields = {}) {
    if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
    return ask(peer, std::move(fields), [&](const admin::Request& call) { return door.refuse(call); });
  }
  std::string look(bool has_client_key, const std::string& authorization, const std::string& peer) {
    http::Headers fields;
    if (!authorization.empty()) fields.emplace_back("Authorization", authorization);
    return ask(peer, std::move(fields),
               [&](const admin::Request& call) { return door.refuse_stranger(call, has_client_key); });
  }

  // The token that a login gives, or why there is none.
  std::string log_in(const std::string& password, const std::string& peer = "127.0.0.1") {
    HeadOnly request(peer, {{"Host", "localhost"}});
    const admin::Request call(request, {}, routing);
    const http::Reply reply = door.login(call, password);
    const auto parsed = airouter::json::parse(reply.body);
    if (reply.status == 200) return parsed.value->find("token")->text;
    return std::to_string(reply.status) + " " + parsed.value->find("code")->text;
  }
};

}  // namespace

TEST_CASE("the admin token opens the door, and nothing else does", "[admin][door]") {
  World world;
  CHECK(world.knock("Bearer " + token) == "pass");
  CHECK(world.knock("bEARER \t " + token + " ") == "pass");
  CHECK(world.knock("Bearer " + token, "8.8.8.8") == "pass");
  for (const std::string& nothing : {std::string(), std::string(" "), std::string("Bearer"),
                                     std::string("Bearer  "), token, "Basic " + token, "Bearer" + token})
    CHECK(world.knock(nothing) == "401 admin_token_needed");
  int from = 0;
  for (const std::string& wrong :
       {token + "a", token.substr(1), std::string(64, 'A'), token + " " + token, token + "," + token,
        std::string(64, '\0'), std::string(1'000'000, 'a'), token + std::string(1, '\0')})
    CHECK(world.knock("Bearer " + wrong, "9.9.9." + std::to_string(++from)) == "401 admin_token_wrong");
}

TEST_CASE("what people read when the token is missing tells them where to find it", "[admin][door]") {
  World world;
  HeadOnly request("127.0.0.1", {{"Host", "localhost"}});
  const auto reply = world.door.refuse(admin::Request(request, {}, world.routing));
  REQUIRE(reply);
  CHECK(airouter::json::parse(reply->body).value->find("detail")->text ==
        "admin token needed: run 'airouterd admin-url', or send 'Authorization: Bearer' with the content of "
        "data/admin_token; on a server that only listens on loopback {\"admin\":{\"auth\":\"none\"}} turns "
        "it off");
  HeadOnly chinese("127.0.0.1", {{"Host", "localhost"}, {"Accept-Language", "zh-CN"}});
  const auto translated = world.door.refuse(admin::Request(chinese, {}, world.routing));
  CHECK(airouter::json::parse(translated->body).value->find("detail")->text.find("需要管理令牌") == 0);
}

TEST_CASE("names and pages that are not the server's own stand outside, even with the token",
          "[admin][door]") {
  World world;
  const auto with = [&](http::Headers fields) {
    return world.ask("127.0.0.1", std::move(fields),
                     [&](const admin::Request& call) { return world.door.refuse(call); });
  };
  const std::string bearer = "Bearer " + token;
  CHECK(with({{"Host", "evil.example"}, {"Authorization", bearer}}) == "421 misdirected_request");
  for (const auto* origin : {"https://evil.example", "null", "http://localhost:3000", "app://panel"})
    CHECK(with({{"Origin", origin}, {"Authorization", bearer}}) == "403 origin_not_allowed");
  for (const auto* origin : {"http://127.0.0.1:8000", "https://ai.example"})
    CHECK(with({{"Origin", origin}, {"Authorization", bearer}}) == "pass");
}

TEST_CASE("five wrong tokens a minute from one address, and a right one whenever",
          "[admin][door][throttle]") {
  World world;
  for (int i = 0; i < 5; ++i) {
    CHECK(world.knock("Bearer wrong", "8.8.8.8") == "401 admin_token_wrong");
    world.clock->advance(2s);
  }
  CHECK(world.knock("Bearer wrong", "8.8.8.8") == "429 too_many_tries after 50");
  CHECK(world.knock("Bearer " + token, "8.8.8.8") == "pass");
  CHECK(world.knock("", "8.8.8.8") == "401 admin_token_needed");
  CHECK(world.knock("Bearer wrong", "8.8.4.4") == "401 admin_token_wrong");
  CHECK(world.knock("Bearer wrong", "127.0.0.1") == "401 admin_token_wrong");
  world.clock->advance(50s);
  CHECK(world.knock("Bearer wrong", "8.8.8.8") == "401 admin_token_wrong");
  CHECK(world.knock("Bearer wrong", "8.8.8.8") == "429 too_many_tries after 2");

  for (int i = 0; i < 5; ++i)
    world.knock("Bearer wrong", "2001:db8::" + std::to_string(i));
  CHECK(world.knock("Bearer wrong", "2001:db8::ffff") == "429 too_many_tries after 60");
}

TEST_CASE("guesses through a trusted proxy count for those who guess", "[admin][door][throttle]") {
  World world;
  for (int i = 0; i < 6; ++i)
    world.knock("Bearer wrong", "10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}});
  CHECK(world.knock("Bearer wrong", "10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}}).starts_with("429"));
  CHECK(world.knock("Bearer wrong", "10.0.0.1", {{"X-Forwarded-For", "7.7.7.7"}}).starts_with("401"));
  // Others cannot choose for whom theirs count.
  for (int i = 0; i < 5; ++i)
    world.knock("Bearer wrong", "5.5.5.5", {{"X-Forwarded-For", "1.1.1." + std::to_string(i)}});
  CHECK(world.knock("Bearer wrong", "5.5.5.5", {{"X-Forwarded-For", "1.1.1.9"}}).starts_with("429"));
}

TEST_CASE("more addresses than are remembered throttle nobody else", "[admin][throttle]") {
  admin::Throttle throttle;
  airouter::TimePoint now{1h};
  for (std::size_t i = 0; i < 2 * admin::Throttle::addresses_max; ++i) {
    now += 1ms;
    for (int tries = 0; tries < 5; ++tries)
      throttle.note_failure(std::to_string(i), now);
  }
  CHECK_FALSE(throttle.wait_of("0", now));
  CHECK(throttle.wait_of(std::to_string(2 * admin::Throttle::addresses_max - 1), now) == 60s);
  CHECK_FALSE(throttle.wait_of("new", now));
  now += 60s;
  throttle.note_failure("new", now);
  CHECK_FALSE(throttle.wait_of(std::to_string(2 * admin::Throttle::addresses_max - 1), now));
}

TEST_CASE("without any authorization only this machine administers", "[admin][door]") {
  World world(admin::Auth::none);
  CHECK(world.knock("") == "pass");
  CHECK(world.knock("Bearer wrong") == "pass");
  CHECK(world.knock("", "8.8.8.8") == "401 not_on_this_machine");
  CHECK(world.knock("", "127.0.0.1", {{"X-Forwarded-For", "8.8.8.8"}}) == "401 not_on_this_machine");
  CHECK(world.knock("", "127.0.0.1", {{"Origin", "http://localhost:3000"}}) == "403 origin_not_allowed");
}

TEST_CASE("a password buys a token for half a day", "[admin][door][password]") {
  const std::string hash = store::hash_password("correct horse");
  World world(admin::Auth::password, hash);
  CHECK(world.knock("") == "401 admin_password_needed");
  CHECK(world.log_in("wrong horse") == "401 wrong_password");
  const std::string session = world.log_in("correct horse");
  CHECK(session.size() == 64);
  CHECK(session != token);
  CHECK(world.knock("Bearer " + session) == "pass");
  CHECK(world.knock("Bearer " + token) == "pass");
  CHECK(world.knock("Bearer correct horse") == "401 admin_token_wrong");
  world.clock->advance(12h);
  CHECK(world.knock("Bearer " + session) == "401 admin_token_wrong");

  const std::string another = world.log_in("correct horse");
  world.set(admin::Auth::password, hash);
  CHECK(world.knock("Bearer " + another) == "pass");
  world.set(admin::Auth::password, store::hash_password("other horse"));
  CHECK(world.knock("Bearer " + another) == "401 admin_token_wrong");
  world.set(admin::Auth::token);
  CHECK(world.log_in("other horse") == "400 no_password");
}

TEST_CASE("passwords are guessed five times a minute, whatever the tokens", "[admin][door][password]") {
  World world(admin::Auth::password, "scrypt:4:8:1:536f6469756d43686c6f72696465:" + std::string(64, '0'));
  for (int i = 0; i < 9; ++i)
    world.knock("Bearer expired");
  for (int i = 0; i < 5; ++i)
    CHECK(world.log_in("guess") == "401 wrong_password");
  CHECK(world.log_in("guess") == "429 too_many_tries");
  CHECK(world.log_in("guess", "8.8.8.8") == "401 wrong_password");
}

TEST_CASE("sessions are bounded; the oldest one gives way", "[admin][door][password]") {
  const store::Hasher hash;
  admin::Sessions sessions;
  airouter::TimePoint now{1h};
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i <= admin::Sessions::sessions_max; ++i)
    tokens.push_back(sessions.start(hash, now += 1s));
  CHECK_FALSE(sessions.holds(hash(tokens[0]), now));
  CHECK(sessions.holds(hash(tokens[1]), now));
  CHECK(sessions.holds(hash(tokens.back()), now));
}

TEST_CASE("this machine, the administrator and clients may look", "[admin][door]") {
  World world;
  CHECK(world.look(false, "", "127.0.0.1") == "pass");
  CHECK(world.look(false, "Bearer wrong", "127.0.0.1") == "pass");
  CHECK(world.look(true, "", "8.8.8.8") == "pass");
  CHECK(world.look(false, "Bearer " + token, "8.8.8.8") == "pass");
  CHECK(world.look(false, "", "8.8.8.8") == "401 admin_token_needed");
  for (int i = 0; i < 5; ++i)
    CHECK(world.look(false, "Bearer wrong", "8.8.8.8") == "401 admin_token_wrong");
  CHECK(world.look(false, "Bearer wrong", "8.8.8.8") == "429 too_many_tries after 60");
}
