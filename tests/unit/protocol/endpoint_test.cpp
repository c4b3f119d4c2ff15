#include "protocol/endpoint.h"

#include "support/catch.h"

using airouter::protocol::chat_url;

TEST_CASE("the endpoint follows from the base URL", "[endpoint]") {
  CHECK(chat_url("https://a.example/v1") == "https://a.example/v1/chat/completions");
  CHECK(chat_url("https://a.example/v1///") == "https://a.example/v1/chat/completions");
  CHECK(chat_url("https://a.example") == "https://a.example/v1/chat/completions");
  CHECK(chat_url("http://127.0.0.1:8080/") == "http://127.0.0.1:8080/v1/chat/completions");
  CHECK(chat_url("http://[::1]:1") == "http://[::1]:1/v1/chat/completions");
  CHECK(chat_url("https://a.example/openai/deployments/x") ==
        "https://a.example/openai/deployments/x/chat/completions");
  CHECK(chat_url("https://a.example/v4/chat/completions/") == "https://a.example/v4/chat/completions");
  CHECK(chat_url("https://a.example/chat/completions") == "https://a.example/chat/completions");
}
