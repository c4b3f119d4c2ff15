#include "router.h"

#include <airouter.h>

#include <airouter/version.h>

#include "failures.h"
#include "texts.h"

using namespace airouter::c;

namespace {

constexpr const char* no_router = "the router is NULL";

airouter_router* create(airouter::Config config) {
  return new airouter_router{checked(airouter::Router::create(std::move(config)))};
}

std::string_view name(const char* text) {
  return input(text, AIROUTER_NUL_TERMINATED);
}

}  // namespace

extern "C" {

uint32_t airouter_abi_version(void) {
  return AIROUTER_ABI_VERSION;
}

const char* airouter_version(void) {
  return airouter::version();
}

airouter_router* airouter_router_create(const char* config, size_t length, airouter_error** error) {
  return guarded<airouter_router*>(
      error, nullptr, [&] { return create(checked(airouter::parse_config(input(config, length)))); });
}

airouter_router* airouter_router_from_file(const char* path, airouter_error** error) {
  return guarded<airouter_router*>(error, nullptr,
                                   [&] { return create(checked(airouter::load_config(name(path)))); });
}

void airouter_router_free(airouter_router* router) {
  delete router;
}

int airouter_router_reload(airouter_router* router, const char* config, size_t length,
                           airouter_error** error) {
  return guarded(error, -1, [&] {
    auto& given_router = given(router, no_router).router;
    given_router.reload(checked(airouter::parse_config(input(config, length)))).value();
    return 0;
  });
}

airouter_string airouter_router_models(const airouter_router* router, airouter_error** error) {
  return guarded(error, airouter_string{},
                 [&] { return owned(to_json(given(router, no_router).router.models())); });
}

airouter_string airouter_router_explain(const airouter_router* router, const char* model,
                                        airouter_error** error) {
  return guarded(error, airouter_string{},
                 [&] { return owned(to_json(given(router, no_router).router.explain(name(model)))); });
}

airouter_string airouter_router_health(const airouter_router* router, airouter_error** error) {
  return guarded(error, airouter_string{},
                 [&] { return owned(to_json(given(router, no_router).router.health())); });
}

int airouter_router_reset_health(airouter_router* router, const char* provider, const char* model,
                                 airouter_error** error) {
  return guarded(error, -1, [&] {
    given(router, no_router).router.reset_health(name(provider), model == nullptr ? "" : model);
    return 0;
  });
}

}  // extern "C"
