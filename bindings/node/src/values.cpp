#include "values.h"

Arguments::Arguments(napi_env env, napi_callback_info info) : values(8) {
  std::size_t count = values.size();
  napi_get_cb_info(env, info, &count, values.data(), nullptr, &data);
}

napi_value string_of(napi_env env, const std::string& text) {
  return string_of(env, airouter_view{text.c_str(), text.size()});
}

napi_value string_of(napi_env env, airouter_view view) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, view.bytes, view.length, &value);
  return value;
}

std::optional<std::string> text_of(napi_env env, napi_value value) {
  std::size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return std::nullopt;
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

std::optional<std::string> name_of(napi_env env, napi_value value) {
  auto name = text_of(env, value);
  return name && name->find('\0') == std::string::npos ? name : std::nullopt;
}

void throw_error(napi_env env, airouter_error* error) {
  napi_value exception = nullptr;
  napi_create_error(env, nullptr, string_of(env, airouter_error_message(error)), &exception);
  napi_set_named_property(env, exception, "airouter", string_of(env, airouter_error_json(error)));
  airouter_error_free(error);
  napi_throw(env, exception);
}

void throw_type_error(napi_env env, const char* message) {
  napi_throw_type_error(env, nullptr, message);
}
