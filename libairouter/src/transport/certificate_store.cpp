#include "transport/certificate_store.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include <curl/curl.h>
#include <openssl/opensslv.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/text.h"

namespace airouter::transport {
namespace {

// Our SSL_CTX must be the one libcurl means: the same OpenSSL, active, of the same major version.
bool runs_on_openssl(const curl_version_info_data& version) {
  const std::string expected = "OpenSSL/" + std::to_string(OPENSSL_VERSION_MAJOR) + ".";
  return version.ssl_version != nullptr && text::starts_with_ignoring_case(version.ssl_version, expected);
}

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool exists(const char* path) {
  struct stat status {};
  return path != nullptr && ::stat(path, &status) == 0;
}

}  // namespace

void CertificateStore::Free::operator()(x509_store_st* store) const noexcept {
  X509_STORE_free(store);
}

CertificateStore::CertificateStore(Store store) noexcept : store_(std::move(store)) {}

std::unique_ptr<CertificateStore> CertificateStore::create() {
  const curl_version_info_data* version = curl_version_info(CURLVERSION_NOW);
  if (version == nullptr || !runs_on_openssl(*version)) return nullptr;
  Store store(X509_STORE_new());
  if (store == nullptr || X509_STORE_set_default_paths(store.get()) != 1) return nullptr;
  const bool named = is_set(X509_get_default_cert_file_env()) || is_set(X509_get_default_cert_dir_env());
  const bool found = exists(X509_get_default_cert_file()) || exists(X509_get_default_cert_dir());
  // An OpenSSL whose own paths lead nowhere, as in relocated builds: libcurl may know better.
  if (!named && !found) {
    const bool loaded =
        (version->cainfo != nullptr && X509_STORE_load_file(store.get(), version->cainfo) == 1) ||
        (version->capath != nullptr && X509_STORE_load_path(store.get(), version->capath) == 1);
    if (!loaded) return nullptr;
  }
  return std::unique_ptr<CertificateStore>(new CertificateStore(std::move(store)));
}

void CertificateStore::apply_to(ssl_ctx_st* context) const noexcept {
  SSL_CTX_set1_cert_store(context, store_.get());
}

}  // namespace airouter::transport
