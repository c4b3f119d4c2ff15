#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/limits.h"
#include "transport/certificate_store.h"
#include "transport/curl_handle.h"
#include "transport/idle_shelf.h"

namespace airouter::transport {

// Lends handles whose connections are warm, and makes new ones. Thread-safe; shared by the transport and its
// exchanges, which may outlive it. Handles are created, used and destroyed outside its lock.
class HandlePool {
 public:
  HandlePool() = default;
  ~HandlePool();
  HandlePool(const HandlePool&) = delete;
  HandlePool& operator=(const HandlePool&) = delete;

  // A handle for `origin`, warm if there is one; null without memory. Give it back by `put` or `drop`, also
  // null.
  std::unique_ptr<CurlHandle> take(const std::string& origin, bool is_tls);

  // Its last transfer ended well, and its connection stands.
  void put(const std::string& origin, std::unique_ptr<CurlHandle> handle);

  // Descriptors have run out: better a cold connection than none.
  void close_idle();

  // It is of no further use.
  void drop(const std::string& origin, std::unique_ptr<CurlHandle> handle);

 private:
  using Handles = std::vector<std::unique_ptr<CurlHandle>>;

  static constexpr std::chrono::seconds idle_age_max{90};

  std::unique_ptr<CurlHandle> take_idle(const std::string& origin);
  void forget_those_of_parent();
  const CertificateStore* certificates();

  // Own synchronization.
  std::once_flag certificates_once_{};

  // Constant after certificates_once_. Before the shelf, whose handles refer to it.
  std::unique_ptr<CertificateStore> certificates_{};

  // Guarded by mutex_.
  std::mutex mutex_{};
  int process_ = ::getpid();  // whose connections are on the shelf
  IdleShelf<std::unique_ptr<CurlHandle>> shelf_{
      {limits::idle_connections_per_origin_max, limits::idle_connections_max, idle_age_max}};
};

}  // namespace airouter::transport
