#include "transport/handle_pool.h"

#include <chrono>
#include <utility>

namespace airouter::transport {

HandlePool::~HandlePool() {
  if (::getpid() != process_) forget_those_of_parent();
}

std::unique_ptr<CurlHandle> HandlePool::take(const std::string& origin, bool is_tls) {
  {
    const std::lock_guard lock(mutex_);
    if (::getpid() != process_) forget_those_of_parent();
    shelf_.begin(origin, std::chrono::steady_clock::now());
  }
  while (auto handle = take_idle(origin))
    if (handle->is_connection_quiet()) return handle;
  const CertificateStore* trusted = is_tls ? certificates() : nullptr;
  if (auto handle = CurlHandle::create(trusted)) return handle;
  close_idle();
  return CurlHandle::create(trusted);
}

void HandlePool::close_idle() {
  Handles dropped;  // outlives the lock
  const std::lock_guard lock(mutex_);
  dropped = shelf_.clear();
}

void HandlePool::put(const std::string& origin, std::unique_ptr<CurlHandle> handle) {
  Handles dropped;  // outlives the lock
  const std::lock_guard lock(mutex_);
  dropped = shelf_.put(origin, std::move(handle), std::chrono::steady_clock::now());
}

void HandlePool::drop(const std::string& origin, std::unique_ptr<CurlHandle> handle) {
  handle.reset();
  const std::lock_guard lock(mutex_);
  shelf_.finish(origin, std::chrono::steady_clock::now());
}

std::unique_ptr<CurlHandle> HandlePool::take_idle(const std::string& origin) {
  const std::lock_guard lock(mutex_);
  return shelf_.take(origin).value_or(nullptr);
}

// After a fork they belong to the parent, which still talks on them: not a byte may go out from here. Their
// memory is given up, since libcurl would say good-bye to the peer.
void HandlePool::forget_those_of_parent() {
  process_ = ::getpid();
  for (auto& handle : shelf_.clear())
    handle.release()->close_silently();
}

const CertificateStore* HandlePool::certificates() {
  std::call_once(certificates_once_, [this] { certificates_ = CertificateStore::create(); });
  return certificates_.get();
}

}  // namespace airouter::transport
