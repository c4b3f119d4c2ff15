// From an error answer to a finding: by its status first, and by its words where they say more.

#include <algorithm>

#include "base/text.h"
#include "engine/meaning.h"
#include "engine/outcome.h"
#include "protocol/answer_judge.h"

namespace airouter::engine {
namespace {

// A plain text that is short enough to be an error message.
constexpr std::size_t plain_text_bytes_max = 2048;

bool is_success(int status) {
  return status >= 200 && status <= 299;
}

Finding find_in_404(const Understood& understood, const protocol::ErrorFacts& facts) {
  if (understood.meaning == Meaning::model || speaks_of_model(facts.message)) return Finding::model_missing;
  if (!facts.is_error || understood.meaning == Meaning::wrong_url) return Finding::not_an_api;
  return Finding::request_refused;
}

Finding find_in_4xx(int status, const Understood& understood, const protocol::ErrorFacts& facts) {
  const bool is_sure = understood.is_by_code;
  const Meaning meaning = understood.meaning;
  switch (status) {
    case 401:
      return Finding::key_refused;
    case 402:
      return Finding::quota_spent;
    case 403:
      if (is_sure && meaning == Meaning::moderation) return Finding::moderated;
      if (is_sure && meaning == Meaning::model) return Finding::model_missing;
      return Finding::key_refused;
    case 404:
      return find_in_404(understood, facts);
    case 408:
      return Finding::request_timed_out;
    case 429:
      return meaning == Meaning::overloaded ? Finding::overloaded : Finding::rate_limited;
    default:
      break;
  }
  if (is_sure && meaning == Meaning::overloaded) return Finding::overloaded;
  if (status == 400 && meaning == Meaning::model) return Finding::model_missing;
  if (status == 400 && is_sure && meaning == Meaning::key) return Finding::key_refused;
  return Finding::request_refused;
}

Finding find_in_5xx(int status, const Understood& understood) {
  if (status == 529) return Finding::overloaded;
  switch (understood.meaning) {
    case Meaning::overloaded:
      return Finding::overloaded;
    case Meaning::moderation:
    case Meaning::too_long:
      return Finding::refused_inside_5xx;
    case Meaning::model:
      return status == 503 ? Finding::model_missing : Finding::server_error;
    default:
      return Finding::server_error;
  }
}

Finding find_by_status(int status, const Understood& understood, const protocol::ErrorFacts& facts) {
  if (status >= 300 && status <= 399) return Finding::redirect;
  if (status < 400 || status > 599) return Finding::bad_answer;
  if (understood.meaning == Meaning::quota) return Finding::quota_spent;
  return status <= 499 ? find_in_4xx(status, understood, facts) : find_in_5xx(status, understood);
}

// The status that an error inside a 200 would have had.
int implied_status(Meaning meaning) {
  switch (meaning) {
    case Meaning::quota:
      return 402;
    case Meaning::moderation:
    case Meaning::too_long:
    case Meaning::bad_request:
      return 400;
    case Meaning::model:
    case Meaning::wrong_url:
      return 404;
    case Meaning::overloaded:
      return 529;
    case Meaning::key:
      return 401;
    case Meaning::rate:
      return 429;
    case Meaning::timeout:
      return 504;
    case Meaning::server:
    case Meaning::unknown:
      break;
  }
  return 500;
}

bool is_html(const Headers& headers, std::string_view body) {
  return protocol::looks_like_html(body) ||
         std::any_of(headers.begin(), headers.end(), [](const auto& header) {
           return text::equals_ignoring_case(header.first, "content-type") &&
                  text::starts_with_ignoring_case(text::trim(header.second), "text/html");
         });
}

}  // namespace

Finding find_in_facts(int status, const protocol::ErrorFacts& facts) {
  const Understood understood = understand(facts);
  if (!is_success(status)) return find_by_status(status, understood, facts);
  if (!facts.is_error) return Finding::bad_answer;
  const int inner = facts.status != 0 ? facts.status : implied_status(understood.meaning);
  return find_by_status(inner, understood, facts);
}

Finding find_in_answer(int status, const Headers& headers, std::string_view body) {
  protocol::ErrorFacts facts = protocol::read_error(body);
  // Some gateways answer a bare sentence.
  if (!facts.is_error && !is_success(status) && body.size() <= plain_text_bytes_max &&
      !is_html(headers, body))
    facts.message = text::valid_utf8(text::trim(body));
  return find_in_facts(status, facts);
}

}  // namespace airouter::engine
