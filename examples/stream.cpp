// Prints an answer's events as they come, whichever provider sends them. The request is a file of JSON.
#include <fstream>
#include <iostream>
#include <iterator>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: stream CONFIG REQUEST   (REQUEST: a file with {\"model\":…,\"stream\":true,…})\n";
    return 2;
  }
  try {
    auto router = airouter::Router::create(airouter::load_config(argv[1]).value()).value();
    std::ifstream file(argv[2]);
    std::string body(std::istreambuf_iterator<char>(file), {});

    airouter::StreamCallbacks show;
    show.on_head = [](const airouter::CallHead& head) {
      std::cerr << "answered by " << head.provider << "\n";
      return airouter::Flow::proceed;
    };
    show.on_data = [](std::string_view events) {
      std::cout << events << std::flush;
      return airouter::Flow::proceed;
    };
    bool is_whole = false;
    show.on_done = [&](const airouter::Error* error, const airouter::CallSummary&) {
      is_whole = error == nullptr;
      if (error != nullptr) std::cerr << error->message << "\n";
    };
    router.stream(airouter::ChatRequest::parse(std::move(body)).value(), show);
    return is_whole ? 0 : 1;
  } catch (const airouter::Exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
