// Counts what each provider did, by an observer of its own. Asks the same several times.
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <mutex>

#include <airouter/airouter.h>

class Counter final : public airouter::Observer {
 public:
  void on_attempt(const airouter::CallSummary&, const airouter::Attempt& attempt) noexcept override {
    const std::scoped_lock lock(mutex_);
    ++counts_[attempt.provider + ": " + std::string(airouter::to_string(attempt.failure))];
  }
  void print() const {
    const std::scoped_lock lock(mutex_);
    for (const auto& [what, count] : counts_)
      std::cout << what << " × " << count << "\n";
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: observer CONFIG REQUEST\n", 2;
  std::ifstream file(argv[2]);
  const std::string json(std::istreambuf_iterator<char>(file), {});
  auto config = airouter::load_config(argv[1]);
  auto request = airouter::ChatRequest::parse(json);
  if (!config || !request) return std::cerr << (config ? request.error() : config.error()).message << "\n", 1;
  const auto counter = std::make_shared<Counter>();
  auto router = airouter::Router::create(*config, {.observer = counter});
  if (!router) return std::cerr << router.error().message << "\n", 1;
  for (int i = 0; i < 5; ++i)
    if (auto response = router->call(*request); !response) std::cerr << response.error().message << "\n";
  counter->print();
}
