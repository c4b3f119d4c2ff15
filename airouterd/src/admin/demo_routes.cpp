#include "admin/demo_routes.h"

#include "admin/replies.h"
#include "base/json.h"

namespace airouterd::admin {

http::Reply trip_provider(const Context& context, Request& request) {
  if (!context.trip)
    return problem(request, 404, "not_found", {"only the demonstration has this", "仅演示模式提供此功能"});
  const std::string model = context.trip(request.name());
  if (model.empty())
    return problem(request, 404, "unknown_provider",
                   {"there is no provider of this name", "没有这个名称的服务商"});
  airouter::json::Writer writer;
  writer.begin_object().key("status").string("success");
  writer.key("message").string(request.in_language({"it fails for 60 s", "将故障 60 秒"}));
  writer.key("model").string(model).end_object();
  return json_reply(writer);
}

}  // namespace airouterd::admin
