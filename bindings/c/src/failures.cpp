#include "failures.h"

#include "base/json.h"

namespace airouter::c {
namespace {

struct Row {
  ErrorCode from;
  airouter_error_code to;
  const char* name;
};

constexpr Row table[] = {
    {ErrorCode::invalid_config, AIROUTER_ERROR_INVALID_CONFIG, "invalid_config"},
    {ErrorCode::invalid_request, AIROUTER_ERROR_INVALID_REQUEST, "invalid_request"},
    {ErrorCode::unknown_model, AIROUTER_ERROR_UNKNOWN_MODEL, "unknown_model"},
    {ErrorCode::no_provider, AIROUTER_ERROR_NO_PROVIDER, "no_provider"},
    {ErrorCode::all_providers_failed, AIROUTER_ERROR_ALL_PROVIDERS_FAILED, "all_providers_failed"},
    {ErrorCode::request_rejected, AIROUTER_ERROR_REQUEST_REJECTED, "request_rejected"},
    {ErrorCode::stream_broken, AIROUTER_ERROR_STREAM_BROKEN, "stream_broken"},
    {ErrorCode::timeout, AIROUTER_ERROR_TIMEOUT, "timeout"},
    {ErrorCode::overloaded, AIROUTER_ERROR_OVERLOADED, "overloaded"},
    {ErrorCode::cancelled, AIROUTER_ERROR_CANCELLED, "cancelled"},
};

airouter_error made(airouter_error_code code, const char* name, const Error& error) {
  json::Writer writer;
  writer.begin_object().key("code").string(name).key("message").string(error.message);
  writer.key("http_status").integer(http_status_of(error)).key("retry_after_s");
  if (error.retry_after) {
    writer.integer(error.retry_after->count());
  } else {
    writer.null();
  }
  writer.key("body").raw(error_body(error)).end_object();
  return {code, error.message, std::string(writer.text())};
}

airouter_error caught() {
  try {
    throw;
  } catch (const Exception& exception) {
    return to_c(exception.error());
  } catch (const InvalidArgument& mistake) {
    return made(AIROUTER_ERROR_INVALID_ARGUMENT, "invalid_argument",
                {.code = ErrorCode::invalid_request, .message = mistake.message});
  } catch (const std::bad_alloc&) {
    return made(AIROUTER_ERROR_INTERNAL, "internal",
                {.code = ErrorCode::overloaded, .message = "memory ran out here"});
  } catch (...) {
    return made(AIROUTER_ERROR_INTERNAL, "internal",
                {.code = ErrorCode::overloaded, .message = "something failed that nobody foresaw"});
  }
}

airouter_view view_of(const std::string& text) {
  return {text.c_str(), text.size()};
}

}  // namespace

airouter_error to_c(const Error& error) {
  for (const Row& row : table)
    if (row.from == error.code) return made(row.to, row.name, error);
  return made(AIROUTER_ERROR_INTERNAL, "internal", error);
}

void set_error(airouter_error** error, airouter_error value) noexcept {
  if (error != nullptr) *error = new (std::nothrow) airouter_error(std::move(value));
}

void set_caught(airouter_error** error) noexcept {
  try {
    set_error(error, caught());
  } catch (...) {
    // Not even memory for an error is left.
  }
}

}  // namespace airouter::c

extern "C" {

airouter_error_code airouter_error_code_of(const airouter_error* error) {
  return error == nullptr ? AIROUTER_OK : error->code;
}

airouter_view airouter_error_message(const airouter_error* error) {
  return error == nullptr ? airouter_view{"", 0} : airouter::c::view_of(error->message);
}

airouter_view airouter_error_json(const airouter_error* error) {
  return error == nullptr ? airouter_view{"", 0} : airouter::c::view_of(error->json);
}

void airouter_error_free(airouter_error* error) {
  delete error;
}

}  // extern "C"
