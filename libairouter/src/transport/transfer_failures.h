#pragma once

#include <array>

#include <curl/curl.h>

#include <airouter/transport.h>

namespace airouter::transport {

// CURLE_TOO_LARGE of newer releases: a head beyond libcurl's own limits.
inline constexpr auto curle_too_large = static_cast<CURLcode>(100);

struct FailureRow {
  CURLcode code{};
  TransferFailure failure{};
};

// What libcurl's results mean. Results that are not listed are resets.
inline constexpr std::array<FailureRow, 29> failure_table{{
    {CURLE_OK, TransferFailure::none},
    {CURLE_COULDNT_RESOLVE_HOST, TransferFailure::resolve},
    {CURLE_COULDNT_RESOLVE_PROXY, TransferFailure::resolve},
    {CURLE_COULDNT_CONNECT, TransferFailure::connect},
    {CURLE_PROXY, TransferFailure::connect},
    {CURLE_URL_MALFORMAT, TransferFailure::connect},
    {CURLE_LOGIN_DENIED, TransferFailure::connect},  // a user name in the URL
    {CURLE_INTERFACE_FAILED, TransferFailure::connect},
    {CURLE_FAILED_INIT, TransferFailure::connect},
    {CURLE_SSL_CONNECT_ERROR, TransferFailure::tls},
    {CURLE_PEER_FAILED_VERIFICATION, TransferFailure::tls},
    {CURLE_SSL_CERTPROBLEM, TransferFailure::tls},
    {CURLE_SSL_CIPHER, TransferFailure::tls},
    {CURLE_SSL_CACERT_BADFILE, TransferFailure::tls},
    {CURLE_SSL_ISSUER_ERROR, TransferFailure::tls},
    {CURLE_SSL_INVALIDCERTSTATUS, TransferFailure::tls},
    {CURLE_USE_SSL_FAILED, TransferFailure::tls},
    {CURLE_OPERATION_TIMEDOUT, TransferFailure::connect_timeout},  // libcurl is given no other timeout
    {CURLE_PARTIAL_FILE, TransferFailure::short_body},
    {CURLE_OUT_OF_MEMORY, TransferFailure::too_large},  // what 7.88 calls a head line of more than 100 KB
    {curle_too_large, TransferFailure::too_large},
    {CURLE_FILESIZE_EXCEEDED, TransferFailure::too_large},
    {CURLE_UNSUPPORTED_PROTOCOL, TransferFailure::malformed},  // HTTP/0.9; schemes are checked before
    {CURLE_WEIRD_SERVER_REPLY, TransferFailure::malformed},
    {CURLE_BAD_CONTENT_ENCODING, TransferFailure::malformed},
    {CURLE_GOT_NOTHING, TransferFailure::reset},
    {CURLE_SEND_ERROR, TransferFailure::reset},
    {CURLE_RECV_ERROR, TransferFailure::reset},
    {CURLE_ABORTED_BY_CALLBACK, TransferFailure::reset},  // a second sending was refused
}};

constexpr TransferFailure failure_of(CURLcode code) noexcept {
  for (const FailureRow& row : failure_table)
    if (row.code == code) return row.failure;
  return TransferFailure::reset;
}

}  // namespace airouter::transport
