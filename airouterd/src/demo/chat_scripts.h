#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "demo/script.h"

// What OpenAI-compatible providers say, as scripts.
namespace airouterd::demo {

// A chat.completion object, and the chat.completion.chunk objects of a stream. JSON without a line break.
std::string chat_completion(std::string_view model, std::string_view content);
std::string role_chunk(std::string_view model);
std::string content_chunk(std::string_view model, std::string_view content);
std::string finish_chunk(std::string_view model);
std::string usage_chunk(std::string_view model, int input_tokens, int output_tokens);

// {"error":{…}} with its four keys.
std::string error_json(std::string_view message, std::string_view type, std::string_view code);

// A plain answer to a chat completion.
Script chat_answer(std::string_view model, std::string_view content);

// A streamed one: role, each of `words`, the finish reason, [DONE].
Script chat_stream(std::string_view model, const std::vector<std::string>& words,
                   std::chrono::milliseconds pause = {});

// An OpenAI error under `status`.
Script chat_error(int status, std::string_view message, std::string_view type, std::string_view code,
                  Headers more_headers = {});

// The `model` value of a request's body; empty if there is none.
std::string requested_model(std::string_view body);

// Whether a request's body asks for a stream.
bool asks_for_stream(std::string_view body);

}  // namespace airouterd::demo
