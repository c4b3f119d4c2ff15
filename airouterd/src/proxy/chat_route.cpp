#include "proxy/chat_route.h"

#include <memory>
#include <utility>

#include "base/text.h"
#include "http/error_reply.h"
#include "proxy/chat_stream.h"
#include "proxy/large_answer.h"
#include "proxy/models_route.h"
#include "store/request_facts.h"

namespace airouterd::proxy {
namespace {

using airouter::Call;
using airouter::Error;
using airouter::ErrorCode;

http::Headers answer_headers(const airouter::CallHead& head) {
  http::Headers headers = head.headers;
  headers.push_back({"x-airouter-provider", head.provider});
  headers.push_back({"x-airouter-model", head.model});
  headers.push_back({"x-airouter-attempts", std::to_string(head.attempts)});
  return headers;
}

http::Reply failure(const Call& call, bool is_draining) {
  const bool is_stopped = is_draining && call.error().code == ErrorCode::cancelled;
  http::Reply reply = http::error_reply(is_stopped ? shutdown_error() : call.error());
  const auto& attempts = call.summary().attempts;
  reply.headers.push_back({"x-airouter-attempts", std::to_string(attempts.size())});
  // A rejected request was decided by one provider; its verbatim answer should say whose it is.
  if (call.error().code == ErrorCode::request_rejected) {
    reply.headers.push_back({"x-airouter-provider", attempts.back().provider});
    reply.headers.push_back({"x-airouter-model", attempts.back().model});
  }
  reply.close = call.error().code == ErrorCode::cancelled;
  return reply;
}

// Long enough for the slowest lines that people use; a client that reads at the least pace at which it is not
// cut, 1 KiB/s, would keep an answer of 6 MB for an hour and a half.
airouter::TimePoint time_to_take(std::size_t bytes) {
  constexpr std::size_t bytes_per_second = std::size_t{64} * 1024;
  return std::chrono::steady_clock::now() + std::chrono::minutes(10) +
         std::chrono::seconds(bytes / bytes_per_second);
}

http::Headers stream_headers() {
  return {{"cache-control", "no-cache"}, {"x-accel-buffering", "no"}};
}

}  // namespace

http::Reply ChatRoute::handle(http::Request& request, const Caller& caller) const {
  using std::chrono::seconds;
  Gate::Ticket ticket = gate_.enter();
  if (!ticket) {
    return refuse(
        {ErrorCode::overloaded, "too many requests are in flight; max_in_flight bounds them", 0, seconds(1)});
  }
  // A drain may have begun since the request was let in, and may have found nothing in flight to wait for.
  if (ticket.is_draining()) return refuse(shutdown_error());
  return answer(request, caller, std::move(ticket));
}

http::Reply ChatRoute::answer(http::Request& request, const Caller& caller, Gate::Ticket ticket) const {
  auto body = request.read_body(limits_.body_bytes_max);
  if (!body) return refuse(body.error());
  auto chat = airouter::ChatRequest::parse(*std::move(body), request.headers);
  if (!chat) return refuse(chat.error());
  if (caller.models != nullptr && !caller.models->allow(chat->model()))
    return refuse(unknown_model(chat->model()));
  const bool is_stream = chat->is_stream();
  airouter::CallOptions options;
  options.interrupt = &request.interrupt();
  options.context = std::make_shared<const store::RequestFacts>(
      store::RequestFacts{request.request_id, request.method, request.path, std::string(caller.client_ip),
                          std::string(caller.key_id)});
  Call call = router_.open(*std::move(chat), options);
  return is_stream ? streamed(std::move(call), std::move(ticket), request.interrupt())
                   : plain(std::move(call), std::move(ticket));
}

http::Reply ChatRoute::refuse(const Error& error) const {
  on_refused_(error);
  return http::error_reply(error);
}

http::Reply ChatRoute::plain(Call call, Gate::Ticket ticket) const {
  http::Reply reply;
  for (;;) {
    switch (call.next(airouter::TimePoint::max())) {
      case Call::Event::committed:
        reply.headers = answer_headers(call.head());
        break;
      case Call::Event::data:
        if (call.data().size() >= LargeAnswer::bytes_min) {
          reply.stream_bytes = call.data().size();
          reply.stream = std::make_unique<LargeAnswer>(std::move(call), std::move(ticket),
                                                       time_to_take(*reply.stream_bytes));
          return reply;
        }
        reply.body = call.data();
        break;
      case Call::Event::idle:
        break;
      case Call::Event::end:
        return reply;
      case Call::Event::failed:
        return failure(call, ticket.is_draining());
    }
  }
}

// Until commit_after a failure can still be told by its status; later only by an event.
http::Reply ChatRoute::streamed(Call call, Gate::Ticket ticket, const airouter::Interrupt& client) const {
  http::Reply reply;
  switch (call.next(std::chrono::steady_clock::now() + limits_.commit_after)) {
    case Call::Event::failed:
      return failure(call, ticket.is_draining());
    case Call::Event::committed:
      reply.headers = answer_headers(call.head());
      break;
    default:
      reply.headers = {{"content-type", "text/event-stream"}};
      break;
  }
  for (auto& header : stream_headers())
    reply.headers.push_back(std::move(header));
  reply.stream =
      std::make_unique<ChatStream>(std::move(call), std::move(ticket), limits_.stream_keepalive, client);
  return reply;
}

}  // namespace airouterd::proxy
