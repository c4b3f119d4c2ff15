// An answer's text, streamed, from whichever provider works. The same program as smart.c, smart.py and
// smart.js.
#include <iostream>

#include <airouter/airouter.h>

int main(int argc, char** argv) try {
  if (argc != 2) return std::cerr << "usage: smart CONFIG\n", 2;
  // [stream]
  auto router = airouter::Router::create(airouter::load_config(argv[1]).value()).value();
  const char* json = R"({"model":"smart","stream":true,"messages":[{"role":"user","content":"Hi"}]})";
  airouter::Call call = router.open(airouter::ChatRequest::parse(json).value());
  using enum airouter::Call::Event;
  for (auto event = idle; event != end; event = call.next(airouter::TimePoint::max())) {
    if (event == data) std::cout << airouter::text_of(call.data()) << std::flush;
    if (event == failed) throw airouter::Exception(call.error());
  }
  // [end]
} catch (const airouter::Exception& exception) {
  std::cerr << exception.what() << "\n";
  return 1;
}
