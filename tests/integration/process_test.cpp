#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/gateway.h"
#include "support/catch.h"
#include "support/paths.h"

// airouterd as a program: its command line, exit codes, console, signals, start and memory.
namespace {

using namespace airouterd::demo;
using namespace gateway;

struct Ended {
  int code = -1;
  std::string output{}, errors{};
};

Ended run(const std::vector<std::string>& arguments, const std::string& folder = {}) {
  ChildProcess process(airouterd_program(), arguments, folder);
  Ended ended;
  ended.code = process.wait(20s).value_or(-1);
  ended.output = process.output();
  ended.errors = process.errors();
  return ended;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// A stream that is under way: its first word has come, and the provider waits for `go_on` to close it.
struct RunningStream {
  explicit RunningStream(const Gateway& daemon) : client(daemon.port()) {
    client.send(chat_request(chat_body(true)));
    REQUIRE(client.read_head());
    REQUIRE(client.read_until("one"));
  }
  RawClient client;
};

// Says "one", and " two" only half a second later.
Script slow_stream(const ReceivedRequest& request) {
  const std::string model = requested_model(request.body);
  return sse_open({content_chunk(model, "one")})
      .pause(500ms)
      .send(chunk(event(content_chunk(model, " two")) + event(finish_chunk(model)) + event("[DONE]")) +
            chunk(""));
}

auto slowly() {
  return [](const ReceivedRequest& request, int) { return slow_stream(request); };
}

}  // namespace

TEST_CASE("help and version are answers, a wrong command line is not", "[process][daemon]") {
  const Ended help = run({"--help"});
  CHECK(help.code == 0);
  for (const auto* part : {"--config", "--host", "--port", "--data", "--lang", "check", "demo", "Exit codes"})
    CHECK(holds(help.output, part));
  CHECK(help.errors.empty());
  const Ended version = run({"--version"});
  CHECK(version.code == 0);
  CHECK(version.output.starts_with("airouterd "));
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--nonsense"},
                                                                                         {"--port", "99999"},
                                                                                         {"--port", "x"},
                                                                                         {"--lang", "fr"},
                                                                                         {"fly"},
                                                                                         {"check", "a", "b"},
                                                                                         {"-c"}}) {
    INFO(arguments.front());
    const Ended ended = run(arguments);
    CHECK(ended.code == 2);
    CHECK(ended.output.empty());
    CHECK(!ended.errors.empty());
  }
}

TEST_CASE("check names all that is wrong with a file, and where", "[process][daemon]") {
  const TempFolder folder;
  const std::string good =
      folder.write("good.json", config_text({{"a", "http://127.0.0.1:1/v1"}}, R"("retrys":1)"));
  const Ended fine = run({"check", good});
  CHECK(fine.code == 0);
  CHECK(holds(fine.output, good + " is fine: 1 provider"));
  CHECK(holds(fine.output, good + ":3:"));  // the unknown key
  CHECK(fine.errors.empty());

  const std::string bad = folder.write(
      "bad.json",
      "{\"server_port\": 99999,\n \"commit_after\": -1,\n \"providers\": [\n"
      "  {\"name\":\"a\",\"base_url\":\"ftp://x\",\"api_key\":\"sk-canary-1\",\"weight\":0},\n"
      "  {\"name\":\"a\",\"base_url\":\"http://u:sk-canary-2@x/v1\",\"api_key\":\"sk-canary-3\\n\"}]}");
  const Ended wrong = run({"check", bad});
  CHECK(wrong.code == 3);
  const std::string said = wrong.output + wrong.errors;
  INFO(said);
  for (const auto* part :
       {":1:17 /server_port", ":2:18 /commit_after", "/providers/0/base_url", "/providers/0/weight",
        "/providers/1/name", "/providers/1/base_url", "/providers/1/api_key"})
    CHECK(holds(said, part));
  CHECK(!holds(said, canary));
  CHECK(run({"-c", bad, "--port", "0"}).code == 3);

  const Ended broken = run({"check", folder.write("broken.json", "{\n  \"providers\": [,]\n}")});
  CHECK(broken.code == 3);
  CHECK(holds(broken.output + broken.errors, "broken.json:2:"));
}

TEST_CASE("a config file that is not there is told with what to do", "[process][daemon]") {
  const TempFolder folder;
  const Ended serve = run({"-c", folder.file("none.json"), "--port", "0"});
  CHECK(serve.code == 3);
  CHECK(holds(serve.errors, "none.json"));
  CHECK(holds(serve.errors, "config.example.json"));
  CHECK(run({"check", folder.file("none.json")}).code == 3);
  CHECK(run({"check"}, folder.file("")).code == 3);
  CHECK(run({"-c", folder.file("")}).code == 3);  // a folder is no file
}

TEST_CASE("without any config it starts empty and says so", "[process][daemon]") {
  const TempFolder folder;
  ChildProcess process(airouterd_program(), {"--port", "0"}, folder.file(""));
  const int port = announced_port(process);
  REQUIRE(port > 0);
  CHECK(holds(process.output(), "[WARNING] no provider is configured yet"));
  RawClient client(port);
  client.send(chat_request(chat_body()));
  CHECK(outcome_of(client.read_answer()) == "404 '[error model_not_found]' after 0");
  CHECK(std::filesystem::exists(folder.file("data")));
}

TEST_CASE("admin-url and status find the running server, and none that has ended", "[process][daemon]") {
  Gateway daemon({}, R"("server_port":1)");
  const std::string config = daemon.folder().file("config.json");
  const auto address = [&] { return "http://127.0.0.1:" + std::to_string(daemon.port()); };
  const auto url = [&](std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"admin-url", "-c", config, "--admin-auth", "none"});
    return run(more).output;
  };
  const std::string first = address();
  CHECK(url() == first + "/admin\n");
  CHECK(url({"--port", "0"}) == first + "/admin\n");
  CHECK(url({"--port", "2"}) == "http://127.0.0.1:2/admin\n");
  CHECK(url({"--host", "127.0.0.2"}) == "http://127.0.0.2:1/admin\n");
  CHECK(url({"--data", daemon.folder().file("elsewhere")}) == "http://127.0.0.1:1/admin\n");
  CHECK(run({"status", "-c", config}).output.starts_with(first + ": "));

  // What a killed server leaves behind is no address, and the next server's replaces it.
  std::string left;
  daemon.restart(SIGKILL, [&] {
    left = content_of(daemon.folder().file("data/airouterd.lock"));
    CHECK(url() == "http://127.0.0.1:1/admin\n");
    CHECK(holds(run({"status", "-c", config}).errors, "no airouterd answers at http://127.0.0.1:1;"));
    // Longer than any that follows, so that nothing of it may stay.
    daemon.folder().write("data/airouterd.lock", "http://[2001:db8:1111:2222:3333:4444:5555:6666]:65535");
  });
  CHECK(left == first);
  CHECK(url() == address() + "/admin\n");
  CHECK(run({"status", "-c", config}).output.starts_with(address() + ": "));
}

TEST_CASE("a second daemon says why it cannot be", "[process][daemon]") {
  Gateway first({});
  const TempFolder other;
  const std::string file = first.folder().file("config.json");
  const Ended same_port =
      run({"-c", file, "--port", std::to_string(first.port()), "--data", other.file("data")});
  CHECK(same_port.code == 4);
  CHECK(holds(same_port.errors, std::to_string(first.port())));
  const Ended same_data = run({"-c", file, "--port", "0"});
  CHECK(same_data.code == 1);
  CHECK(holds(same_data.errors, first.folder().file("data")));
  CHECK(run({"-c", file, "--port", "0", "--host", "203.0.113.1", "--data", other.file("data")}).code == 4);
  CHECK(first.get("/health").status == 200);
}

TEST_CASE("the banner tells what serves, in two languages", "[process][daemon]") {
  const std::vector<Entry> entries{
      {"Site_A", "http://127.0.0.1:1/v1", 10},
      {"Site_B", "http://127.0.0.1:1/v1", 5, R"(["a","b"])", R"(,"enabled":false)"}};
  Gateway english(entries, R"("max_retries":2,"request_timeout":90,"model_map":{"x":["a"]})");
  const std::string address = "http://127.0.0.1:" + std::to_string(english.port()) + "\n";
  const std::string said = english.process().output();
  INFO(said);
  for (const auto& line :
       {"[CONFIG] Address: " + address, std::string("[CONFIG] Max retries: 2\n"),
        std::string("[CONFIG] Request timeout: 90s\n"), std::string("[CONFIG] Model map: 1\n"),
        std::string("[CONFIG] Providers: 2\n"), std::string("  - Site_A (weight: 10, models: 1)\n"),
        std::string("  - Site_B (weight: 5, models: 2), off\n"), std::string("[CONFIG] Who may call: "),
        std::string("[STARTUP] Ready, waiting for requests...\n")})
    CHECK(holds(said, line));
  CHECK(said.find('\x1b') == std::string::npos);  // no colour in a pipe

  Gateway chinese(entries, {}, "zh");
  for (const auto* line : {"[CONFIG] 服务地址: http://127.0.0.1:", "[CONFIG] 最大重试次数: 3\n",
                           "[CONFIG] Provider 数量: 2 个\n", "[STARTUP] 服务启动完成，等待请求...\n"})
    CHECK(holds(chinese.process().output(), line));
}

TEST_CASE("every request and every change of health is one line", "[process][daemon]") {
  ScriptedProvider first(chat_error(429, "slow\ndown", "", "", {{"retry-after", "30"}})),
      second(saying({"Hi"}));
  Gateway daemon({{"first", first.base_url(), always_first}, {"second", second.base_url(), 1, R"(["real"])"}},
                 R"("model_map":{"m":["gpt-4","real"]})");
  const auto lines_of = [&](const std::string& bytes, std::string_view last) {
    const std::size_t from = daemon.process().output().size();
    daemon.send(bytes);
    CHECK(daemon.process().says(last, 5s, from));
    return daemon.process().output().substr(from);
  };
  const std::string rescued = lines_of(chat_request(chat_body(true, "m")), " ms\n");
  CHECK(holds(rescued, " first/gpt-4: healthy -> cooling (rate_limited) "));
  CHECK(holds(rescued, " m -> second/real (stream)  2 attempts  200  "));
  CHECK(holds(lines_of(chat_request(chat_body(false, "m")), " ms\n"), " m -> second/real  1 attempt  200  "));
  const std::string failed = lines_of(chat_request(chat_body(false, "gpt-4")), "\n");
  CHECK(holds(failed, " gpt-4  0 attempts  429  "));
  const std::string odd = lines_of(chat_request(chat_body(false, "\\u001b[31m\\u2028x")), "\n");
  CHECK(!holds(odd, "\x1b"));
  CHECK(holds(lines_of(chat_request(chat_body(false, "nobody's")), "\n"), "  404  "));
}

TEST_CASE("the demonstration fails over before everybody's eyes", "[process][daemon]") {
  const Ended demo = run({"demo", "--once", "--lang", "en"});
  INFO(demo.output << demo.errors);
  CHECK(demo.code == 0);
  CHECK(holds(demo.output, "Hello! Two of the providers here fail"));
  CHECK(holds(demo.output, "until somebody really answers."));
  for (const auto* name : {"Busy_Station", "Flaky_Relay", "Steady_Local"})
    CHECK(holds(demo.output.substr(demo.output.find("Who was tried")), name));
  CHECK(demo.errors.empty());
}

TEST_CASE("SIGHUP puts a good file to work while streams go on", "[process][signals][daemon]") {
  ScriptedProvider old(slowly()), fresh(saying({"fresh"}));
  Gateway daemon({{"old", old.base_url()}});
  RunningStream running(daemon);
  daemon.folder().write("config.json", config_text({{"fresh", fresh.base_url()}}));
  daemon.process().signal(SIGHUP);
  REQUIRE(daemon.process().says("config reloaded"));
  CHECK(outcome_of(daemon.ask(false)) == "200 'fresh' by fresh after 1");
  CHECK(outcome_of(running.client.read_answer()) == "200 'one two[DONE]' by old after 1");
  CHECK(daemon.stat({"total_providers"}) == "1");
}

TEST_CASE("SIGHUP on a broken file changes nothing", "[process][signals][daemon]") {
  ScriptedProvider provider(saying({"old"}));
  Gateway daemon({{"old", provider.base_url()}});
  const auto& [text, said] =
      GENERATE(table<std::string, std::string>({{"{\"providers\":[", "config.json:1:"},
                                                {"{\"max_retries\":0}", "/max_retries"},
                                                {"", "config.json:1:"}}));
  daemon.folder().write("config.json", text);
  daemon.process().signal(SIGHUP);
  REQUIRE(daemon.process().says("config not reloaded"));
  CHECK(comes_true([&] { return holds(daemon.process().errors(), said); }));  // a pipe of its own
  CHECK(outcome_of(daemon.ask(false)) == "200 'old' by old after 1");
}

TEST_CASE("SIGHUP keeps the health of providers that stay", "[process][signals][daemon]") {
  ScriptedProvider bad(chat_error(401, "no", "", "")), good(saying({"good"}));
  Gateway daemon({{"bad", bad.base_url(), always_first}, {"good", good.base_url()}});
  daemon.ask(false);
  CHECK(daemon.health("bad") == "provider permanently_disabled auth");
  daemon.process().signal(SIGHUP);
  REQUIRE(daemon.process().says("config reloaded"));
  CHECK(daemon.health("bad") == "provider permanently_disabled auth");
  ScriptedProvider elsewhere(saying({"mended"}));
  daemon.folder().write(
      "config.json", config_text({{"bad", elsewhere.base_url(), always_first}, {"good", good.base_url()}}));
  const std::size_t from = daemon.process().output().size();
  daemon.process().signal(SIGHUP);
  REQUIRE(daemon.process().says("config reloaded", 5s, from));
  CHECK(outcome_of(daemon.ask(false)) == "200 'mended' by bad after 1");
}

TEST_CASE("SIGTERM lets streams finish, and takes nothing new", "[process][signals][daemon]") {
  ScriptedProvider provider(slowly());
  Gateway daemon({{"only", provider.base_url()}});
  RunningStream running(daemon);
  RawClient idle(daemon.port());
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().says("stopping; calls in flight: 1"));
  const RawAnswer refused = daemon.ask(false);
  CHECK(outcome_of(refused) == "503 '[error overloaded]'");
  CHECK(refused.header("connection") == "close");
  CHECK(refused.header("retry-after") != "");
  CHECK(daemon.get("/health").status == 503);
  CHECK(outcome_of(running.client.read_answer()) == "200 'one two[DONE]' by only after 1");
  CHECK(daemon.process().wait(3s) == 0);
  CHECK(daemon.process().errors().empty());
}

TEST_CASE("SIGTERM ends an idle daemon at once", "[process][signals][daemon]") {
  Gateway daemon({});
  RawClient idle(daemon.port());
  idle.send(raw_request("GET", "/health"));
  CHECK(idle.read_answer().status == 200);
  daemon.process().signal(GENERATE(SIGTERM, SIGINT));
  CHECK(daemon.process().wait(1s) == 0);
  CHECK(idle.sees_close());
  CHECK(RawClient(daemon.port()).sees_close(1s));
}

TEST_CASE("a second SIGTERM ends what still runs", "[process][signals][daemon]") {
  ScriptedProvider provider(sse_open({content_chunk("gpt-4", "one")}).hang());
  Gateway daemon({{"only", provider.base_url()}});
  RunningStream running(daemon);
  daemon.process().signal(SIGTERM);
  REQUIRE(daemon.process().says("stopping; calls in flight: 1"));
  CHECK(!daemon.process().wait(200ms));
  daemon.process().signal(SIGTERM);
  CHECK(daemon.process().wait(1s) == 0);
  CHECK(!running.client.read_answer().is_whole);  // nobody may take it for a finished answer
}

TEST_CASE("the first answer comes within 100 ms of the start, from a small process", "[process][daemon]") {
  ScriptedProvider provider(saying({"Hello"}));
  constexpr milliseconds allowed = is_sanitized ? 2s : 100ms;
  milliseconds best{1h};
  for (int tries = 0; tries < 5 && best > allowed; ++tries) {
    const auto began = steady_clock::now();
    Gateway daemon({{"only", provider.base_url()}});
    CHECK(outcome_of(daemon.ask(false)) == "200 'Hello' by only after 1");
    best = std::min(best, std::chrono::ceil<milliseconds>(steady_clock::now() - began));
    if (is_sanitized) continue;
    CHECK(daemon.process().memory_kib("RssAnon") <= 6'000);
    CHECK(daemon.process().memory_kib("VmRSS") <= 20'000);
  }
  CHECK(best <= allowed);
}

TEST_CASE("no provider's key shows anywhere, whatever its provider says", "[process][daemon]") {
  const auto key_of = [](const ReceivedRequest& request) {
    return std::string(request.header("authorization").substr(7));
  };
  ScriptedProvider parrot([&](const ReceivedRequest& request, int nth) {
    const std::string key = key_of(request);
    const std::string model = requested_model(request.body);
    switch (nth) {
      case 1:
        return chat_error(400, "Incorrect " + key, key, key);
      case 2:
        return chat_error(500, key, key, key, {{"x-request-id", key}});
      case 3:
        return answer(503, {{"Content-Type", "text/plain"}}, "bad key " + key);
      case 4:
        return json_answer(error_json(key, key, key));
      case 5:
        return sse({error_json(key, "", "")});
      case 6:
        return sse({content_chunk(model, "Hi"), error_json(key, "", "")});
      case 7:
        return sse({content_chunk(model, "Hi"), key});
      case 8:
        return answer(200, {{"x-request-id", key}, {"openai-version", key}, {"openai-processing-ms", key}},
                      chat_completion(model, "Hi"));
      default:
        return chat_error(401, "Incorrect API key provided: " + key, "", "invalid_api_key");
    }
  });
  Gateway daemon({{"parrot", parrot.base_url()}},
                 R"("cooldown":{"server_error":0,"bad_answer":0,"rate_limited":0})");
  std::string seen;
  for (int i = 1; i <= 10; ++i) {
    const RawAnswer answer = daemon.ask(i >= 5 && i <= 7);
    seen += answer.head + answer.body + daemon.get("/stats").body;
  }
  CHECK(parrot.request_count() == 9);
  CHECK(daemon.health("parrot") == "provider permanently_disabled auth");
  INFO(seen);
  CHECK(!holds(seen, canary));
  CHECK(!holds(daemon.said(), canary));
}
