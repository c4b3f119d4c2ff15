#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/dead_port.h"
#include "demo/scripted_provider.h"
#include "integration/gateway.h"
#include "support/catch.h"
#include "support/gzip.h"

// Whatever the first provider does to a request, a good second one is behind it: what the client sees, and
// what /stats says of the first one afterwards.
namespace {

using namespace airouterd::demo;
using namespace gateway;

struct Fault {
  std::string name{};
  Script script{};         // what the first provider does after a request
  std::string expected{};  // "FO; …": the second one answered; "fine; …": the first; or what the client saw
  std::string streamed{};  // the same for a streamed request; empty: as for a plain one
  std::string more{};      // of the provider's entry
};

constexpr std::string_view impatient = R"(,"timeout":0.3)";

// What came of one request, e.g. "FO; model cooling rate_limited 60".
std::string fate(const Gateway& daemon, bool stream) {
  const RawAnswer answer = daemon.ask(stream);
  const std::string done = stream ? "[DONE]'" : "'";
  std::string seen = outcome_of(answer);
  if (seen == "200 'all good" + done + " by good after 2") seen = "FO";
  if (seen == "200 'still fine" + done + " by bad after 1") seen = "fine";
  CHECK((answer.head + answer.body).find(canary) == std::string::npos);
  return seen + "; " + daemon.health("bad");
}

// `actual`, with a figure at its end that is up to three seconds below that of `expected` set to it.
std::string settled(std::string actual, const std::string& expected) {
  const auto figure = [](const std::string& text) { return text.rfind(' ') + 1; };
  const int wanted = std::atoi(expected.c_str() + figure(expected));
  const int found = std::atoi(actual.c_str() + figure(actual));
  const bool is_near = wanted > 0 && found > wanted - 4 && found <= wanted;
  return is_near ? actual.substr(0, figure(actual)) + std::to_string(wanted) : actual;
}

void check_fault(const std::string& base_url, const std::string& more, const std::string& expected,
                 bool stream) {
  ScriptedProvider good(saying({"all ", "good"}));
  Gateway daemon({{"bad", base_url, always_first, R"(["gpt-4"])", more}, {"good", good.base_url()}});
  CHECK(settled(fate(daemon, stream), expected) == expected);
  CHECK(good.request_count() == (expected.starts_with("FO") ? 1 : 0));
  CHECK(daemon.said().find(canary) == std::string::npos);
}

void check_faults(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    for (const bool stream : {false, true}) {
      INFO(fault.name << (stream ? ", streamed" : ""));
      ScriptedProvider bad(fault.script);
      check_fault(bad.base_url(), fault.more,
                  stream && !fault.streamed.empty() ? fault.streamed : fault.expected, stream);
      CHECK(bad.request_count() == 1);
      for (const ReceivedRequest& request : bad.requests())
        CHECK(request.header("authorization") == "Bearer sk-canary-bad");
    }
  }
}

void check_unreachable(const std::string& base_url, const std::string& expected) {
  for (const bool stream : {false, true})
    check_fault(base_url, R"(,"proxy":"none")", expected, stream);
}

std::string http_date_in(int seconds) {
  const std::time_t time = std::time(nullptr) + seconds;
  std::tm broken_down{};
  ::gmtime_r(&time, &broken_down);
  char text[64];
  const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &broken_down);
  return {text, size};
}

Script limited(Headers headers) {
  return chat_error(429, "slow down", "requests", "rate_limit_exceeded", std::move(headers));
}

Script refused(int status, std::string_view code, std::string_view message = "no") {
  return chat_error(status, message, "some_type", code);
}

Script html(int status) {
  return answer(status, {{"Content-Type", "text/html"}}, "<html><body>Hello</body></html>");
}

const std::string chunked_head = response_head(200, {{"Transfer-Encoding", "chunked"}});

// Comments every 20 ms, for ten seconds.
Script comments() {
  const std::string comment = chunk(": ping\n\n");
  std::string many;
  for (int i = 0; i < 500; ++i)
    many += comment;
  return sse_open({}).send_slowly(many, comment.size(), 20ms);
}

std::vector<Fault> refusing_statuses() {
  const std::string too_long = "This model's maximum context length is 8192 tokens";
  return {
      {"401", refused(401, "invalid_api_key"), "FO; provider permanently_disabled auth"},
      {"403", refused(403, "forbidden"), "FO; provider permanently_disabled auth"},
      {"402", refused(402, "payment_required"), "FO; provider permanently_disabled quota"},
      {"429 without quota", refused(429, "insufficient_quota"), "FO; provider permanently_disabled quota"},
      {"403 without quota", refused(403, "", "用户额度不足"), "FO; provider permanently_disabled quota"},
      {"400 without credit", refused(400, "", "Your credit balance is too low"),
       "FO; provider permanently_disabled quota"},
      {"403 moderation", refused(403, "content_policy_violation"),
       "403 '[error content_policy_violation]' by bad after 1; healthy"},
      {"429", limited({}), "FO; model cooling rate_limited 60"},
      {"429 and a time", limited({{"Retry-After", "7"}}), "FO; model cooling rate_limited 7"},
      {"429 and a date", limited({{"Retry-After", http_date_in(7200)}}),
       "FO; model cooling rate_limited 3600"},
      {"429 and a day", limited({{"Retry-After", "86400"}}), "FO; model cooling rate_limited 3600"},
      {"429 and rubbish", limited({{"Retry-After", "soon"}}), "FO; model cooling rate_limited 60"},
      {"429 and milliseconds", limited({{"retry-after-ms", "9000"}}), "FO; model cooling rate_limited 9"},
      {"404 without model", refused(404, "model_not_found"),
       "FO; model permanently_disabled model_not_found"},
      {"400 without model", refused(400, "", "The model `gpt-4` does not exist"),
       "FO; model permanently_disabled model_not_found"},
      {"503 without channel", refused(503, "", "当前分组下对于模型无可用渠道"),
       "FO; model permanently_disabled model_not_found"},
      {"404 in HTML", html(404), "FO; model cooling bad_answer 60"},
      {"404 and nothing", answer(404, {}, ""), "FO; model cooling bad_answer 60"},
      {"400", refused(400, "bad"), "400 '[error bad]' by bad after 1; healthy"},
      {"400 too long", refused(400, "context_length_exceeded", too_long),
       "400 '[error context_length_exceeded]' by bad after 1; healthy"},
      {"409", refused(409, "bad"), "409 '[error bad]' by bad after 1; healthy"},
      {"413", refused(413, "bad"), "413 '[error bad]' by bad after 1; healthy"},
      {"415", refused(415, "bad"), "415 '[error bad]' by bad after 1; healthy"},
      {"422", refused(422, "bad"), "422 '[error bad]' by bad after 1; healthy"},
      {"418", refused(418, "bad"), "418 '[error bad]' by bad after 1; healthy"},
      {"500 too long", refused(500, "", too_long), "400 '[error ]' by bad after 1; healthy"},
  };
}

std::vector<Fault> failing_statuses() {
  return {
      {"500", refused(500, ""), "FO; model cooling server_error 300"},
      {"500 in HTML", html(500), "FO; model cooling server_error 300"},
      {"502", html(502), "FO; model cooling server_error 300"},
      {"503", refused(503, ""), "FO; model cooling server_error 300"},
      {"504", answer(504, {}, ""), "FO; model cooling server_error 300"},
      {"521", answer(521, {}, ""), "FO; model cooling server_error 300"},
      {"529", refused(529, "overloaded_error"), "FO; model cooling overloaded 30"},
      {"500 overloaded", refused(500, "", "当前分组上游负载已饱和，请稍后再试"),
       "FO; model cooling overloaded 30"},
      {"408", refused(408, ""), "FO; model cooling timeout 120"},
      {"an error whose body does not come",
       Script().send(response_head(500, {{"Content-Length", "99"}})).hang(),
       "FO; model cooling server_error 300", "", std::string(impatient)},
      {"an error that trickles in",
       Script().send(response_head(500, {})).send_slowly(std::string(500, ' '), 1, 20ms),
       "FO; model cooling server_error 300", "", std::string(impatient)},
      {"an endless error", Script().send(response_head(500, {})).send_repeatedly(std::string(50'000, ' ')),
       "FO; model cooling server_error 300", "", std::string(impatient)},
  };
}

std::vector<Fault> broken_connections() {
  const std::string sized = response_head(200, {{"Content-Length", "99"}});
  std::string hints;
  for (int i = 0; i < 2'000; ++i)
    hints += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const std::string json = chat_completion("gpt-4", "still fine");
  return {
      {"reset before the head", Script().reset(), "FO; provider cooling network 60"},
      {"close before the head", Script().close(), "FO; provider cooling network 60"},
      {"reset in the head", Script().send("HTTP/1.1 200 OK\r\nA: ").reset(),
       "FO; provider cooling network 60"},
      {"reset after the head", Script().send(sized).pause(30ms).reset(), "FO; model cooling bad_answer 60"},
      {"close after the head", Script().send(sized).close(), "FO; model cooling bad_answer 60"},
      {"hang before the head", Script().hang(), "FO; provider cooling timeout 120", "",
       std::string(impatient)},
      {"hang in the head", Script().send("HTTP/1.1 200 OK\r\nA").hang(), "FO; provider cooling timeout 120",
       "", std::string(impatient)},
      {"hang after the head", Script().send(sized).hang(), "FO; provider cooling timeout 120", "",
       std::string(impatient)},
      {"2 000 early hints", Script().send(hints).then(json_answer(json)), "FO; model cooling bad_answer 60"},
      {"one early hint",
       Script().send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n").then(json_answer(json)),
       "fine; healthy"},
      {"an endless head", Script().send("HTTP/1.1 200 OK\r\n").send_repeatedly("A: 1\r\n"),
       "FO; model cooling bad_answer 60"},
      {"HTTP/0.9", Script().send(json).close(), "FO; model cooling bad_answer 60"},
      {"another protocol", Script().send("SSH-2.0-OpenSSH_9.2\r\n").close(),
       "FO; model cooling bad_answer 60"},
      {"zeroes for ever", Script().send_repeatedly(std::string(10'000, '\0')),
       "FO; model cooling bad_answer 60"},
      {"a redirect", answer(302, {{"Location", "/v1/elsewhere"}}, ""), "FO; provider cooling network 60"},
      {"304", Script().send(response_head(304, {})), "FO; provider cooling network 60"},
  };
}

std::vector<Fault> wrong_bodies() {
  const std::string json = chat_completion("gpt-4", "still fine");
  const std::string both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
  const std::string bad = "FO; model cooling bad_answer 60";
  return {
      {"a body cut short", Script().send(response_head(200, {{"Content-Length", "9999"}}) + json).close(),
       bad},
      {"chunks cut short", Script().send(chunked_head + chunk(json)).close(), bad},
      {"broken chunks", Script().send(chunked_head + "xyz\r\n" + json).hang(), bad},
      {"two framings", Script().send(both + chunk(json) + chunk("")), "fine; healthy"},
      {"a body that ends with the connection", Script().send(response_head(200, {}) + json).close(),
       "fine; healthy"},
      {"blank lines before the JSON", json_answer("\r\n\n  " + json), "fine; healthy"},
      {"an error of null", json_answer(R"({"error":null,)" + json.substr(1)), "fine; healthy"},
      {"gzip that nobody asked for", Script().send(packed + gzip_of(json)).close(), bad},
      {"HTML", html(200), bad},
      {"invalid JSON", json_answer(json + "}"), bad},
      {"invalid UTF-8", json_answer(chat_completion("gpt-4", "A") + "\xff"), bad},
      {"nothing", answer(200, {}, ""), bad},
      {"blanks", json_answer("  \r\n "), bad},
      {"null", json_answer("null"), bad},
      {"an endless answer",
       Script().send(chunked_head + chunk("{")).send_repeatedly(chunk(std::string(900'000, ' '))), bad},
      {"an error under 200", json_answer(error_json("oops", "", "")), "FO; model cooling server_error 300"},
      {"an error with a code under 200", json_answer(error_json("oops", "", "rate_limit_exceeded")),
       "FO; model cooling rate_limited 60"},
      {"an error in a list", json_answer("[" + error_json("oops", "", "insufficient_quota") + "]"),
       "FO; provider permanently_disabled quota"},
      {"no success", json_answer(R"({"success":false,"message":"oops"})"),
       "FO; model cooling server_error 300"},
  };
}

std::vector<Fault> wrong_streams() {
  const std::string plain_bad = "FO; model cooling bad_answer 60";
  const std::string role = role_chunk("gpt-4");
  const std::string limit = error_json("slow down", "", "rate_limit_exceeded");
  const std::string limited_fate = "FO; model cooling rate_limited 60";
  return {
      {"SSE to whoever asks", chat_stream("gpt-4", {"still ", "fine"}), plain_bad, "fine; healthy"},
      {"JSON to whoever asks", chat_answer("gpt-4", "still fine"), "fine; healthy"},
      {"an error first", sse({limit}), plain_bad, limited_fate},
      {"an error after the role", sse({role, limit, "[DONE]"}), plain_bad, limited_fate},
      {"an error event that is no JSON", sse({"x"}), plain_bad},
      {"a role and the end", sse({role, "[DONE]"}), plain_bad},
      {"nothing but the end", sse({"[DONE]"}), plain_bad},
      {"nothing at all", sse({}), plain_bad},
      {"cut before output", sse_open({role}).close(), plain_bad},
      {"reset before output", sse_open({role}).pause(30ms).reset(), plain_bad},
      {"silence before output", sse_open({role}).hang(), plain_bad, "FO; provider cooling timeout 120",
       std::string(impatient)},
      {"comments for ever", comments(), plain_bad, "FO; provider cooling timeout 120",
       std::string(impatient)},
      {"roles for ever", Script().send(chunked_head).send_repeatedly(chunk(event(role))), plain_bad},
  };
}

}  // namespace

TEST_CASE("a status that refuses does what the table says", "[faults][daemon]") {
  check_faults(refusing_statuses());
}

TEST_CASE("a status that fails does what the table says", "[faults][daemon]") {
  check_faults(failing_statuses());
}

TEST_CASE("a connection that breaks does what the table says", "[faults][daemon]") {
  check_faults(broken_connections());
}

TEST_CASE("a body that is wrong does what the table says", "[faults][daemon]") {
  check_faults(wrong_bodies());
}

TEST_CASE("a stream that is wrong does what the table says", "[faults][daemon]") {
  check_faults(wrong_streams());
}

TEST_CASE("a provider that cannot be reached is out, and the next one answers", "[faults][daemon]") {
  const DeadPort refusing(DeadPort::Manner::refuses);
  ScriptedProvider no_tls(
      {.on_connection = [](int) { return Script().send("HTTP/1.1 400 No\r\n\r\n").close(); }});
  SECTION("refused") {
    check_unreachable(refusing.base_url(), "FO; provider cooling network 60");
  }
  SECTION("no such name") {
    check_unreachable("http://no-such-host.invalid/v1", "FO; provider cooling network 60");
  }
  SECTION("no TLS") {
    check_unreachable("https://127.0.0.1:" + std::to_string(no_tls.port()) + "/v1",
                      "FO; provider cooling network 60");
  }
  SECTION("a metadata address") {
    check_unreachable("http://169.254.169.254/v1", "FO; provider cooling network 60");
  }
}

TEST_CASE("a provider that takes no connection in time is out, and the next one answers",
          "[faults][daemon]") {
  const DeadPort silent(DeadPort::Manner::never_answers);
  ScriptedProvider good(saying({"all ", "good"}));
  Gateway daemon({{"bad", silent.base_url(), always_first}, {"good", good.base_url()}},
                 R"("timeouts":{"connect":0.3})");
  CHECK(settled(fate(daemon, false), "FO; provider cooling timeout 120") ==
        "FO; provider cooling timeout 120");
}

TEST_CASE("a redirect is never followed, so that nobody else sees the key", "[faults][daemon]") {
  ScriptedProvider thief(saying({"stolen"}));
  for (const int status : {301, 302, 303, 307, 308}) {
    INFO(status);
    ScriptedProvider bad(answer(status, {{"Location", thief.base_url() + "/chat/completions"}}, "go"));
    check_fault(bad.base_url(), "", "FO; provider cooling network 60", status % 2 == 0);
  }
  CHECK(thief.connection_count() == 0);
}

TEST_CASE("a connection that went stale costs the client nothing", "[faults][daemon]") {
  ScriptedProvider bad([](const ReceivedRequest& request, int nth) {
    return nth == 2 ? Script().reset() : chat(request, {"still ", "fine"});
  });
  ScriptedProvider good(saying({"all ", "good"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}});
  CHECK(fate(daemon, false) == "fine; healthy");
  CHECK(fate(daemon, true) == "fine; healthy");
  CHECK(bad.request_count() == 3);
  CHECK(good.request_count() == 0);
}

TEST_CASE("answers without end are bounded in memory", "[faults][daemon]") {
  ScriptedProvider bad([](const ReceivedRequest&, int nth) {
    if (nth == 1)  // a bomb: nobody may unpack it
      return Script()
          .send("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
          .send(gzip_bomb(500'000))  // 80 MB
          .close();
    if (nth == 2)
      return Script().send(response_head(200, {}) + "{").send_repeatedly(std::string(100'000, ' '));
    return Script().send(response_head(500, {})).send_repeatedly(std::string(100'000, ' '));
  });
  ScriptedProvider good(saying({"all ", "good"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}},
                 R"("cooldown":{"bad_answer":0,"server_error":0},"timeouts":{"idle":0.5})");
  CHECK(outcome_of(daemon.ask(false)) == "200 'all good' by good after 2");
  const long before = daemon.process().memory_kib("VmHWM");
  CHECK(outcome_of(daemon.ask(true)) == "200 'all good[DONE]' by good after 2");
  CHECK(outcome_of(daemon.ask(false)) == "200 'all good' by good after 2");
  CHECK(bad.request_count() == 3);
  if (!is_sanitized) {
    CHECK(before < 30'000);
    // An answer of 64 MiB is held whole, and once more while its buffer grows.
    CHECK(daemon.process().memory_kib("VmHWM") < 230'000);
    CHECK(comes_true([&] { return daemon.process().memory_kib("VmRSS") < 60'000; }));
  }
}
