#include <cstdio>
#include <string_view>

#include <airouter/airouter.h>

// The header and the library belong together, and a router works without anything else.
int main() {
  auto router = airouter::Router::create({});
  auto request = airouter::ChatRequest::parse(R"({"model":"m","messages":[]})");
  if (!router || !request) return 1;
  auto response = router->call(*std::move(request));
  if (response || response.error().code != airouter::ErrorCode::unknown_model) return 1;
  std::printf("airouter %s\n", airouter::version());
  return std::string_view(airouter::version()) == AIROUTER_VERSION ? 0 : 1;
}
