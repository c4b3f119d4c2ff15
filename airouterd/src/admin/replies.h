#pragma once

#include <string_view>

#include "admin/request.h"
#include "base/json.h"
#include "http/message.h"

// How the admin API answers.
namespace airouterd::admin {

http::Reply json_reply(const airouter::json::Writer& writer, int status = 200);

// 200 `{"status":"success","message":…}`: something was written.
http::Reply success(const Request& request, const Sentence& message);

// `{"detail":…,"code":…}`. `code` is stable, for programs; `detail` is in the reader's language.
http::Reply problem(const Request& request, int status, std::string_view code, const Sentence& detail);

}  // namespace airouterd::admin
