#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <airouter/transport.h>

#include "transport/address_rules.h"
#include "transport/resend_guard.h"

namespace airouter::transport {

class CertificateStore;

// Where a handle's transfer puts what comes. Called only from within CurlHandle::perform and resume.
class TransferSink {
 public:
  enum class Intake {
    taken,
    full,
    refused
  };  // full: give it again after `resume`; refused: end the transfer

  virtual ~TransferSink() = default;
  virtual bool on_head_line(std::string_view line) = 0;  // false: refused
  virtual Intake on_body(std::string_view bytes) = 0;
};

// One easy handle in a multi handle of its own, and the connection that it keeps warm between requests.
// Options that never change are set once. Used by one thread at a time; destroying it closes its connection
// without waiting.
class CurlHandle {
 public:
  // Null without memory or descriptors. `certificates` may be null, else must outlive the handle.
  static std::unique_ptr<CurlHandle> create(const CertificateStore* certificates);
  ~CurlHandle();
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  // Sets up a transfer; nothing is sent yet. `request.body` and `sink` must outlive it. False: no memory.
  bool start(const HttpRequest& request, const UrlParts& url, ProxyUse proxy, TransferSink& sink);

  // Waits for the network or `extra_fd` (-1: none). True: `extra_fd` is ready. Time in which this process was
  // stopped is added to the time for connecting, and some times in which nobody waited.
  bool poll(int timeout_milliseconds, int extra_fd);

  // Does what can be done without waiting. Its result once the transfer is over.
  std::optional<CURLcode> perform();

  // Gives again what the sink had no room for. False: the transfer failed.
  bool resume();

  // Ends a transfer that is over. True: its connection stands and can be used again.
  bool finish();

  // Whether the connection that waits is still silent. What a server says unasked, a farewell included, must
  // never be taken for the answer to the next request.
  bool is_connection_quiet() const noexcept;

  // Closes the connection that waits without a word to the peer; for an object that is never destroyed.
  void close_silently() const noexcept;

  // Whether libcurl wanted to send the request again and was not allowed to.
  bool is_resend_denied() const noexcept { return guard_.is_denied(); }

  // Whether the transfer failed for want of a descriptor, memory or a thread of this process.
  bool lacks_resources() const noexcept;

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct FreeMulti {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };
  struct FreeUrl {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  CurlHandle() = default;
  void set_constant_options(const CertificateStore* certificates);
  void set_callbacks();
  bool set_url(const std::string& url);
  void set_method(const HttpRequest& request);
  bool set_lines(const HttpRequest& request);
  void set_connect_timeout(std::chrono::milliseconds timeout);
  void lengthen_connect_timeout(TimePoint::duration by);
  void detach() noexcept;

  static std::size_t on_head_line(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int before_request(void* self, char*, char*, int, int);
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int close_socket(void* self, curl_socket_t socket);
  static CURLcode set_up_tls(CURL*, void* context, void* certificates);

  // Used by one thread at a time.
  std::unique_ptr<CURLM, FreeMulti> multi_{};
  std::unique_ptr<CURLU, FreeUrl> url_{};
  std::string url_text_{};  // what url_ was made of
  std::unique_ptr<curl_slist, FreeList> lines_{};
  std::optional<Headers> lines_source_{};  // what lines_ were made of
  std::unique_ptr<CURL, FreeEasy> easy_{};
  TransferSink* sink_ = nullptr;  // of the transfer under way
  ResendGuard guard_{};
  bool lacks_socket_ = false;
  std::chrono::milliseconds connect_timeout_{};
  TimePoint driven_at_{};  // until the request is sent: when the transfer last did what it could
  int absences_ = 0;       // how often nobody drove it meanwhile
  std::array<char, CURL_ERROR_SIZE> message_{};  // libcurl's, of the transfer
  curl_socket_t warm_socket_ = CURL_SOCKET_BAD;  // libcurl's, as long as it stands
  bool attached_ = false;
};

}  // namespace airouter::transport
