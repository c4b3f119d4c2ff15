// An error answer, as in answers.golden: the status, header lines, a blank line, the body. Claims:
// - the same answer always means the same, and neither the case nor the order of header names matters;
// - the status alone decides where it is clear, and no 4xx about the request itself ever cools anything;
// - what stops a call cools nothing, and what cools nothing stops it: the client is at fault;
// - the client never sees the provider's 401, 402 or 403, and only an error's status;
// - words of a client that a provider quotes never disable or cool more than the status itself would;
// - the provider's key is in nothing that is shown.
#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/text.h"
#include "engine/failure_report.h"
#include "engine/outcome.h"
#include "fuzz.h"

using namespace airouter;
using namespace airouter::engine;

namespace {

const Provider& provider() {
  static const Provider with_key = [] {
    Provider made;
    made.api_key = Secret("sk-canary-7d1e");
    return made;
  }();
  return with_key;
}

struct Answer {
  int status = 500;
  Headers headers{};
  std::string_view body{};
};

Answer read_answer(std::string_view text) {
  Answer answer;
  const std::string_view first = fuzz::take_line(text);
  std::from_chars(first.data(), first.data() + first.size(), answer.status);
  answer.status = std::clamp(answer.status, 200, 599);
  while (!text.empty()) {
    const std::string_view line = fuzz::take_line(text);
    if (line.empty()) break;
    const std::size_t colon = std::min(line.find(':'), line.size());
    answer.headers.emplace_back(line.substr(0, colon),
                                text::trim(line.substr(std::min(colon + 1, line.size()))));
  }
  answer.body = text;
  return answer;
}

void check_disguised(const Answer& answer, Finding finding) {
  Headers disguised(answer.headers.rbegin(), answer.headers.rend());
  for (auto& header : disguised)
    header.first = text::lower(header.first);
  fuzz::claim(find_in_answer(answer.status, disguised, answer.body) == finding,
              "case and order of headers say nothing");
}

void check_outcome(int status, Finding finding) {
  const Outcome& outcome = outcome_of(finding);
  fuzz::claim(outcome.finding == finding, "the table has a row for each finding");
  const bool is_harmless = outcome.scope == routing::Scope::nothing;
  fuzz::claim(is_harmless == (outcome.then == Then::stop), "a call goes on exactly if somebody is at fault");
  fuzz::claim(is_harmless == (outcome.kind == FailureKind::request_rejected), "the client's fault is named");
  fuzz::claim(is_harmless == (outcome.period == Period::none), "nothing cools for no time");
  const auto verdict = verdict_of(outcome, CooldownPolicy{}, std::nullopt);
  fuzz::claim(verdict.scope == outcome.scope, "health hears the same");

  const int shown = client_status(finding, status);
  fuzz::claim(shown >= 400 && shown <= 599 && shown != 401 && shown != 402, "the client sees an error");
  fuzz::claim(shown != 403 || finding == Finding::moderated, "403 is about the prompt only");
}

// What the status alone says.
void check_status(const Answer& answer, Finding finding) {
  const int status = answer.status;
  const auto is = [&](std::initializer_list<Finding> allowed, std::string_view what) {
    fuzz::claim(std::find(allowed.begin(), allowed.end(), finding) != allowed.end(), what,
                std::to_string(status) + " -> " + std::to_string(static_cast<int>(finding)));
  };
  using F = Finding;
  if (status >= 300 && status <= 399) is({F::redirect}, "a redirect is never followed");
  if (status == 401) is({F::key_refused, F::quota_spent}, "401 is about the key");
  if (status == 402) is({F::quota_spent}, "402 is about money");
  if (status == 408) is({F::request_timed_out, F::quota_spent}, "408 is a timeout");
  if (status == 429) is({F::rate_limited, F::overloaded, F::quota_spent}, "429 is a limit");
  if (status == 529) is({F::overloaded, F::quota_spent}, "529 is overload");
  if (status >= 500)
    is({F::server_error, F::overloaded, F::quota_spent, F::refused_inside_5xx, F::model_missing},
       "5xx fails");
  if (status == 413 || status == 415 || status == 422 || status == 409)
    is({F::request_refused, F::overloaded, F::quota_spent}, "the request is at fault");
}

// A provider's sentence that quotes what a client sent.
void check_echo(int status, std::string_view quoted) {
  json::Writer body;
  body.begin_object().key("error").begin_object();
  body.key("message").string("Invalid value for 'messages': '" + std::string(quoted) + "'.");
  body.key("type").string("invalid_request_error").end_object().end_object();
  const Finding finding = find_in_answer(status, {}, body.text());
  const bool is_expected = finding == (status >= 500 ? Finding::server_error : Finding::request_refused) ||
                           (status >= 500 && finding == Finding::refused_inside_5xx);
  fuzz::claim(is_expected, "a quoted text decides nothing", body.text());
}

class KeySearch : public json::Handler {
 public:
  bool on_string(std::string_view value, json::Span) override { return look(value); }
  bool on_key(std::string_view value, json::Span) override { return look(value); }

 private:
  static bool look(std::string_view words) {
    fuzz::claim(words.find(provider().api_key.reveal()) == words.npos, "the key is not shown", words);
    return true;
  }
};

void check_shown(const Answer& answer) {
  const std::string& key = provider().api_key.reveal();
  const std::string detail = detail_of(answer.body, provider());
  fuzz::claim(detail.find(key) == detail.npos, "a detail has no key in it", detail);
  fuzz::claim(text::printable(detail) == detail, "a detail is fit for a log", detail);
  const std::string shown = showable_body(answer.body, provider());
  KeySearch search;
  if (!shown.empty())
    fuzz::claim(!json::scan(shown, search), "a body is shown as valid JSON or not at all", shown);
  fuzz::claim(shown.find(key) == shown.npos, "a body has no key in it", shown);
  for (const auto& header : headers_without_key(answer.headers, provider()))
    fuzz::claim(header.second.find(key) == header.second.npos, "a header has no key in it", header.second);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Answer answer = read_answer(fuzz::text_of(data, size));
  const Finding finding = find_in_answer(answer.status, answer.headers, answer.body);
  fuzz::claim(find_in_answer(answer.status, answer.headers, answer.body) == finding, "verdicts repeat");
  check_disguised(answer, finding);
  check_outcome(answer.status, finding);
  check_status(answer, finding);
  for (const int status : {400, 413, 422, 500, 502})
    check_echo(status, answer.body);
  check_shown(answer);
  return 0;
}
