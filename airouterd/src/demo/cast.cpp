#include "demo/cast.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include "base/json.h"
#include "demo/chat_scripts.h"

namespace airouterd::demo {
namespace {

using namespace std::chrono_literals;

constexpr auto thinking_time = 150ms, word_time = 45ms;
constexpr std::chrono::seconds trip_time = 60s;

using Clock = std::chrono::steady_clock;
using Respond = Script (*)(const ReceivedRequest&, int nth_request);

std::vector<std::string> words() {
  const std::string text =
      "Hello! Two of the providers here fail: one says 429, the other hangs up before it says a word. "
      "You notice neither, because nothing is shown until somebody really answers.";
  std::vector<std::string> list;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin + 1), text.size());
    list.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return list;
}

Script limited_answer(const ReceivedRequest& /*request*/, int /*nth_request*/) {
  return Script().pause(60ms).then(chat_error(429, "Rate limit reached, try again in 20 s", "requests",
                                              "rate_limit_exceeded", {{"retry-after", "20"}}));
}

Script broken_answer(const ReceivedRequest& request, int /*nth_request*/) {
  return sse_open({role_chunk(requested_model(request.body))}).pause(thinking_time).reset();
}

Script steady_answer(const ReceivedRequest& request, int /*nth_request*/) {
  const std::string model = requested_model(request.body);
  if (asks_for_stream(request.body))
    return Script().pause(thinking_time).then(chat_stream(model, words(), word_time));
  std::string text;
  for (const std::string& word : words())
    text += word;
  return Script().pause(thinking_time).then(chat_answer(model, text));
}

// A tripped provider says for how long: it is back at the minute's end, not later.
std::function<Script(const ReceivedRequest&, int)> unless_tripped(const std::atomic<Clock::rep>& until,
                                                                  Respond respond) {
  return [&until, respond](const ReceivedRequest& request, int nth_request) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(Clock::duration(until.load()) -
                                                              Clock::now().time_since_epoch());
    if (left.count() <= 0) return respond(request, nth_request);
    const std::string seconds = std::to_string(left.count());
    return Script().pause(60ms).then(chat_error(429, "Tripped by hand, back in " + seconds + " s", "requests",
                                                "rate_limit_exceeded", {{"retry-after", seconds}}));
  };
}

airouter::Provider provider(std::string name, const ScriptedProvider& server, int weight, std::string model) {
  airouter::Provider provider;
  provider.name = std::move(name);
  provider.base_url = server.base_url();
  provider.api_key = airouter::Secret("sk-demo");
  provider.weight = weight;
  provider.supported_models = {std::move(model)};
  return provider;
}

}  // namespace

Cast::Cast()
    : limited_(unless_tripped(limited_until_, &limited_answer)),
      broken_(unless_tripped(broken_until_, &broken_answer)),
      steady_(unless_tripped(steady_until_, &steady_answer)),
      spare_(unless_tripped(spare_until_, &steady_answer)) {}

std::string Cast::trip(std::string_view provider) {
  struct Row {
    std::string_view provider, model;
    Tripped& until;
  };
  const std::array rows{
      Row{"Busy_Station", "demo", limited_until_}, Row{"Flaky_Relay", "demo", broken_until_},
      Row{"Steady_Local", "demo-pair", steady_until_}, Row{"Spare_Local", "demo-pair", spare_until_}};
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.provider == provider; });
  if (row == rows.end()) return {};
  row->until = (Clock::now() + trip_time).time_since_epoch().count();
  return std::string(row->model);
}

airouter::Config Cast::config() const {
  airouter::Config config;
  config.providers = {provider("Busy_Station", limited_, 1'000'000, "demo-large"),
                      provider("Flaky_Relay", broken_, 3'000, "demo-relay"),
                      provider("Steady_Local", steady_, 10, "demo-small"),
                      provider("Spare_Local", spare_, 1, "demo-spare")};
  config.model_map = {{"demo", {"demo-large", "demo-relay", "demo-small"}},
                      {"demo-pair", {"demo-small", "demo-spare"}}};
  return config;
}

std::string Cast::config_text() const {
  airouter::json::Writer writer;
  const auto write_texts = [&](const std::vector<std::string>& texts) {
    writer.begin_array();
    for (const std::string& text : texts)
      writer.string(text);
    writer.end_array();
  };
  const airouter::Config config = this->config();
  writer.begin_object().key("providers").begin_array();
  for (const airouter::Provider& provider : config.providers) {
    writer.begin_object().key("name").string(provider.name).key("base_url").string(provider.base_url);
    writer.key("api_key").string(provider.api_key.reveal()).key("weight").integer(provider.weight);
    writer.key("supported_models");
    write_texts(provider.supported_models);
    writer.end_object();
  }
  writer.end_array().key("model_map").begin_object();
  for (const airouter::ModelMapping& mapping : config.model_map) {
    writer.key(mapping.name);
    write_texts(mapping.models);
  }
  writer.end_object().end_object();
  return std::string(writer.text());
}

}  // namespace airouterd::demo
