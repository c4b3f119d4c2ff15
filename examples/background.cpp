// Asks in the background, and gives up after a while.
#include <fstream>
#include <iostream>
#include <iterator>

#include <airouter/airouter.h>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: background CONFIG REQUEST MILLISECONDS\n";
    return 2;
  }
  std::ifstream file(argv[2]);
  const std::string json(std::istreambuf_iterator<char>(file), {});
  try {
    auto router = airouter::Router::create(airouter::load_config(argv[1]).value()).value();
    // [background]
    auto callbacks = airouter::text_callbacks([](std::string_view text) {
      std::cout << text << std::flush;
      return airouter::Flow::proceed;
    });
    callbacks.on_done = [](const airouter::Error* error, const airouter::CallSummary& summary) {
      std::cout << "\n"
                << (error ? error->message : "answered") << ", " << summary.attempts.size() << " tried\n";
    };
    auto request = airouter::ChatRequest::parse(json).value();
    airouter::CallHandle call = router.start(std::move(request), callbacks).value();
    if (!call.wait_for(std::chrono::milliseconds(std::stoi(argv[3])))) call.cancel();
    call.wait();
    // [end]
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
