#pragma once

#include <memory>

struct ssl_ctx_st;
struct x509_store_st;

namespace airouter::transport {

// The trusted certificates, loaded once and shared by all TLS connections: a store of one's own costs each of
// them 24 ms and 946 KB. Follows SSL_CERT_FILE and SSL_CERT_DIR as OpenSSL does, else the system's. Immutable
// after construction; thread-safe.
class CertificateStore {
 public:
  // Null if libcurl does not run on this OpenSSL, or nothing could be loaded: leave libcurl its own ways
  // then.
  static std::unique_ptr<CertificateStore> create();

  // Makes `context` trust these certificates.
  void apply_to(ssl_ctx_st* context) const noexcept;

 private:
  struct Free {
    void operator()(x509_store_st* store) const noexcept;
  };
  using Store = std::unique_ptr<x509_store_st, Free>;

  explicit CertificateStore(Store store) noexcept;

  Store store_;  // constant after construction
};

}  // namespace airouter::transport
