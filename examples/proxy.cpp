// A server of one's own: OpenAI's chat completions, answered by whichever provider works.
#include <iostream>

#include <httplib.h>

#include <airouter/airouter.h>

// [proxy]
void refuse(httplib::Response& reply, const airouter::Error& error) {
  reply.status = airouter::http_status_of(error);
  reply.set_content(airouter::error_body(error), "application/json");
}

void answer(airouter::Router& router, const httplib::Request& question, httplib::Response& reply) {
  auto request = airouter::ChatRequest::parse(question.body);
  if (!request) return refuse(reply, request.error());
  const char* type = request->is_stream() ? "text/event-stream" : "application/json";
  auto call = std::make_shared<airouter::Call>(router.open(*std::move(request)));
  // Providers are tried in here. Once one has shown output, it is the one.
  if (call->next(airouter::TimePoint::max()); !call->is_committed()) return refuse(reply, call->error());
  reply.set_header("x-provider", call->head().provider);
  reply.set_chunked_content_provider(type, [call](std::size_t, httplib::DataSink& sink) {
    const airouter::Call::Event event = call->next(airouter::TimePoint::max());
    if (event == airouter::Call::Event::data) return sink.write(call->data().data(), call->data().size());
    if (event == airouter::Call::Event::end) sink.done();
    return event == airouter::Call::Event::end;  // half an answer is cut, so that it never looks whole
  });
}

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: proxy CONFIG\n", 2;
  auto config = airouter::load_config(argv[1]);
  if (!config) return std::cerr << config.error().message << "\n", 1;
  airouter::Router router = airouter::Router::create(*std::move(config)).value();
  httplib::Server server;
  server.Post("/v1/chat/completions", [&](const auto& asked, auto& reply) { answer(router, asked, reply); });
  std::cout << "http://127.0.0.1:" << server.bind_to_any_port("127.0.0.1") << "/v1" << std::endl;
  return server.listen_after_bind() ? 0 : 1;
}
// [end]
