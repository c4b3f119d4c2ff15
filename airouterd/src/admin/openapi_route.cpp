#include "admin/openapi_route.h"

// The build says where the file is. The assembler puts it in as it stands, which costs no time and no memory.
__asm__(
    ".pushsection .rodata\n"
    ".global airouterd_openapi_begin\n"
    ".global airouterd_openapi_end\n"
    "airouterd_openapi_begin:\n"
    ".incbin \"" AIROUTERD_OPENAPI
    "\"\n"
    "airouterd_openapi_end:\n"
    ".popsection\n");

extern "C" {
extern const char airouterd_openapi_begin[];
extern const char airouterd_openapi_end[];
}

namespace airouterd::admin {

http::Reply show_openapi(const Context& /*context*/, Request& /*request*/) {
  return {.headers = {{"content-type", "application/json"}},
          .body = std::string(airouterd_openapi_begin, airouterd_openapi_end)};
}

}  // namespace airouterd::admin
