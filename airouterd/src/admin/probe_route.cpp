#include "admin/probe_route.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "admin/body.h"
#include "admin/config_replies.h"
#include "admin/replies.h"
#include "base/limits.h"
#include "base/text.h"

namespace airouterd::admin {
namespace {

namespace json = airouter::json;
namespace text = airouter::text;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds connect_patience = 10s, patience = 20s;
constexpr std::size_t answer_bytes_max = std::size_t{4} << 20;
constexpr std::size_t models_max = 2000;

// What people paste instead of the base.
constexpr std::array<std::string_view, 3> endpoints{"/chat/completions", "/completions", "/models"};

struct Listing {
  bool is_listing = false;
  std::vector<std::string> models{};
  std::string failure{};  // if it is none
};

// The addresses to try, the likelier one first. One without any path is served below /v1, as a provider's is.
std::vector<std::string> bases_of(std::string_view url) {
  const auto without_slashes = [&] {
    while (url.ends_with('/'))
      url.remove_suffix(1);
  };
  without_slashes();
  for (const std::string_view endpoint : endpoints)
    if (url.ends_with(endpoint)) url.remove_suffix(endpoint.size());
  without_slashes();
  const std::string base(url);
  if (url.ends_with("/v1")) return {base};
  const bool has_path = url.find('/', url.find("://") + 3) != std::string_view::npos;
  if (has_path) return {base, base + "/v1"};
  return {base + "/v1"};
}

std::string_view failure_text(airouter::TransferFailure failure) {
  using airouter::TransferFailure;
  switch (failure) {
    case TransferFailure::resolve:
      return "its name is unknown";
    case TransferFailure::connect:
      return "cannot be reached";
    case TransferFailure::tls:
      return "its certificate or encryption is not accepted";
    case TransferFailure::connect_timeout:
      return "did not answer in time";
    default:
      return "sent no usable answer";
  }
}

// The ids of a model list: OpenAI's, or a bare list of them.
Listing listing_of(std::string_view body) {
  const json::Parsed parsed = json::parse(body);
  Listing listing;
  const json::Value* list = parsed.value && parsed.value->is_object() ? parsed.value->find("data") : nullptr;
  if (parsed.value && parsed.value->is_array()) list = &*parsed.value;
  if (list == nullptr || !list->is_array()) {
    listing.failure = "answered with something that is no list of models";
    return listing;
  }
  for (const json::Value& item : list->items) {
    const json::Value* id = item.find("id");
    if (id != nullptr && id->is_string() && !id->text.empty() &&
        id->text.size() <= airouter::limits::model_name_bytes_max && listing.models.size() < models_max)
      listing.models.push_back(text::printable(id->text));
  }
  std::sort(listing.models.begin(), listing.models.end());
  listing.models.erase(std::unique(listing.models.begin(), listing.models.end()), listing.models.end());
  listing.is_listing = true;
  return listing;
}

// What an error answer says, never with the key in it.
std::string error_text(std::string_view body, const std::string& key) {
  const json::Parsed parsed = json::parse(body);
  const json::Value* error = parsed.value ? parsed.value->find("error") : nullptr;
  const json::Value* message = error != nullptr && error->is_object() ? error->find("message") : error;
  if (message == nullptr || !message->is_string()) return {};
  const std::string said = text::replaced(text::printable(message->text), key, "***");
  return ": " + text::shortened(said, airouter::limits::detail_bytes_max);
}

Listing ask(airouter::Transport& transport, const std::string& base, const std::string& key,
            const airouter::Interrupt& client) {
  airouter::HttpRequest request;
  request.method = "GET";
  request.url = base + "/models";
  request.headers = {{"accept", "application/json"}};
  if (!key.empty()) request.headers.push_back({"authorization", "Bearer " + key});
  request.connect_timeout = connect_patience;
  const auto exchange = transport.open(request);
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string body;
  int status = 0;
  for (;;) {
    switch (exchange->wait(until, &client)) {
      case airouter::Exchange::Event::head:
        status = exchange->head().status;
        break;
      case airouter::Exchange::Event::body:
        body += exchange->body();
        if (body.size() > answer_bytes_max) return {false, {}, "answered with more than 4 MiB"};
        break;
      case airouter::Exchange::Event::end:
        if (exchange->failure() != airouter::TransferFailure::none)
          return {false, {}, std::string(failure_text(exchange->failure()))};
        if (status != 200) return {false, {}, fmt::format("answered {}{}", status, error_text(body, key))};
        return listing_of(body);
      case airouter::Exchange::Event::timeout:
        return {false, {}, "did not answer in time"};
      case airouter::Exchange::Event::interrupted:
        return {false, {}, "was not waited for"};
    }
  }
}

// The rules that the config has for providers.
void check_target(Body& body, const std::string& url, const std::string& key) {
  airouter::Config config;
  airouter::Provider provider;
  provider.name = "probe";
  provider.base_url = url;
  provider.api_key = airouter::Secret(key, key);
  config.providers = {std::move(provider)};
  for (const airouter::ConfigProblem& problem : airouter::check_config(config)) {
    if (!problem.fatal) continue;
    const std::string field = problem.where.substr(problem.where.rfind('/') + 1);
    if (!body.complains_of(field)) body.complain(field, sentence_of(problem));
  }
  if (key.starts_with("env:") || key.starts_with("file:") || key == "***" ||
      key.find("…") != std::string::npos)
    body.complain("api_key", {"must be the key itself", "必须是密钥本身"});
}

}  // namespace

http::Reply probe_provider(const Context& context, Request& request) {
  http::Reply refused;
  auto body = Body::read(request, refused);
  if (!body) return refused;
  body->require("base_url");
  const std::string url(text::trim(body->text("base_url").value_or("")));
  const std::string key(text::trim(body->text("api_key").value_or("")));
  body->refuse_others();
  check_target(*body, url, key);
  if (!body->is_fine()) return body->refusal(request);

  Sentence failure;
  for (const std::string& base : bases_of(url)) {
    const auto begin = std::chrono::steady_clock::now();
    const Listing listing = ask(context.tester.transport(), base, key, request.http().interrupt());
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    if (listing.is_listing) {
      json::Writer writer;
      writer.begin_object().key("normalized_url").string(base).key("models").begin_array();
      for (const std::string& model : listing.models)
        writer.string(model);
      writer.end_array().key("latency_ms").integer(took.count()).end_object();
      return json_reply(writer);
    }
    if (!failure.english.empty()) continue;
    const std::string address = text::printable(base) + "/models ";
    failure = {address + listing.failure, "探测失败：" + address + sentence_of(listing.failure).chinese};
  }
  return problem(request, 502, "probe_failed", failure);
}

}  // namespace airouterd::admin
