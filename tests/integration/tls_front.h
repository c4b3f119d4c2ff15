#pragma once

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <list>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "support/catch.h"

// A TLS end in front of a plain port of 127.0.0.1, with a certificate of its own making. A thread per
// connection; the destructor ends them all. For tests only: every failure of OpenSSL is a failed test.
class TlsFront {
 public:
  struct Options {
    std::string subject_name = "IP:127.0.0.1";  // as openssl.cnf writes a subjectAltName
    int version_max = TLS1_3_VERSION;
  };

  TlsFront(int plain_port, const Options& options)
      : plain_port_(plain_port), context_(SSL_CTX_new(TLS_server_method())) {
    make_certificate(options.subject_name);
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions can be spoken at all
    SSL_CTX_set_min_proto_version(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), options.version_max);
    REQUIRE(SSL_CTX_use_certificate(context_.get(), certificate_.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1);
    listen_fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listen_fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listen_fd_, 64) == 0);
    ::getsockname(listen_fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_connections(); });
  }
  ~TlsFront() {
    ::eventfd_write(stop_fd_, 1);
    accepting_.join();
    for (auto& thread : connections_)
      thread.join();
    ::close(listen_fd_);
    ::close(stop_fd_);
  }
  TlsFront(const TlsFront&) = delete;
  TlsFront& operator=(const TlsFront&) = delete;

  std::string base_url(std::string_view host = "127.0.0.1") const {
    return "https://" + std::string(host) + ":" + std::to_string(port_) + "/v1";
  }

  int port() const { return port_; }

  // The certificate, for SSL_CERT_FILE.
  void write_certificate(const std::string& file) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
    REQUIRE(out != nullptr);
    REQUIRE(PEM_write_X509(out.get(), certificate_.get()) == 1);
  }

 private:
  template <auto function>
  struct Free {
    template <class T>
    void operator()(T* object) const noexcept {
      function(object);
    }
  };

  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<in_port_t>(port));
    return address;
  }

  void make_certificate(const std::string& subject_name) {
    key_.reset(EVP_EC_gen("P-256"));
    certificate_.reset(X509_new());
    X509* x509 = certificate_.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key_.get());
    const std::array<unsigned char, 5> name{'t', 'e', 's', 't', 0};
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, name.data(), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    const std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_name.c_str()));
    REQUIRE(X509_add_ext(x509, extension.get(), -1) == 1);
    REQUIRE(X509_sign(x509, key_.get(), EVP_sha256()) > 0);
  }

  void accept_connections() {
    for (;;) {
      std::array<pollfd, 2> fds{{{listen_fd_, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
      ::poll(fds.data(), fds.size(), -1);
      if (fds[1].revents != 0) return;
      const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) connections_.emplace_back([this, fd] { serve(fd); });
    }
  }

  void serve(int fd) {
    // OpenSSL writes without MSG_NOSIGNAL: this thread's signals are not those under test.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{2, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::unique_ptr<SSL, Free<SSL_free>> tls(SSL_new(context_.get()));
    SSL_set_fd(tls.get(), fd);
    if (SSL_accept(tls.get()) == 1) relay(tls.get(), fd);
    const timespec at_once{};
    while (::sigtimedwait(&pipe, nullptr, &at_once) > 0) {
    }
    ::close(fd);
  }

  void relay(SSL* tls, int fd) {
    const int plain = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(plain_port_);
    std::array<char, 16 * 1024> bytes;
    bool open = ::connect(plain, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    while (open) {
      std::array<pollfd, 3> fds{{{fd, POLLIN, 0}, {plain, POLLIN, 0}, {stop_fd_, POLLIN, 0}}};
      if (SSL_pending(tls) == 0) ::poll(fds.data(), fds.size(), -1);
      if (fds[2].revents != 0) break;
      if (fds[0].revents != 0 || SSL_pending(tls) > 0) {
        const int count = SSL_read(tls, bytes.data(), static_cast<int>(bytes.size()));
        open =
            count > 0 && ::send(plain, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
      } else if (fds[1].revents != 0) {
        const auto count = ::recv(plain, bytes.data(), bytes.size(), 0);
        if (count == 0) SSL_shutdown(tls);
        if (count < 0) reset_on_close(fd);
        open = count > 0 && SSL_write(tls, bytes.data(), static_cast<int>(count)) > 0;
      }
    }
    ::close(plain);
  }

  static void reset_on_close(int fd) {
    const linger at_once{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  // Constant after construction.
  const int plain_port_;
  std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context_;
  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key_{};
  std::unique_ptr<X509, Free<X509_free>> certificate_{};
  int listen_fd_ = -1, port_ = 0, stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
  std::thread accepting_{};

  // Used by the accepting thread, and joined after it.
  std::list<std::thread> connections_{};
};
