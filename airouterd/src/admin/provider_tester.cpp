#include "admin/provider_tester.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"

namespace airouterd::admin {
namespace {

using airouter::Call;
using airouter::ErrorCode;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds model_patience = 30s;
constexpr std::size_t providers_at_once = 8;

// Tests of one provider, from the panel's cards, may overlap.
constexpr int runs_max = 8;

std::string question(const std::string& model, std::string_view limit_name) {
  airouter::json::Writer writer;
  writer.begin_object().key("model").string(model);
  writer.key("messages").begin_array().begin_object().key("role").string("user").key("content").string("Hi");
  writer.end_object().end_array().key(limit_name).integer(5).end_object();
  return std::string(writer.text());
}

struct Answer {
  bool success = false;
  bool wants_other_limit = false;  // newer models refuse max_tokens
  std::string error{};
};

std::string error_text(const airouter::CallSummary& summary, const airouter::Error& error) {
  if (error.code == ErrorCode::cancelled) return "cancelled";
  if (summary.attempts.empty()) return error.message;
  const airouter::Attempt& attempt = summary.attempts.back();
  std::string text = attempt.http_status == 0 ? std::string() : fmt::format("{} ", attempt.http_status);
  text += airouter::to_string(attempt.failure);
  return attempt.detail.empty() ? text : text + ": " + attempt.detail;
}

Answer ask(airouter::Router& router, const std::string& body, airouter::Interrupt& client,
           std::chrono::milliseconds patience) {
  auto request = airouter::ChatRequest::parse(body);
  if (!request) return {false, false, request.error().message};
  Call call = router.open(*std::move(request), {&client, patience, {}});
  for (;;) {
    switch (call.next(airouter::TimePoint::max())) {
      case Call::Event::end:
        return {true, false, {}};
      case Call::Event::failed: {
        const bool is_rejected = call.error().code == ErrorCode::request_rejected;
        return {false, is_rejected && call.error().body.find("max_tokens") != std::string::npos,
                error_text(call.summary(), call.error())};
      }
      default:
        break;
    }
  }
}

}  // namespace

store::TestResult ProviderTester::test(const airouter::Provider& provider, const std::string& model,
                                       airouter::Interrupt& client) const {
  store::TestResult result{provider.name, model, false, {}, {}, std::chrono::system_clock::now()};
  airouter::Config config;
  config.providers = {provider};
  config.providers[0].enabled = true;
  config.providers[0].supported_models = {model};
  config.max_retries = 1;
  airouter::RouterOptions options;
  options.transport = transport_;
  auto router = airouter::Router::create(std::move(config), options);
  if (!router) {
    result.error = router.error().message;
    return result;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  };
  Answer answer = ask(*router, question(model, "max_tokens"), client, model_patience);
  if (answer.wants_other_limit)
    answer = ask(*router, question(model, "max_completion_tokens"), client,
                 std::max<std::chrono::milliseconds>(model_patience - elapsed(), 1s));
  result.success = answer.success;
  result.error = airouter::text::printable(answer.error);
  result.latency = elapsed();
  return result;
}

std::optional<std::vector<store::TestResult>> ProviderTester::run(const std::vector<Task>& tasks,
                                                                  airouter::Interrupt& client) {
  struct Turn {
    explicit Turn(std::atomic<int>& count) : runs(count), is_mine(runs.fetch_add(1) < runs_max) {}
    ~Turn() { runs.fetch_sub(1); }
    std::atomic<int>& runs;
    const bool is_mine;
  };
  const Turn turn(runs_);
  if (!turn.is_mine) return std::nullopt;

  std::vector<std::vector<store::TestResult>> by_task(tasks.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < tasks.size(); i = next++)
      for (const std::string& model : tasks[i].models) {
        if (client.triggered()) return;
        by_task[i].push_back(test(tasks[i].provider, model, client));
        if (!client.triggered()) results_.record(by_task[i].back());
      }
  };
  std::vector<std::thread> helpers;
  try {
    while (helpers.size() + 1 < std::min(tasks.size(), providers_at_once))
      helpers.emplace_back(work);
  } catch (const std::system_error&) {
    // With fewer threads it takes longer.
  }
  work();
  for (std::thread& helper : helpers)
    helper.join();
  std::vector<store::TestResult> all;
  for (auto& results : by_task)
    std::move(results.begin(), results.end(), std::back_inserter(all));
  return all;
}

}  // namespace airouterd::admin
