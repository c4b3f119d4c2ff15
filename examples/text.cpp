// Prints an answer's text as it comes, whichever provider sends it. The request is a file of JSON.
#include <fstream>
#include <iostream>
#include <iterator>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: text CONFIG REQUEST\n";
    return 2;
  }
  std::ifstream file(argv[2]);
  const std::string json(std::istreambuf_iterator<char>(file), {});
  try {
    // [text]
    auto router = airouter::Router::create(airouter::load_config(argv[1]).value()).value();
    bool is_whole = false;
    auto callbacks = airouter::text_callbacks([](std::string_view text) {
      std::cout << text << std::flush;
      return airouter::Flow::proceed;
    });
    callbacks.on_done = [&](const airouter::Error* error, const auto&) { is_whole = error == nullptr; };
    router.stream(airouter::ChatRequest::parse(json).value(), callbacks);
    // [end]
    std::cout << (is_whole ? "\n" : "\n(it broke off)\n");
    return is_whole ? 0 : 1;
  } catch (const airouter::Exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
