#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "demo/received_request.h"
#include "demo/script.h"

// What the providers behind the gateway do while a client library is tried, and what the library must make of
// it.
namespace clients {

// What one attempt gets.
using Turn = std::function<airouterd::demo::Script(const airouterd::demo::ReceivedRequest&)>;

// A model with providers of its own, so that no scenario cools what another one needs. Whichever of them is
// asked, the first attempt gets the first turn, and so on; later ones get the last.
struct Scenario {
  std::string model{};
  std::string
      asks{};  // "plain", "stream", "plain tools", "stream tools"; empty: the clients' code has it by name
  std::string expect{};  // "whole", or the code of the error that the client must see
  int attempts = 0;      // that providers must have seen afterwards
  std::vector<Turn> turns{};
  std::string timeouts{};  // of the providers, as in the config
};

std::vector<Scenario> scenarios();

// What a whole answer says: its text, or one line per tool call.
std::string whole_text();
std::string whole_calls();

// What the messages of errors hold, by their code: some libraries tell nothing else.
std::map<std::string, std::string> messages();

}  // namespace clients
