#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <sys/resource.h>

#include <airouter/transport.h>

// Reads exchanges to their end and says in words what came.
namespace exchange_reader {

using airouter::Exchange;
using airouter::HttpRequest;
using airouter::Interrupt;
using airouter::TransferFailure;
using airouter::Transport;
using std::chrono::steady_clock;

inline std::string_view to_text(TransferFailure failure) {
  switch (failure) {
    case TransferFailure::none:
      return "none";
    case TransferFailure::resolve:
      return "resolve";
    case TransferFailure::connect:
      return "connect";
    case TransferFailure::tls:
      return "tls";
    case TransferFailure::connect_timeout:
      return "connect_timeout";
    case TransferFailure::reset:
      return "reset";
    case TransferFailure::short_body:
      return "short_body";
    case TransferFailure::too_large:
      return "too_large";
    case TransferFailure::malformed:
      return "malformed";
    case TransferFailure::no_resources:
      return "no_resources";
  }
  return "unknown";
}

inline std::string_view to_text(Exchange::Event event) {
  switch (event) {
    case Exchange::Event::head:
      return "head";
    case Exchange::Event::body:
      return "body";
    case Exchange::Event::end:
      return "end";
    case Exchange::Event::timeout:
      return "timeout";
    case Exchange::Event::interrupted:
      return "interrupted";
  }
  return "unknown";
}

inline HttpRequest post_to(const std::string& base_url, std::string_view body = "{}") {
  HttpRequest request;
  request.url = base_url + "/chat/completions";
  request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer k"}};
  request.body = body;
  request.connect_timeout = std::chrono::seconds(5);
  return request;
}

inline Exchange::Event wait(Exchange& exchange, std::chrono::milliseconds patience = std::chrono::seconds(5),
                            const Interrupt* interrupt = nullptr) {
  return exchange.wait(steady_clock::now() + patience, interrupt);
}

// "200 'body' none", "reset", "200 'bo' short_body", "200 'bo' timeout": head, body and how it ended.
inline std::string read_all(Exchange& exchange,
                            std::chrono::milliseconds patience = std::chrono::seconds(5)) {
  std::string said, body;
  const auto until = steady_clock::now() + patience;
  for (;;) {
    const auto event = exchange.wait(until, nullptr);
    if (event == Exchange::Event::head) {
      said = std::to_string(exchange.head().status) + " ";
    } else if (event == Exchange::Event::body) {
      body += exchange.body();
    } else {
      if (!said.empty()) said += "'" + body + "' ";
      return said += event == Exchange::Event::end ? to_text(exchange.failure()) : to_text(event);
    }
  }
}

inline std::string ask(Transport& transport, const HttpRequest& request,
                       std::chrono::milliseconds patience = std::chrono::seconds(5)) {
  return read_all(*transport.open(request), patience);
}

inline std::chrono::microseconds cpu_time_of_this_thread() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace exchange_reader
