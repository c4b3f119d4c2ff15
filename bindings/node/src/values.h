#pragma once

#include <airouter.h>
#include <node_api.h>
#include <optional>
#include <string>
#include <vector>

// Between JavaScript's values and C++'s. Where something fails, a JavaScript exception is pending.

// The arguments of a call, and what the function was made with.
struct Arguments {
  Arguments(napi_env env, napi_callback_info info);
  std::vector<napi_value> values{};
  void* data = nullptr;
};

napi_value string_of(napi_env env, const std::string& text);
napi_value string_of(napi_env env, airouter_view view);
// A string, and one that C can end at a NUL. Nothing: it is none, and no exception is pending.
std::optional<std::string> text_of(napi_env env, napi_value value);
std::optional<std::string> name_of(napi_env env, napi_value value);

// Throws an Error whose `airouter` is the error's JSON, and frees the error.
void throw_error(napi_env env, airouter_error* error);
void throw_type_error(napi_env env, const char* message);
