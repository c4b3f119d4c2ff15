// Asks one question and prints the answer, whichever provider gives it.
#include <iomanip>
#include <iostream>
#include <sstream>

#include <airouter/airouter.h>

// The prompt must hold no control characters: std::quoted escapes only what else JSON wants escaped.
std::string question(const char* model, const char* prompt) {
  std::ostringstream json;
  json << R"({"model":)" << std::quoted(model) << R"(,"messages":[{"role":"user","content":)"
       << std::quoted(prompt) << "}]}";
  return json.str();
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: call CONFIG MODEL PROMPT\n";
    return 2;
  }
  try {
    // [call]
    airouter::Config config = airouter::load_config(argv[1]).value();
    airouter::Router router = airouter::Router::create(std::move(config)).value();
    auto request = airouter::ChatRequest::parse(question(argv[2], argv[3])).value();
    airouter::Response response = router.call(std::move(request)).value();
    std::cout << response.body << "\n";
    for (const airouter::Attempt& attempt : response.summary.attempts)
      std::cerr << attempt.provider << ": " << airouter::to_string(attempt.failure) << "\n";
    // [end]
  } catch (const airouter::Exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
