#pragma once

#include <cassert>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <airouter/export.h>

namespace airouter {

// Why something could not be done. `describe` maps each to what an OpenAI-compatible front end answers.
enum class ErrorCode {
  invalid_config,        // the config cannot be used; the message lists every problem
  invalid_request,       // the client's request cannot be understood; no provider was touched
  unknown_model,         // no enabled provider serves this name, or every one of them says it does not exist
  no_provider,           // every candidate is disabled or cooling; nobody was dialled
  all_providers_failed,  // at least one provider was tried, and none could answer
  request_rejected,      // a provider's own 4xx about this very request, to be shown unchanged
  stream_broken,         // failed after output was delivered, when failing over is no longer possible
  timeout,               // the call's own total time ran out
  overloaded,            // a limit of this process was reached; trying again later may work
  cancelled,             // the caller left or asked to stop
};

// What an HTTP front end shows for an error code, in OpenAI's terms.
struct ErrorDescription {
  int http_status = 500;
  std::string_view type{};  // the `type` of OpenAI's error object
  std::string_view code{};  // the `code` of OpenAI's error object
};

// Never fails. Thread-safe.
AIROUTER_EXPORT ErrorDescription describe(ErrorCode code) noexcept;

struct Error {
  ErrorCode code{};
  std::string message{};  // UTF-8, one sentence for a person; never a key, a full URL or a prompt
  int http_status = 0;    // what an HTTP front end should answer; 0: the one of `describe(code)`
  std::optional<std::chrono::seconds> retry_after{};  // when trying again makes sense, 1 s … 60 s
  std::string body{}, content_type{};  // request_rejected only: the provider's own answer, if it is JSON
};

// The HTTP status to answer `error` with: its own, or the one its code stands for.
AIROUTER_EXPORT int http_status_of(const Error& error) noexcept;

// OpenAI's error object, `{"error":{"message","type","param","code"}}`, always with its four keys.
// For request_rejected it is the provider's own body where there is one.
AIROUTER_EXPORT std::string error_body(const Error& error);

// Thrown by Result::value() only.
class AIROUTER_EXPORT Exception : public std::exception {
 public:
  explicit Exception(Error error) : error_(std::move(error)) {}
  const char* what() const noexcept override { return error_.message.c_str(); }
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

// A value or an Error. Nothing throws across the library's API but `value()`, for callers who prefer
// exceptions.
// `*`, `->` and `error()` require the matching state; builds with asserts check it.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  explicit operator bool() const noexcept { return state_.index() == 0; }
  T& operator*() & noexcept { return *operator->(); }
  const T& operator*() const& noexcept { return *operator->(); }
  T&& operator*() && noexcept { return std::move(*operator->()); }
  T* operator->() noexcept {
    assert(*this && "the value of a result that is an error");
    return std::get_if<0>(&state_);
  }
  const T* operator->() const noexcept {
    assert(*this && "the value of a result that is an error");
    return std::get_if<0>(&state_);
  }
  const Error& error() const noexcept {
    assert(!*this && "the error of a result that is a value");
    return *std::get_if<1>(&state_);
  }

  // The value, or an Exception that carries the error.
  T value() && {
    if (!*this) throw Exception(error());
    return std::move(*std::get_if<0>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  explicit operator bool() const noexcept { return !error_; }
  const Error& error() const noexcept {
    assert(error_ && "the error of a result that is none");
    return *error_;
  }
  void value() && {
    if (error_) throw Exception(*std::move(error_));
  }

 private:
  std::optional<Error> error_{};
};

}  // namespace airouter
