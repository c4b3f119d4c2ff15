#include <cstdio>

#include <airouter/airouter.h>
#include <airouter/testing.h>

// A test as a user of the library would write it: the first provider fails, the second answers.
int main() {
  auto clock = std::make_shared<airouter::testing::FakeClock>();
  auto transport = std::make_shared<airouter::testing::ScriptedTransport>(clock);
  transport->add("a.test", airouter::testing::answer(500, "{}"));
  transport->add("b.test", airouter::testing::completion("Hello"));

  airouter::Config config;
  for (const char* name : {"a", "b"}) {
    airouter::Provider provider;
    provider.name = name;
    provider.base_url = std::string("https://") + name + ".test/v1";
    provider.weight = provider.name == "a" ? 1'000'000 : 1;
    provider.supported_models = {"m"};
    config.providers.push_back(provider);
  }
  auto router = airouter::Router::create(config, {.transport = transport, .clock = clock, .seed = 1}).value();
  auto request = airouter::ChatRequest::parse(R"({"model":"m","messages":[]})").value();
  const airouter::Response response = router.call(std::move(request)).value();
  std::printf("%s\n", airouter::testing::to_text(response.summary).c_str());
  return response.head.provider == "b" && response.head.attempts == 2 ? 0 : 1;
}
