// The world of a binding under test: runs a command while scripted providers listen on loopback. The command
// finds the config that names them in the file AIROUTER_TEST_CONFIG. usage: binding_world COMMAND
// [ARGUMENT...]
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/json.h"
#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "support/temp_folder.h"

namespace {

using namespace std::chrono_literals;
using namespace airouterd::demo;
using airouter::json::Writer;

const std::string text = "Grüße, wide 🌍 world.";

Script whole_answer(const ReceivedRequest& request, int) {
  return asks_for_stream(request.body)
             ? chat_stream("real-model", {"Grüße", ", ", "wide", " 🌍 ", "world", "."})
             : chat_answer("real-model", text);
}

Behaviour always(Script script) {
  return {.on_request = [script = std::move(script)](const ReceivedRequest&, int) { return script; }};
}

std::vector<std::string> content_events(int count) {
  std::vector<std::string> events{role_chunk("real-model")};
  for (int i = 0; i < count; ++i)
    events.push_back(content_chunk("real-model", "word "));
  return events;
}

Script long_stream(int events, std::chrono::milliseconds pause) {
  std::vector<std::string> words(static_cast<std::size_t>(events), "word ");
  return chat_stream("real-model", words, pause);
}

// A model, and what its providers do, in the order in which they are asked.
struct Scene {
  std::string model{};
  std::vector<Behaviour> providers{};
};

std::vector<Scene> scenes() {
  const Script busy = chat_error(429, "slow down", "rate_limit_error", "rate_limit_exceeded");
  const Script broken = chat_error(500, "oops", "server_error", "internal_error");
  return {
      {"failover", {always(broken), always(busy), {.on_request = whole_answer}}},
      {"down", {always(broken)}},
      {"hang", {always(Script().hang())}},
      {"slow", {always(long_stream(200, 50ms))}},
      {"pausing", {always(long_stream(4, 25ms))}},
      {"broken", {always(sse_open(content_events(2)).pause(50ms).reset())}},
      {"rejected", {always(chat_error(400, "too long", "invalid_request_error", "context_length_exceeded"))}},
      {"rude",
       {{.on_request = [](const ReceivedRequest&, int) { return Script().half_close().pause(20ms).close(); },
         .read_bodies = false}}},
      {"many", {always(long_stream(1'000, 0ms))}},
  };
}

std::string config_of(const std::vector<Scene>& scenes, std::deque<ScriptedProvider>& providers) {
  Writer writer;
  writer.begin_object().key("providers").begin_array();
  for (const Scene& scene : scenes) {
    std::int64_t weight = 1'000'000;
    for (const Behaviour& behaviour : scene.providers) {
      const std::string& address = providers.emplace_back(behaviour).base_url();
      const std::string name = scene.model + "-" + std::to_string(&behaviour - scene.providers.data() + 1);
      writer.begin_object().key("name").string(name).key("base_url").string(address);
      writer.key("api_key").string("sk-canary").key("weight").integer(weight);
      writer.key("supported_models").begin_array().string(scene.model).end_array().end_object();
      weight /= 1'000;
    }
  }
  writer.end_array().key("model_map").raw(R"({"smart":["failover"]})").end_object();
  return std::string(writer.text());
}

// Its exit code. It does not outlive this process.
int run(char** command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execvp(command[0], command);
    std::perror(command[0]);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: binding_world COMMAND [ARGUMENT...]\n", stderr);
    return 2;
  }
  const TempFolder folder;
  std::deque<ScriptedProvider> providers;
  ::setenv("AIROUTER_TEST_CONFIG", folder.write("config.json", config_of(scenes(), providers)).c_str(), 1);
  return run(arguments + 1);
}
