// A host that leaves SIGPIPE as it is lives on, whatever providers do to their connections.
#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <airouter/router.h>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/tls_front.h"
#include "support/catch.h"
#include "support/temp_folder.h"

namespace {

using namespace airouterd::demo;
using namespace std::chrono_literals;

constexpr int calls = 4;
constexpr std::size_t more_than_buffers_hold = 16'000'000;

// A process that dies of SIGPIPE. It is made while this one has a single thread, and waits to be told where
// the provider is.
class Host {
 public:
  Host() {
    REQUIRE(::pipe(to_child_.data()) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) run();
    ::close(std::exchange(to_child_[0], -1));
  }
  ~Host() {
    if (to_child_[1] >= 0) ::close(to_child_[1]);
    if (child_ > 0) ::kill(child_, SIGKILL), ::waitpid(child_, nullptr, 0);
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Sends it to a provider, and says how it ended.
  std::string result(const std::string& base_url) {
    REQUIRE(::write(to_child_[1], base_url.data(), base_url.size()) == static_cast<ssize_t>(base_url.size()));
    ::close(std::exchange(to_child_[1], -1));
    int status = 0;
    if (::waitpid(std::exchange(child_, -1), &status, 0) < 0) return "gone";
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit " + std::to_string(WEXITSTATUS(status));
  }

 private:
  [[noreturn]] void run() const {
    ::close(to_child_[1]);
    std::signal(SIGPIPE, SIG_DFL);
    ::alarm(60);
    std::string base_url(200, '\0');
    const ssize_t count = ::read(to_child_[0], base_url.data(), base_url.size());
    base_url.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    call(base_url);
    ::_exit(0);
  }

  static void call(const std::string& base_url) {
    airouter::Config config;
    config.providers.push_back(
        {.name = "rude", .base_url = base_url, .api_key = airouter::Secret("k"), .supported_models = {"m"}});
    airouter::Router router = airouter::Router::create(std::move(config)).value();
    const std::string body = R"({"model":"m","messages":[{"role":"user","content":")" +
                             std::string(more_than_buffers_hold, 'x') + R"("}]})";
    for (int i = 0; i < calls; ++i) {
      static_cast<void>(router.call(airouter::ChatRequest::parse(body).value()));
      ::usleep(50'000);  // what the provider does after its answer arrives here
      router.reset_health("rude");
    }
  }

  std::array<int, 2> to_child_{-1, -1};
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("a host without a handler survives providers that hang up, also over TLS", "[transport][tls]") {
  const bool with_tls = GENERATE(false, true);
  const std::string manner = GENERATE("resets", "closes", "answers early and closes", "answers and closes");
  CAPTURE(with_tls, manner);
  Behaviour behaviour{.on_request = {}, .read_bodies = manner == "answers and closes"};
  behaviour.on_request = [manner](const ReceivedRequest&, int) {
    const Script answer = manner.starts_with("answers") ? chat_answer("m", "text") : Script().pause(20ms);
    return manner == "resets" ? answer.reset() : answer.half_close().pause(20ms).close();
  };
  const TempFolder folder;
  const std::string certificate = folder.write("certificate.pem", "");
  ::setenv("SSL_CERT_FILE", certificate.c_str(), 1);
  Host host;
  {
    const ScriptedProvider provider(behaviour);
    std::optional<TlsFront> front;
    if (with_tls) front.emplace(provider.port(), TlsFront::Options{}).write_certificate(certificate);
    CHECK(host.result(with_tls ? front->base_url() : provider.base_url()) == "exit 0");
    CHECK(provider.request_count() >= calls);
  }
  ::unsetenv("SSL_CERT_FILE");
}
