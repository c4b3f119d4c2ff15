// An answer's text, streamed, from whichever provider works. The same program as smart.c, smart.py and
// smart.js.
#include <iostream>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 2) return std::cerr << "usage: smart CONFIG\n", 2;
  // [stream]
  auto router = airouter::Router::create(airouter::load_config(argv[1]).value()).value();
  const char* json = R"({"model":"smart","stream":true,"messages":[{"role":"user","content":"Hi"}]})";
  auto callbacks = airouter::text_callbacks([](std::string_view text) {
    std::cout << text << std::flush;
    return airouter::Flow::proceed;
  });
  callbacks.on_done = [](const airouter::Error* error, const airouter::CallSummary&) {
    if (error != nullptr) std::cerr << error->message << "\n";
  };
  router.stream(airouter::ChatRequest::parse(json).value(), callbacks);
  // [end]
}
