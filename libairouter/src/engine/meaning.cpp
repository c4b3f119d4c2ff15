// The words by which providers tell what is wrong.
//
// Some verdicts shut a provider out until somebody resets it, and messages may echo what a client sent. So
// codes and types must match whole, and phrases with such a verdict must stand in the provider's own part of
// the message: at its beginning, or before the first quote, bracket or colon, which is where an echo would
// start.

#include "engine/meaning.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace airouter::engine {
namespace {

struct Code {
  std::string_view code;
  Meaning meaning;
};

constexpr Code codes[] = {
    {"insufficient_quota", Meaning::quota},
    {"insufficient_user_quota", Meaning::quota},
    {"pre_consume_token_quota_failed", Meaning::quota},
    {"billing_not_active", Meaning::quota},
    {"billing_hard_limit_reached", Meaning::quota},
    {"billing_error", Meaning::quota},
    {"budget_exceeded", Meaning::quota},
    {"exceeded_current_quota_error", Meaning::quota},
    {"insufficient_balance", Meaning::quota},
    {"insufficient_credits", Meaning::quota},
    {"insufficient_funds", Meaning::quota},
    {"Arrearage", Meaning::quota},
    {"AccountOverdueError", Meaning::quota},

    {"content_policy_violation", Meaning::moderation},
    {"content_policy", Meaning::moderation},
    {"content_filter", Meaning::moderation},
    {"moderation_blocked", Meaning::moderation},
    {"data_inspection_failed", Meaning::moderation},
    {"DataInspectionFailed", Meaning::moderation},
    {"sensitive_words_detected", Meaning::moderation},
    {"ResponsibleAIPolicyViolation", Meaning::moderation},

    {"context_length_exceeded", Meaning::too_long},
    {"exceed_context_size_error", Meaning::too_long},
    {"request_too_large", Meaning::too_long},
    {"string_above_max_length", Meaning::too_long},

    {"model_not_found", Meaning::model},
    {"model_not_available", Meaning::model},
    {"model_decommissioned", Meaning::model},
    {"invalid_model", Meaning::model},
    {"unknown_model", Meaning::model},
    {"unsupported_model", Meaning::model},
    {"ModelNotFound", Meaning::model},
    {"ModelNotOpen", Meaning::model},
    {"InvalidEndpointOrModel.NotFound", Meaning::model},
    {"DeploymentNotFound", Meaning::model},

    {"overloaded_error", Meaning::overloaded},
    {"engine_overloaded_error", Meaning::overloaded},
    {"model_overloaded", Meaning::overloaded},
    {"ServerOverloaded", Meaning::overloaded},
    {"overloaded", Meaning::overloaded},

    {"invalid_api_key", Meaning::key},
    {"API_KEY_INVALID", Meaning::key},
    {"InvalidApiKey", Meaning::key},
    {"authentication_error", Meaning::key},
    {"invalid_authentication_error", Meaning::key},
    {"incorrect_api_key_error", Meaning::key},
    {"AuthenticationError", Meaning::key},
    {"permission_error", Meaning::key},
    {"UNAUTHENTICATED", Meaning::key},
    {"PERMISSION_DENIED", Meaning::key},

    {"rate_limit_exceeded", Meaning::rate},
    {"rate_limit_error", Meaning::rate},
    {"rate_limit_reached_error", Meaning::rate},
    {"RateLimitError", Meaning::rate},
    {"RESOURCE_EXHAUSTED", Meaning::rate},
    {"too_many_requests", Meaning::rate},

    {"server_error", Meaning::server},
    {"internal_server_error", Meaning::server},
    {"internal_error", Meaning::server},
    {"api_error", Meaning::server},
    {"INTERNAL", Meaning::server},
    {"UNAVAILABLE", Meaning::server},
    {"InternalServerError", Meaning::server},
    {"timeout_error", Meaning::timeout},
    {"DEADLINE_EXCEEDED", Meaning::timeout},
};

// These say little: a message that says more goes before them.
constexpr Code vague_codes[] = {
    {"invalid_request_error", Meaning::bad_request},
    {"BadRequestError", Meaning::bad_request},
    {"INVALID_ARGUMENT", Meaning::bad_request},
};

enum class Where {
  whole,     // the message is this, but for its full stop
  begins,    // the message begins so; each `*` is one word
  chinese,   // anywhere in the provider's own part of a message that is Chinese from its beginning
  anywhere,  // the verdict does no harm, so an echo is none either
};

struct Phrase {
  std::string_view text;
  Where where;
  Meaning meaning;
};

constexpr Phrase phrases[] = {
    {"your credit balance is too low", Where::begins, Meaning::quota},
    {"credit balance is too low", Where::begins, Meaning::quota},
    {"insufficient balance", Where::begins, Meaning::quota},
    {"insufficient credits", Where::begins, Meaning::quota},
    {"insufficient account balance", Where::begins, Meaning::quota},
    {"sorry, your account balance is insufficient", Where::begins, Meaning::quota},
    {"your account balance is insufficient", Where::begins, Meaning::quota},
    {"your account is not active, please check your billing", Where::begins, Meaning::quota},
    {"额度已用尽", Where::chinese, Meaning::quota},
    {"用户额度不足", Where::chinese, Meaning::quota},
    {"已欠费", Where::chinese, Meaning::quota},
    {"余额不足", Where::chinese, Meaning::quota},

    {"the model * does not exist", Where::begins, Meaning::model},
    {"the requested model * does not exist", Where::begins, Meaning::model},
    {"model * does not exist", Where::begins, Meaning::model},
    {"model does not exist", Where::begins, Meaning::model},
    {"model not exist", Where::begins, Meaning::model},
    {"model * not found", Where::begins, Meaning::model},
    {"model not found", Where::begins, Meaning::model},
    {"the model * was not found", Where::begins, Meaning::model},
    {"the model * is not found", Where::begins, Meaning::model},
    {"the model * has been decommissioned", Where::begins, Meaning::model},
    {"the model * has been deprecated", Where::begins, Meaning::model},
    {"models/* is not found", Where::begins, Meaning::model},
    {"not found the model", Where::begins, Meaning::model},
    {"no such model", Where::begins, Meaning::model},
    {"unknown model", Where::begins, Meaning::model},
    {"invalid model:", Where::begins, Meaning::model},
    {"invalid model name passed in", Where::begins, Meaning::model},
    {"unable to access model", Where::begins, Meaning::model},
    {"* is not a valid model id", Where::begins, Meaning::model},
    {"no endpoints found for", Where::begins, Meaning::model},
    {"no available channel for model", Where::begins, Meaning::model},
    {"无可用渠道", Where::chinese, Meaning::model},
    {"模型不存在", Where::chinese, Meaning::model},

    {"负载已饱和", Where::chinese, Meaning::overloaded},
    {"overloaded", Where::whole, Meaning::overloaded},
    {"the model is overloaded", Where::begins, Meaning::overloaded},
    {"the engine is currently overloaded", Where::begins, Meaning::overloaded},
    {"that model is currently overloaded", Where::begins, Meaning::overloaded},
    {"the server is overloaded", Where::begins, Meaning::overloaded},
    {"system is too busy", Where::begins, Meaning::overloaded},

    {"invalid url", Where::begins, Meaning::wrong_url},
    {"unrecognized request url", Where::begins, Meaning::wrong_url},
    {"unknown request url", Where::begins, Meaning::wrong_url},
    {"unexpected endpoint or method", Where::begins, Meaning::wrong_url},
    {"no route matched", Where::begins, Meaning::wrong_url},
    {"cannot post /", Where::begins, Meaning::wrong_url},
    {"404 page not found", Where::begins, Meaning::wrong_url},
    {"not found", Where::whole, Meaning::wrong_url},
    {"404 not found", Where::whole, Meaning::wrong_url},
    {"resource not found", Where::whole, Meaning::wrong_url},
    {"page not found", Where::whole, Meaning::wrong_url},
    {"route not found", Where::whole, Meaning::wrong_url},
    {"file not found", Where::whole, Meaning::wrong_url},

    {"maximum context length", Where::anywhere, Meaning::too_long},
    {"context length exceeded", Where::anywhere, Meaning::too_long},
    {"exceeds the available context size", Where::anywhere, Meaning::too_long},
    {"exceeds the context window", Where::anywhere, Meaning::too_long},
    {"exceeds the model's context window", Where::anywhere, Meaning::too_long},
    {"prompt is too long", Where::anywhere, Meaning::too_long},
    {"input is too long for requested model", Where::anywhere, Meaning::too_long},
    {"reduce the length of the messages", Where::anywhere, Meaning::too_long},
    {"最大上下文", Where::anywhere, Meaning::too_long},
    {"上下文长度超", Where::anywhere, Meaning::too_long},

    {"content management policy", Where::anywhere, Meaning::moderation},
    {"result of our safety system", Where::anywhere, Meaning::moderation},
    {"sensitive words detected", Where::anywhere, Meaning::moderation},
    {"data may contain inappropriate content", Where::anywhere, Meaning::moderation},
    {"violating our usage policy", Where::anywhere, Meaning::moderation},
    {"considered high risk", Where::anywhere, Meaning::moderation},
    {"不安全或敏感内容", Where::anywhere, Meaning::moderation},
};

// Without what relays put before it: "[sk-…]" and "Error:".
std::string_view without_prefix(std::string_view message) {
  message = text::trim(message);
  if (message.starts_with('[')) {
    const std::size_t end = message.find(']');
    const std::string_view label = message.substr(0, end == std::string_view::npos ? 1 : end);
    const bool is_label =
        end != std::string_view::npos && label.find_first_of(" \"'{", 1) == std::string_view::npos;
    if (is_label) message = text::trim(message.substr(end + 1));
  }
  constexpr std::string_view error = "error:";
  if (text::starts_with_ignoring_case(message, error)) message = text::trim(message.substr(error.size()));
  return message;
}

std::string_view own_part(std::string_view message) {
  std::size_t end = message.size();
  for (const std::string_view mark : {"\"", "'", "`", ":", "{", "[", "<", "：", "“", "‘", "「", "『", "【"})
    end = std::min(end, message.find(mark));
  return message.substr(0, end);
}

// Whether it begins with a character that is not ASCII.
bool is_foreign(std::string_view message) {
  return !message.empty() && static_cast<unsigned char>(message[0]) >= 0x80;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool begins(std::string_view message, std::string_view pattern) {
  for (;;) {
    const std::size_t star = pattern.find('*');
    if (!text::starts_with_ignoring_case(message, pattern.substr(0, star))) return false;
    if (star == std::string_view::npos) return true;
    message.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    std::size_t word = 0;
    while (word < message.size() && !is_blank(message[word]))
      ++word;
    if (word == 0) return false;
    message.remove_prefix(word);
  }
}

bool is_whole(std::string_view message, std::string_view phrase) {
  while (message.ends_with('.') || message.ends_with('!'))
    message.remove_suffix(1);
  return text::equals_ignoring_case(message, phrase);
}

bool holds(std::string_view message, const Phrase& phrase) {
  switch (phrase.where) {
    case Where::whole:
      return is_whole(message, phrase.text);
    case Where::begins:
      return begins(message, phrase.text);
    case Where::chinese:
      return is_foreign(message) && own_part(message).find(phrase.text) != std::string_view::npos;
    case Where::anywhere:
      return text::contains_ignoring_case(message, phrase.text);
  }
  return false;
}

template <std::size_t n>
Meaning find_code(const Code (&table)[n], std::string_view code) {
  for (const Code& row : table)
    if (text::equals_ignoring_case(row.code, code)) return row.meaning;
  return Meaning::unknown;
}

}  // namespace

Understood understand(const protocol::ErrorFacts& facts) {
  if (facts.is_moderation) return {Meaning::moderation, true};
  const Meaning by_code = find_code(codes, facts.code);
  if (by_code != Meaning::unknown) return {by_code, true};
  const Meaning by_type = find_code(codes, facts.type);
  // "api_error" and the like accompany every message; what the message says is worth more.
  if (by_type != Meaning::unknown && by_type != Meaning::server) return {by_type, true};
  const std::string_view message = without_prefix(facts.message);
  for (const Phrase& phrase : phrases)
    if (holds(message, phrase)) return {phrase.meaning, false};
  for (const Meaning vague :
       {by_type, find_code(vague_codes, facts.code), find_code(vague_codes, facts.type)})
    if (vague != Meaning::unknown) return {vague, true};
  return {};
}

bool speaks_of_model(std::string_view message) noexcept {
  message = without_prefix(message);
  for (const std::string_view subject : {"model", "the model", "the requested model"})
    if (text::starts_with_ignoring_case(message, subject)) return true;
  return false;
}

}  // namespace airouter::engine
