#include "engine/outcome.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace airouter;
using namespace airouter::engine;

namespace {

std::string error(std::string_view code, std::string_view message) {
  return "{\"error\":{\"message\":\"" + std::string(message) +
         "\",\"type\":\"x\",\"param\":null,\"code\":\"" + std::string(code) + "\"}}";
}

Finding find(int status, std::string_view body) {
  return find_in_answer(status, {}, body);
}

}  // namespace

TEST_CASE("each finding has its row", "[outcome]") {
  REQUIRE(outcome_table().size() == static_cast<std::size_t>(Finding::cancelled) + 1);
  for (const Outcome& row : outcome_table()) {
    CHECK(&outcome_of(row.finding) == &row);
    CHECK((row.scope == routing::Scope::nothing) == (row.period == Period::none));
    CHECK(row.verbatim == (row.kind == FailureKind::request_rejected));
    if (row.verbatim) CHECK(row.then == Then::stop);
    CHECK(after_output(row).then == Then::stop);
    CHECK(after_output(row).period == row.period);
  }
}

TEST_CASE("the table holds the policy of each finding", "[outcome]") {
  constexpr std::string_view kinds[] = {
      "none",         "rate_limited", "quota",      "auth",    "model_not_found", "request_rejected",
      "server_error", "overloaded",   "bad_answer", "timeout", "network",         "cancelled"};
  constexpr std::string_view scopes[] = {"nothing", "provider", "model"};
  constexpr std::string_view periods[] = {"none",    "rate_limited", "server_error", "timeout",
                                          "network", "overloaded",   "bad_answer",   "until_reset"};
  std::string printed;
  for (const Outcome& row : outcome_table())
    printed += fmt::format(
        "{} {} {} {} {}{}\n", kinds[static_cast<std::size_t>(row.kind)],
        scopes[static_cast<std::size_t>(row.scope)], periods[static_cast<std::size_t>(row.period)],
        row.then == Then::stop ? "stop" : "next", row.client_status, row.verbatim ? " verbatim" : "");
  CHECK(printed ==
        "network provider network next 502\n"                // unreachable
        "timeout provider timeout next 504\n"                // connect_timed_out
        "timeout provider timeout next 504\n"                // no_output_in_time
        "auth provider until_reset next 503\n"               // key_refused
        "quota provider until_reset next 503\n"              // quota_spent
        "request_rejected nothing none stop 0 verbatim\n"    // moderated
        "rate_limited model rate_limited next 429\n"         // rate_limited
        "model_not_found model until_reset next 404\n"       // model_missing
        "bad_answer model bad_answer next 502\n"             // not_an_api
        "request_rejected nothing none stop 0 verbatim\n"    // request_refused
        "request_rejected nothing none stop 400 verbatim\n"  // refused_inside_5xx
        "server_error model server_error next 0\n"           // server_error
        "overloaded model overloaded next 503\n"             // overloaded
        "timeout model timeout next 504\n"                   // request_timed_out
        "network provider network next 502\n"                // redirect
        "bad_answer model bad_answer next 502\n"             // bad_answer
        "bad_answer model bad_answer next 502\n"             // no_output
        "bad_answer model bad_answer next 502\n"             // sse_to_plain
        "network model network stop 502\n"                   // cut_after_output
        "timeout model timeout stop 504\n"                   // stalled_after_output
        "server_error model server_error stop 502\n"         // error_after_output
        "cancelled nothing none stop 499\n");                // cancelled
}

TEST_CASE("a bare status says enough", "[outcome]") {
  for (const int status : {401, 403})
    CHECK(find(status, "") == Finding::key_refused);
  CHECK(find(402, "") == Finding::quota_spent);
  CHECK(find(404, "") == Finding::not_an_api);
  CHECK(find(408, "") == Finding::request_timed_out);
  CHECK(find(429, "") == Finding::rate_limited);
  for (const int status : {400, 405, 406, 409, 410, 411, 413, 415, 418, 422, 424, 425, 431, 451, 498, 499})
    CHECK(find(status, "") == Finding::request_refused);
  for (const int status : {500, 501, 502, 503, 504, 505, 507, 511, 520, 522, 524, 530, 599})
    CHECK(find(status, "") == Finding::server_error);
  CHECK(find(529, "") == Finding::overloaded);
  for (const int status : {300, 301, 302, 303, 304, 307, 308, 399})
    CHECK(find(status, "") == Finding::redirect);
  for (const int status : {0, -1, 100, 199, 200, 204, 299, 600, 999})
    CHECK(find(status, "") == Finding::bad_answer);
}

TEST_CASE("quota codes and texts count with any status", "[outcome]") {
  for (const int status : {400, 401, 403, 404, 409, 422, 429, 500, 503}) {
    for (const char* code :
         {"insufficient_quota", "insufficient_user_quota", "billing_not_active", "INSUFFICIENT_QUOTA"})
      CHECK(find(status, error(code, "")) == Finding::quota_spent);
    for (const char* text :
         {"Your credit balance is too low to access", "该令牌额度已用尽", "您的账户已欠费,请充值后重试",
          "余额不足", "[sk-1***2] 该令牌额度已用尽", "Error: 账户余额不足"})
      CHECK(find(status, error("", text)) == Finding::quota_spent);
  }
  CHECK(find(302, error("insufficient_quota", "")) == Finding::redirect);
}

TEST_CASE("a 403 about the prompt shuts nobody out", "[outcome]") {
  CHECK(find(403, R"({"error":{"code":403,"message":"flagged","metadata":{"reasons":["x"]}}})") ==
        Finding::moderated);
  for (const char* code : {"content_policy_violation", "content_filter", "moderation_blocked"})
    CHECK(find(403, error(code, "")) == Finding::moderated);
  CHECK(find(403, error("", "forbidden")) == Finding::key_refused);
  CHECK(find(403, "<html>content policy</html>") == Finding::key_refused);
}

TEST_CASE("a missing model is one with 400, 404 and 503 only", "[outcome]") {
  for (const int status : {400, 404, 503}) {
    CHECK(find(status, error("model_not_found", "")) == Finding::model_missing);
    for (const char* text :
         {"The model `x` does not exist", "model x does not exist", "Model does not exist.",
          "当前分组 default 下对于模型 x 无可用渠道", "Model 'x' not found"})
      CHECK(find(status, error("", text)) == Finding::model_missing);
  }
  CHECK(find(500, error("model_not_found", "")) == Finding::server_error);
  CHECK(find(401, error("model_not_found", "")) == Finding::key_refused);
  CHECK(find(422, error("model_not_found", "")) == Finding::request_refused);
}

TEST_CASE("a 404 that is no error of an API may be a wrong URL", "[outcome]") {
  CHECK(find(404, "<html>model does not exist</html>") == Finding::not_an_api);
  CHECK(find_in_answer(404, {{"Content-Type", "text/html"}}, "model not found") == Finding::not_an_api);
  CHECK(find(404, "{}") == Finding::not_an_api);
  CHECK(find(404, R"({"detail":"Not Found"})") == Finding::not_an_api);
  CHECK(find(404, error("", "No file with id x")) == Finding::request_refused);
}

TEST_CASE("the request's own fault is seen through a 5xx", "[outcome]") {
  for (const int status : {500, 502, 503, 520}) {
    CHECK(find(status, error("context_length_exceeded", "")) == Finding::refused_inside_5xx);
    CHECK(find(status, error("", "This model's maximum context length is 10")) ==
          Finding::refused_inside_5xx);
    CHECK(find(status, error("content_policy_violation", "")) == Finding::refused_inside_5xx);
  }
  CHECK(find(500, "<html>maximum context length</html>") == Finding::server_error);
}

TEST_CASE("overload goes before its status", "[outcome]") {
  for (const int status : {429, 500, 503, 529}) {
    CHECK(find(status, error("overloaded_error", "")) == Finding::overloaded);
    CHECK(find(status, error("", "当前分组上游负载已饱和，请稍后再试")) == Finding::overloaded);
  }
  CHECK(find(400, error("", "当前分组上游负载已饱和")) == Finding::request_refused);
}

TEST_CASE("what a client wrote shuts nobody out when it is echoed", "[outcome]") {
  for (const char* said :
       {"insufficient_quota", "invalid_api_key", "model_not_found", "The model x does not exist", "余额不足",
        "额度已用尽", "已欠费", "无可用渠道", "模型不存在", "Your credit balance is too low",
        "overloaded_error", "Insufficient Balance"}) {
    const std::string text = said;
    for (const std::string& message :
         {"Invalid value: '" + text + "'", "Invalid role " + text, "Unknown field: " + text,
          "'" + text + "' is not a role", "`" + text + "` is not of type 'object'",
          "[{'input': '" + text + "'}]", "无效的参数：" + text, "无效的参数 “" + text,
          "messages[0].role " + text, "unexpected token in <" + text + ">"}) {
      INFO(message);
      CHECK(find(400, error("invalid_value", message)) == Finding::request_refused);
      CHECK(find(422, error("", message)) == Finding::request_refused);
      CHECK(find(500, error("", message)) == Finding::server_error);
      CHECK(find(429, error("", message)) == Finding::rate_limited);
    }
  }
}

TEST_CASE("an error inside a 200 means what its words say", "[outcome]") {
  const auto inside = [](std::string_view body) { return find(200, body); };
  CHECK(inside(R"({"error":{"code":429}})") == Finding::rate_limited);
  CHECK(inside(R"({"error":{"code":401,"message":"m"}})") == Finding::key_refused);
  CHECK(inside(R"({"error":{"code":404,"message":"m"}})") == Finding::request_refused);
  CHECK(inside(R"({"error":{"code":408}})") == Finding::request_timed_out);
  CHECK(inside(R"({"error":{"code":502}})") == Finding::server_error);
  CHECK(inside(error("invalid_api_key", "")) == Finding::key_refused);
  CHECK(inside(error("rate_limit_exceeded", "")) == Finding::rate_limited);
  CHECK(inside(error("insufficient_quota", "")) == Finding::quota_spent);
  CHECK(inside(error("model_not_found", "")) == Finding::model_missing);
  CHECK(inside(error("content_filter", "")) == Finding::request_refused);
  CHECK(inside(error("context_length_exceeded", "")) == Finding::request_refused);
  CHECK(inside(R"({"error":{"type":"invalid_request_error","message":"m"}})") == Finding::request_refused);
  CHECK(inside(R"({"error":{"type":"api_error","message":"model 'x' not found"}})") ==
        Finding::model_missing);
  CHECK(inside(R"({"error":{"type":"server_error","message":"m"}})") == Finding::server_error);
  CHECK(inside(R"({"error":"something"})") == Finding::server_error);
  CHECK(inside(R"({"success":false})") == Finding::server_error);
  CHECK(inside("hello") == Finding::bad_answer);
}

TEST_CASE("the client sees a mapped status, and never that the provider's key is bad", "[outcome]") {
  for (const int status : {500, 502, 520, 200, 0})
    CHECK(client_status(Finding::server_error, status) == 502);
  CHECK(client_status(Finding::server_error, 503) == 503);
  CHECK(client_status(Finding::server_error, 504) == 504);
  CHECK(client_status(Finding::key_refused, 401) == 503);
  CHECK(client_status(Finding::request_refused, 422) == 422);
  CHECK(client_status(Finding::request_refused, 200) == 400);
  CHECK(client_status(Finding::moderated, 403) == 403);
  CHECK(client_status(Finding::refused_inside_5xx, 500) == 400);
  for (const Outcome& row : outcome_table()) {
    if (row.verbatim) continue;
    CHECK(client_status(row.finding, 401) != 401);
    CHECK(client_status(row.finding, 403) != 403);
    CHECK(client_status(row.finding, 200) >= 400);
  }
}

TEST_CASE("a failed transfer means what its phase makes of it", "[outcome]") {
  using F = TransferFailure;
  for (const F failure : {F::resolve, F::connect, F::tls, F::reset})
    CHECK(find_in_transfer(failure) == Finding::unreachable);
  CHECK(find_in_transfer(F::connect_timeout) == Finding::connect_timed_out);
  for (const F failure : {F::none, F::short_body, F::too_large, F::malformed})
    CHECK(find_in_transfer(failure) == Finding::bad_answer);
  CHECK(find_in_transfer(F::reset, Phase::before_output) == Finding::bad_answer);
  for (const F failure : {F::none, F::reset, F::short_body})
    CHECK(find_in_transfer(failure, Phase::after_output) == Finding::cut_after_output);
}
