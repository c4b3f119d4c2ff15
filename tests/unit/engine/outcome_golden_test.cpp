// Provider answers as they are seen in the field, and the verdict on each; answers.golden explains its
// format.

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include <airouter/config.h>

#include "base/text.h"
#include "engine/failure_report.h"
#include "engine/outcome.h"
#include "engine/retry_after.h"
#include "protocol/answer_judge.h"
#include "protocol/sse_splitter.h"
#include "protocol/stream_judge.h"
#include "support/catch.h"
#include "support/paths.h"

using namespace airouter;
using namespace airouter::engine;

namespace {

struct Answer {
  std::string title{};
  int status = 0;
  Headers headers{};
  std::string body{}, expected{};
};

std::vector<Answer> read_golden() {
  std::ifstream file(source_root() + "/tests/unit/engine/answers.golden");
  REQUIRE(file);
  std::vector<Answer> answers;
  enum class Part { none, status, headers, body } part = Part::none;
  for (std::string line; std::getline(file, line);) {
    if (part == Part::none && line.starts_with("### ")) {
      answers.push_back({.title = line.substr(4)});
      part = Part::status;
    } else if (part == Part::status) {
      answers.back().status = std::stoi(line);
      part = Part::headers;
    } else if (part == Part::headers && line.empty()) {
      part = Part::body;
    } else if (part == Part::headers) {
      const std::size_t colon = line.find(": ");
      answers.back().headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    } else if (part == Part::body && line.starts_with("=> ")) {
      answers.back().expected = line.substr(3);
      part = Part::none;
    } else if (part == Part::body) {
      answers.back().body += line + "\n";
    }
  }
  return answers;
}

std::chrono::milliseconds lasts(const Outcome& outcome) {
  return verdict_of(outcome, CooldownPolicy{}, std::nullopt)
      .trip.cooldown.value_or(std::chrono::milliseconds(0));
}

std::string effect_of(const Outcome& outcome, std::chrono::milliseconds cooldown) {
  if (outcome.scope == routing::Scope::nothing) return "nothing cools";
  const std::string_view what = outcome.scope == routing::Scope::model ? "model" : "provider";
  if (outcome.period == Period::until_reset) return fmt::format("{} out until reset", what);
  return fmt::format("{} cools {} s", what, cooldown.count() / 1000);
}

std::string verdict(const Answer& answer, Finding finding, int provider_status) {
  using namespace std::chrono;
  const sys_seconds new_year = sys_days{year{2025} / January / 1};
  const Outcome& outcome = outcome_of(finding);
  milliseconds cooldown = lasts(outcome);
  if (finding == Finding::rate_limited)
    cooldown = retry_after(answer.headers, new_year).value_or(duration_cast<seconds>(cooldown));
  std::string line = fmt::format(
      "{}, {}, {}; client: {}", to_string(outcome.kind), effect_of(outcome, cooldown),
      outcome.then == Then::fail_over ? "next provider" : "stop", client_status(finding, provider_status));
  if (outcome.verbatim) line += " verbatim";
  if (finding == Finding::rate_limited)
    line += fmt::format(" retry-after {}", std::min<std::int64_t>(60, cooldown.count() / 1000));
  return line;
}

std::string verdict_on_facts(const Answer& answer, const protocol::ErrorFacts& facts) {
  return verdict(answer, find_in_facts(answer.status, facts), facts.status);
}

std::string verdict_on_stream(const Answer& answer) {
  using Kind = protocol::JudgedEvent::Kind;
  protocol::SseSplitter splitter;
  protocol::StreamJudge judge;
  splitter.feed(answer.body);
  splitter.finish();
  while (const auto event = splitter.next()) {
    const protocol::JudgedEvent judged = judge.judge(event->data, event->name);
    if (judged.kind == Kind::error) return verdict_on_facts(answer, judged.error);
    if (judged.kind == Kind::bad) return verdict(answer, Finding::bad_answer, answer.status);
    if (judged.kind == Kind::output) return "good";
  }
  return verdict(answer, Finding::no_output, answer.status);
}

std::string verdict_on(const Answer& answer) {
  if (answer.status < 200 || answer.status > 299)
    return verdict(answer, find_in_answer(answer.status, answer.headers, answer.body), answer.status);
  for (const auto& [name, value] : answer.headers)
    if (name == "content-type" && value == "text/event-stream") return verdict_on_stream(answer);
  const protocol::JudgedAnswer judged = protocol::judge_answer(answer.body);
  if (judged.kind == protocol::JudgedAnswer::Kind::good) return "good";
  if (judged.kind == protocol::JudgedAnswer::Kind::error) return verdict_on_facts(answer, judged.error);
  return verdict(answer, Finding::bad_answer, answer.status);
}

}  // namespace

TEST_CASE("what providers answer is understood", "[outcome]") {
  const std::vector<Answer> answers = read_golden();
  CHECK(answers.size() >= 130);
  std::string expected, actual;
  for (const Answer& answer : answers) {
    const std::string line = verdict_on(answer);
    if (line == answer.expected) continue;
    expected += answer.title + " => " + answer.expected + "\n";
    actual += answer.title + " => " + line + "\n";
  }
  CHECK(actual == expected);
}

TEST_CASE("no answer, cut anywhere, is taken for a good one or brings the reader down", "[outcome]") {
  for (const Answer& answer : read_golden()) {
    for (std::size_t size = 0; size < answer.body.size(); size += 3) {
      Answer cut = answer;
      cut.body.resize(size);
      const std::string line = verdict_on(cut);
      if (answer.expected != "good") CHECK(line != "good");
    }
  }
}
