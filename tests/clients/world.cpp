// The world of a client library under test: providers that do what scenarios.cpp says, and the real airouterd
// in front of them. Prints one line of JSON that says where everything is and what to expect, and lives until
// its standard input ends.
#include <atomic>
#include <cstdio>
#include <iostream>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "demo/scripted_provider.h"
#include "scenarios.h"
#include "support/child_process.h"
#include "support/temp_folder.h"

namespace {

using airouter::json::Writer;
using airouterd::demo::ReceivedRequest;
using airouterd::demo::Script;
using airouterd::demo::ScriptedProvider;
using clients::Scenario;

constexpr std::size_t providers_each = 3;

// A scenario with its providers. Thread-safe.
class Stage {
 public:
  explicit Stage(Scenario scenario) : scenario_(std::move(scenario)) {
    for (std::size_t i = 0; i < providers_each; ++i)
      providers_.push_back(std::make_unique<ScriptedProvider>(
          [this](const ReceivedRequest& request, int) { return turn(request); }));
  }

  const Scenario& scenario() const noexcept { return scenario_; }

  void add_to_config(Writer& writer) const {
    for (std::size_t i = 0; i < providers_.size(); ++i) {
      const std::string name = scenario_.model + "-" + std::to_string(i + 1);
      writer.begin_object().key("name").string(name).key("base_url").string(providers_[i]->base_url());
      writer.key("api_key").string("sk-canary-" + name);
      writer.key("supported_models").begin_array().string(scenario_.model).end_array();
      if (!scenario_.timeouts.empty()) writer.key("timeouts").raw(scenario_.timeouts);
      writer.end_object();
    }
  }

  // {"attempts":2,"open":0}: how many requests came, how many connections stand.
  std::string state() const {
    int attempts = 0, open = 0;
    for (const auto& provider : providers_) {
      attempts += provider->request_count();
      open += provider->open_connections();
    }
    Writer writer;
    writer.begin_object().key("attempts").integer(attempts).key("open").integer(open).end_object();
    return std::string(writer.text());
  }

 private:
  Script turn(const ReceivedRequest& request) {
    return scenario_.turns[std::min(turn_.fetch_add(1), scenario_.turns.size() - 1)](request);
  }

  const Scenario scenario_;
  std::atomic<std::size_t> turn_{0};
  std::vector<std::unique_ptr<ScriptedProvider>> providers_{};
};

std::string config_of(const std::list<Stage>& stages) {
  Writer writer;
  writer.begin_object().key("commit_after").raw("2").key("stream_keepalive").raw("0.3");
  writer.key("providers").begin_array();
  for (const Stage& stage : stages)
    stage.add_to_config(writer);
  writer.end_array().end_object();
  return std::string(writer.text());
}

// GET /MODEL tells what its providers have seen.
Script tell(const std::list<Stage>& stages, const ReceivedRequest& request) {
  for (const Stage& stage : stages)
    if (request.target == "/" + stage.scenario().model) return airouterd::demo::json_answer(stage.state());
  return airouterd::demo::json_answer("{}", 404);
}

std::string introduction(const std::list<Stage>& stages, const std::string& gateway,
                         const std::string& control) {
  Writer writer;
  writer.begin_object().key("gateway").string(gateway).key("control").string(control);
  writer.key("text").string(clients::whole_text()).key("calls").string(clients::whole_calls());
  writer.key("messages").begin_object();
  for (const auto& [code, message] : clients::messages())
    writer.key(code).string(message);
  writer.end_object();
  writer.key("models").begin_array();
  for (const Stage& stage : stages)
    writer.string(stage.scenario().model);
  writer.end_array().key("scenarios").begin_array();
  for (const Stage& stage : stages) {
    const Scenario& scenario = stage.scenario();
    if (scenario.asks.empty()) continue;
    writer.begin_object().key("model").string(scenario.model).key("asks").string(scenario.asks);
    writer.key("expect").string(scenario.expect).key("attempts").integer(scenario.attempts).end_object();
  }
  writer.end_array().end_object();
  return std::string(writer.text());
}

// The address in the daemon's banner, without what follows the port; empty if it says none.
std::string address_in(const std::string& output) {
  const auto begin = output.find("http://127.0.0.1:");
  if (begin == std::string::npos) return {};
  return output.substr(begin, output.find_first_not_of("0123456789", begin + 17) - begin);
}

int run(const std::string& airouterd_program) {
  std::list<Stage> stages;
  for (Scenario& scenario : clients::scenarios())
    stages.emplace_back(std::move(scenario));
  const ScriptedProvider control([&](const ReceivedRequest& request, int) { return tell(stages, request); });
  const TempFolder folder;
  const ChildProcess daemon(airouterd_program,
                            {"-c", folder.write("config.json", config_of(stages)), "--port", "0", "--data",
                             folder.file("data"), "--lang", "en"});
  const std::string address = daemon.says("[STARTUP]") ? address_in(daemon.output()) : std::string();
  if (address.empty()) {
    std::cerr << "airouterd did not start:\n" << daemon.output() << daemon.errors();
    return 1;
  }
  const std::string control_address = "http://127.0.0.1:" + std::to_string(control.port());
  std::cout << introduction(stages, address + "/v1", control_address) << std::endl;
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: client_world AIROUTERD\n";
    return 2;
  }
  try {
    return run(arguments[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
