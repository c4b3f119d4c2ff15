#include "http/fence.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include <httplib.h>

namespace airouterd::http {
namespace {

// Travels in a field that only clients use, so that the library's callbacks find their exchange.
struct ExchangeLink {
  Exchange* exchange;
  bool operator()(const httplib::Response&) const { return true; }
};

Exchange* exchange_of(const httplib::Request& request) {
  const auto* const link = request.response_handler.target<ExchangeLink>();
  return link == nullptr ? nullptr : link->exchange;
}

// What the library takes for the connection. Nothing here says `override`: newer releases ask for functions
// that older ones do not have.
// NOLINTBEGIN(modernize-use-override)
class LibraryStream : public httplib::Stream {
 public:
  explicit LibraryStream(Exchange& exchange) : exchange_(exchange), head_(exchange.library_head()) {}

  bool is_readable() const { return true; }
  bool is_writable() const { return true; }
  bool wait_readable() const { return true; }
  bool wait_writable() const { return true; }
  time_t duration() const { return 0; }

  ssize_t read(char* to, std::size_t bytes) {
    if (head_read_ == head_.size()) return exchange_.read_raw(to, bytes);
    const auto taken = std::min(bytes, head_.size() - head_read_);
    std::memcpy(to, head_.data() + head_read_, taken);
    head_read_ += taken;
    return static_cast<ssize_t>(taken);
  }

  ssize_t write(const char* data, std::size_t bytes) {
    return exchange_.write_raw({data, bytes}) ? static_cast<ssize_t>(bytes) : -1;
  }

  void get_remote_ip_and_port(std::string&, int&) const {}
  void get_local_ip_and_port(std::string&, int&) const {}

  // The library refuses descriptors that select() cannot handle, and uses it for nothing else.
  socket_t socket() const { return 3; }

 private:
  Exchange& exchange_;
  const std::string head_;
  std::size_t head_read_ = 0;
};

// A request that comes from memory and a reply that goes nowhere.
class ProbeStream : public httplib::Stream {
 public:
  bool is_readable() const { return true; }
  bool is_writable() const { return true; }
  bool wait_readable() const { return true; }
  bool wait_writable() const { return true; }
  time_t duration() const { return 0; }
  ssize_t read(char* to, std::size_t bytes) {
    const auto taken = std::min(bytes, left_.size());
    std::memcpy(to, left_.data(), taken);
    left_.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char*, std::size_t bytes) { return static_cast<ssize_t>(bytes); }
  void get_remote_ip_and_port(std::string&, int&) const {}
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const { return 3; }

 private:
  std::string_view left_ = "GET / HTTP/1.1\r\nProbe: 1\r\n\r\n";
};
// NOLINTEND(modernize-use-override)

using Setup = std::function<void(httplib::Request&)>;

}  // namespace

// Thread-safe after construction, as the library's server is.
class Fence::Library final : public httplib::Server {
 public:
  explicit Library(Parts parts) : parts_(std::move(parts)) {
    Get("/", [this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response, nullptr);
    });
    Post("/", [this](const httplib::Request& request, httplib::Response& response,
                     const httplib::ContentReader& reader) {
      const Exchange::BodyDecoder decoder = [&](Exchange::BodyReceiver receiver) {
        return reader(std::move(receiver));
      };
      answer(request, response, &decoder);
    });
    set_post_routing_handler(
        [](const httplib::Request& request, httplib::Response& response) { clean_up(request, response); });
    set_payload_max_length((std::numeric_limits<std::size_t>::max)());  // handlers know their limits
    // The library cuts streams while it has no listener, and uses it for nothing else here.
    svr_sock_ = 0;
  }

  // Hands an accepted connection to a thread. Without one, it is refused here.
  void hand_on(int socket_fd) {
    bool is_started = false;
    try {
      is_started = parts_.start([this, socket_fd] { parts_.serve(socket_fd); });
    } catch (...) {  // memory ran out
    }
    if (!is_started) parts_.refuse(socket_fd);
  }

  template <class Self>
  static bool process(Self& self, httplib::Stream& stream, const Setup& setup) {
    bool is_closed = false;
    const std::string address;
    // Releases from 0.16 on ask for the addresses of both sides.
    if constexpr (requires {
                    self.process_request(stream, address, 0, address, 0, false, is_closed, setup);
                  }) {
      return self.process_request(stream, address, 0, address, 0, false, is_closed, setup);
    } else {
      return self.process_request(stream, false, is_closed, setup);
    }
  }

 private:
  void answer(const httplib::Request& request, httplib::Response& response,
              const Exchange::BodyDecoder* decoder) {
    auto* const exchange = exchange_of(request);
    if (exchange == nullptr) {
      response.status = 500;
      return;
    }
    auto& reply = exchange->answer(parts_.handler, decoder);
    response.status = reply.status;
    const bool has_body = reply.status != 204 && reply.status != 304;
    const bool is_streamed = has_body && reply.stream && exchange->method != "HEAD";
    if (is_streamed) {
      set_stream(*exchange, response);
    } else if (has_body && !reply.stream) {
      response.body = std::move(reply.body);
    }
  }

  static void set_stream(Exchange& exchange, httplib::Response& response) {
    static constexpr auto any_type = "application/octet-stream";  // the exchange sends the reply's own
    // Called once: a provider that is called for each piece is cut when the listener closes.
    const auto provider = [&exchange](std::size_t, httplib::DataSink& sink) {
      if (!exchange.run_stream(sink.write)) return false;
      sink.done();
      return true;
    };
    // This one is told by its length that it is done, and knows no other way.
    const auto sized = [&exchange](std::size_t, std::size_t, httplib::DataSink& sink) {
      return exchange.run_stream(sink.write);
    };
    if (exchange.reply().stream_bytes) {
      response.set_content_provider(*exchange.reply().stream_bytes, any_type, sized);
    } else if (exchange.is_http_1_0) {
      response.set_content_provider(any_type, provider);
    } else {
      response.set_chunked_content_provider(any_type, provider);
    }
  }

  // The exchange takes how the body is framed from the library's head, and nothing else: where there is no
  // body, there is no length either.
  static void clean_up(const httplib::Request& request, httplib::Response& response) {
    const auto* const exchange = exchange_of(request);
    if (exchange == nullptr) return;
    const bool is_bodiless = response.status == 204 || response.status == 304;
    if (is_bodiless || (exchange->method == "HEAD" && exchange->reply().stream))
      response.headers.erase("Content-Length");
  }

  const Parts parts_;  // constant after construction
};

Fence::Fence(Parts parts) : library_(std::make_unique<Library>(std::move(parts))) {}

Fence::~Fence() = default;

// A field behind those that exist or not by the macros the library was compiled with has its own known first
// value: if it is elsewhere for us, the library was compiled with other macros.
bool Fence::fits_library() {
  ProbeStream stream;
  bool fits = false;
  Library::process(*library_, stream, [&](httplib::Request& request) {
    fits = request.redirect_count_ == CPPHTTPLIB_REDIRECT_MAX_COUNT && request.content_length_ == 0 &&
           request.method == "GET" && !request.response_handler;
  });
  return fits;
}

// The library's own loop ends for good or spins, by its release, after an error of the system.
void Fence::accept_connections(const Listener& listener, const std::function<bool()>& is_closing) {
  constexpr std::chrono::milliseconds pause{5};
  while (!is_closing()) {
    const int socket_fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket_fd >= 0) {
      library_->hand_on(socket_fd);
    } else if (!is_closing()) {
      std::this_thread::sleep_for(pause);
    }
  }
}

bool Fence::process(Exchange& exchange) {
  LibraryStream stream(exchange);
  return Library::process(*library_, stream, [&](httplib::Request& request) {
    request.response_handler = ExchangeLink{&exchange};
  });
}

}  // namespace airouterd::http
