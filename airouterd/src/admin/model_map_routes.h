#pragma once

#include "admin/context.h"
#include "admin/request.h"
#include "http/message.h"

// /api/model-map: which models a name stands for; /api/route/explain: who would answer it.
namespace airouterd::admin {

http::Reply show_model_map(const Context& context, Request& request);
http::Reply replace_model_map(const Context& context, Request& request);  // {"model_map":{…}}
http::Reply add_mapping(const Context& context, Request& request);        // {unified_name, actual_models}
http::Reply set_mapping(const Context& context, Request& request);        // a bare list
http::Reply remove_mapping(const Context& context, Request& request);

// `?model=`; nothing is sent.
http::Reply explain_route(const Context& context, Request& request);

}  // namespace airouterd::admin
