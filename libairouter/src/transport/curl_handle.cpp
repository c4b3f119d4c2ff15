#include "transport/curl_handle.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "base/limits.h"
#include "transport/certificate_store.h"
#include "transport/request_lines.h"

namespace airouter::transport {
namespace {

// libcurl 8 keeps it as long as the handle, idle or not: its default of 64 KiB times all idle connections is
// what a burst would leave behind.
constexpr long upload_buffer_bytes = 16L * 1024;

// Each call under way has one: half of libcurl's default, of a thousand streams 8 MB.
constexpr long receive_buffer_bytes = 8L * 1024;

TimePoint now() {
  return std::chrono::steady_clock::now();
}

// Errors of this machine's making.
bool is_shortage(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// The bytes that ever came on a socket; 0 where the kernel does not tell.
std::uint64_t received_on(curl_socket_t socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (socket == CURL_SOCKET_BAD || ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return 0;
  return info.tcpi_bytes_received;
}

}  // namespace

std::unique_ptr<CurlHandle> CurlHandle::create(const CertificateStore* certificates) {
  std::unique_ptr<CurlHandle> handle(new CurlHandle);
  handle->multi_.reset(curl_multi_init());
  handle->easy_.reset(curl_easy_init());
  handle->url_.reset(curl_url());
  if (handle->multi_ == nullptr || handle->easy_ == nullptr || handle->url_ == nullptr) return nullptr;
  curl_multi_setopt(handle->multi_.get(), CURLMOPT_MAXCONNECTS, 1L);
  handle->set_constant_options(certificates);
  handle->set_callbacks();
  return handle;
}

CurlHandle::~CurlHandle() {
  detach();
  // The connection goes with the multi handle, and closing it calls back into this object.
  easy_.reset();
  multi_.reset();
}

void CurlHandle::set_constant_options(const CertificateStore* certificates) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  // 7.88 can report a reset HTTP/2 stream as a success.
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffer_bytes);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // Without it, ending a transfer blocks for as long as name lookup does.
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (certificates == nullptr) return;
  curl_easy_setopt(easy, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  curl_easy_setopt(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &CurlHandle::set_up_tls);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, const_cast<CertificateStore*>(certificates));
}

void CurlHandle::set_callbacks() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, message_.data());
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlHandle::on_head_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlHandle::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlHandle::before_request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlHandle::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlHandle::close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
}

bool CurlHandle::start(const HttpRequest& request, const UrlParts& url, ProxyUse proxy, TransferSink& sink) {
  CURL* easy = easy_.get();
  sink_ = &sink;
  guard_ = ResendGuard(url.is_tls);
  lacks_socket_ = false;
  message_[0] = '\0';
  driven_at_ = now();
  absences_ = 0;
  if (!set_lines(request) || !set_url(request.url)) return false;
  set_method(request);
  set_connect_timeout(request.connect_timeout);
  const char* given = proxy == ProxyUse::given ? request.proxy.c_str() : nullptr;
  curl_easy_setopt(easy, CURLOPT_PROXY, proxy == ProxyUse::none ? "" : given);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, proxy == ProxyUse::given ? "" : static_cast<const char*>(nullptr));
  attached_ = curl_multi_add_handle(multi_.get(), easy) == CURLM_OK;
  return attached_;
}

// Parsed once for all requests to one place: libcurl would take it apart and put it together for each. It
// needs the text as well, to tell of; and from the text alone it tells what is wrong with a URL that is none.
bool CurlHandle::set_url(const std::string& url) {
  if (url == url_text_) return true;
  CURL* easy = easy_.get();
  constexpr unsigned flags = CURLU_DISALLOW_USER | CURLU_PATH_AS_IS;
  const bool is_parsed = curl_url_set(url_.get(), CURLUPART_URL, url.c_str(), flags) == CURLUE_OK;
  url_text_ = is_parsed ? url : std::string();
  return curl_easy_setopt(easy, CURLOPT_URL, url.c_str()) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_CURLU, is_parsed ? url_.get() : nullptr) == CURLE_OK;
}

// libcurl counts whole milliseconds and is up to one early; 0 would be its own default of 5 minutes.
void CurlHandle::set_connect_timeout(std::chrono::milliseconds timeout) {
  connect_timeout_ = timeout;
  const auto count = std::max<std::chrono::milliseconds::rep>(0, timeout.count());
  curl_easy_setopt(easy_.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(count > 0 ? count + 1 : 0));
}

void CurlHandle::lengthen_connect_timeout(TimePoint::duration by) {
  if (connect_timeout_.count() > 0)
    set_connect_timeout(connect_timeout_ + std::chrono::ceil<std::chrono::milliseconds>(by));
}

void CurlHandle::set_method(const HttpRequest& request) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, static_cast<char*>(nullptr));
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request.method == "POST" || !request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  if (request.method != "POST" && request.method != "GET")
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

// A client's requests to one provider differ in their bodies, seldom in their heads.
bool CurlHandle::set_lines(const HttpRequest& request) {
  if (lines_source_ == request.headers) return true;
  lines_source_.reset();
  std::unique_ptr<curl_slist, FreeList> lines;
  for (const std::string& line : request_lines(request)) {
    curl_slist* longer = curl_slist_append(lines.get(), line.c_str());
    if (longer == nullptr) return false;
    if (lines == nullptr) lines.reset(longer);
  }
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, lines.get());
  lines_ = std::move(lines);
  lines_source_ = request.headers;
  return true;
}

bool CurlHandle::poll(int timeout_milliseconds, int extra_fd) {
  curl_waitfd extra{};
  extra.fd = extra_fd;
  extra.events = CURL_WAIT_POLLIN;
  const unsigned count = extra_fd >= 0 ? 1 : 0;
  if (guard_.has_sent()) {
    curl_multi_poll(multi_.get(), &extra, count, timeout_milliseconds, nullptr);
  } else {
    long timer = -1;
    curl_multi_timeout(multi_.get(), &timer);
    const long asked = timer < 0 ? timeout_milliseconds : std::min<long>(timer, timeout_milliseconds);
    const TimePoint begun = now();
    if (begun - driven_at_ >= limits::pause_min && absences_++ < limits::absences_max)
      lengthen_connect_timeout(begun - driven_at_);
    curl_multi_poll(multi_.get(), &extra, count, timeout_milliseconds, nullptr);
    const auto took = now() - begun;
    if (took - std::chrono::milliseconds(asked) >= limits::pause_min) lengthen_connect_timeout(took);
  }
  return count > 0 && extra.revents != 0;
}

std::optional<CURLcode> CurlHandle::perform() {
  int running = 0;
  const CURLMcode result = curl_multi_perform(multi_.get(), &running);
  if (!guard_.has_sent()) driven_at_ = now();
  if (result != CURLM_OK) return CURLE_FAILED_INIT;
  if (running > 0) return std::nullopt;
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi_.get(), &left);
  return message != nullptr && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
}

bool CurlHandle::resume() {
  return curl_easy_pause(easy_.get(), CURLPAUSE_CONT) == CURLE_OK;
}

bool CurlHandle::finish() {
  // Only an attached handle still knows its connection; libcurl has forgotten one that it closed.
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK) socket = CURL_SOCKET_BAD;
  detach();
  warm_socket_ = socket;
  return warm_socket_ != CURL_SOCKET_BAD;
}

void CurlHandle::detach() noexcept {
  if (attached_) curl_multi_remove_handle(multi_.get(), easy_.get());
  attached_ = false;
  sink_ = nullptr;
}

bool CurlHandle::is_connection_quiet() const noexcept {
  char byte = 0;
  const auto count = ::recv(warm_socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void CurlHandle::close_silently() const noexcept {
  if (warm_socket_ != CURL_SOCKET_BAD) ::close(warm_socket_);
}

// Only its words tell a name lookup that could not be started from one that found nothing.
bool CurlHandle::lacks_resources() const noexcept {
  constexpr std::string_view no_thread = "thread failed to start";
  return lacks_socket_ || std::string_view(message_.data()).find(no_thread) != std::string_view::npos;
}

std::size_t CurlHandle::on_head_line(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(bytes, size * count);
  TransferSink* sink = static_cast<CurlHandle*>(self)->sink_;
  return sink != nullptr && sink->on_head_line(line) ? line.size() : 0;
}

std::size_t CurlHandle::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::string_view piece(bytes, size * count);
  TransferSink* sink = static_cast<CurlHandle*>(self)->sink_;
  const auto intake = sink != nullptr ? sink->on_body(piece) : TransferSink::Intake::refused;
  if (intake == TransferSink::Intake::full) return CURL_WRITEFUNC_PAUSE;
  return intake == TransferSink::Intake::taken ? piece.size() : 0;
}

int CurlHandle::before_request(void* self, char*, char*, int, int) {
  auto& handle = *static_cast<CurlHandle*>(self);
  return handle.guard_.may_send(now(), received_on(handle.warm_socket_)) ? CURL_PREREQFUNC_OK
                                                                         : CURL_PREREQFUNC_ABORT;
}

curl_socket_t CurlHandle::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& handle = *static_cast<CurlHandle*>(self);
  if (is_never_dialled(address->addr) || !handle.guard_.may_connect(now())) return CURL_SOCKET_BAD;
  const curl_socket_t socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (socket < 0) handle.lacks_socket_ = is_shortage(errno);
  return socket;
}

int CurlHandle::close_socket(void* self, curl_socket_t socket) {
  auto& handle = *static_cast<CurlHandle*>(self);
  if (socket == handle.warm_socket_) {
    handle.guard_.on_closed(now(), received_on(socket));
    handle.warm_socket_ = CURL_SOCKET_BAD;
  }
  return ::close(socket);
}

CURLcode CurlHandle::set_up_tls(CURL*, void* context, void* certificates) {
  static_cast<const CertificateStore*>(certificates)->apply_to(static_cast<ssl_ctx_st*>(context));
  return CURLE_OK;
}

}  // namespace airouter::transport
