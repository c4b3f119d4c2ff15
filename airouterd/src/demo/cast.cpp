#include "demo/cast.h"

#include <chrono>

#include "base/json.h"
#include "demo/chat_scripts.h"

namespace airouterd::demo {
namespace {

using namespace std::chrono_literals;

constexpr auto thinking_time = 150ms, word_time = 45ms;

std::vector<std::string> words() {
  const std::string text =
      "Hello! Two of the three providers here fail: one says 429, the other hangs up before it says a word. "
      "You notice "
      "neither, because nothing is shown until somebody really answers.";
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

Cast::Cast() : limited_(limited_answer), broken_(broken_answer), steady_(steady_answer) {}

airouter::Config Cast::config() const {
  airouter::Config config;
  config.providers = {provider("Busy_Station", limited_, 1'000'000, "demo-large"),
                      provider("Flaky_Relay", broken_, 1'000, "demo-relay"),
                      provider("Steady_Local", steady_, 1, "demo-small")};
  config.model_map = {{"demo", {"demo-large", "demo-relay", "demo-small"}}};
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
