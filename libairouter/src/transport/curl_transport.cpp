#include <memory>
#include <new>

#include <curl/curl.h>

#include <airouter/transport.h>

#include "transport/curl_exchange.h"
#include "transport/handle_pool.h"

namespace airouter {
namespace {

// Thread-safe; exchanges may outlive it.
class CurlTransport final : public Transport {
 public:
  std::unique_ptr<Exchange> open(const HttpRequest& request) override {
    return std::make_unique<transport::CurlExchange>(pool_, request);
  }

 private:
  const std::shared_ptr<transport::HandlePool> pool_ =
      std::make_shared<transport::HandlePool>();  // own synchronization
};

}  // namespace

std::shared_ptr<Transport> make_curl_transport() {
  // Never undone: nobody can know whether the program around uses libcurl, too.
  [[maybe_unused]] static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  return std::make_shared<CurlTransport>();
}

}  // namespace airouter
