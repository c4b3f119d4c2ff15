// A client's request. Claims:
// - it is accepted if and only if another reader finds a JSON object with one usable model and no
// contradicting
//   duplicates;
// - model and stream are what that reader finds; the body is kept as it came;
// - the body for another model differs in the values of its top-level models alone;
// - a refusal is a sentence of printable text.
#include <algorithm>
#include <set>

#include <airouter/call.h>

#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"
#include "reference_json.h"

using namespace airouter;

namespace {

constexpr std::size_t duplicates_max = 16, name_bytes_max = 512;

struct Expected {
  bool is_usable = false, is_stream = false;
  std::string model{};
  std::vector<const reference::Member*> models{};
};

bool is_usable_name(std::string_view name) {
  return !text::trim(name).empty() && name.size() <= name_bytes_max &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Expected expected_of(std::string_view body, const reference::Json& parsed) {
  Expected out;
  if (!parsed.is_valid || !parsed.is_object) return out;
  std::set<std::string_view> streams;
  std::set<std::string> names;
  std::size_t stream_count = 0;
  bool is_odd = false;
  for (const reference::Member& member : parsed.members) {
    const std::string_view value = body.substr(member.begin, member.end - member.begin);
    if (member.key == "stream") {
      streams.insert(value);
      ++stream_count;
      out.is_stream = value == "true";
    }
    if (member.key != "model") continue;
    is_odd = is_odd || !member.is_string;
    names.insert(member.text);
    out.models.push_back(&member);
  }
  out.is_usable = !is_odd && names.size() == 1 && streams.size() <= 1 && is_usable_name(*names.begin()) &&
                  out.models.size() <= duplicates_max && stream_count <= duplicates_max;
  if (out.is_usable) out.model = *names.begin();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::text_of(data, size);
  const reference::Json parsed = reference::read_json(body);
  const Expected expected = expected_of(body, parsed);
  const Result<ChatRequest> request = ChatRequest::parse(std::string(body));
  fuzz::claim(static_cast<bool>(request) == expected.is_usable,
              "what is usable is accepted, and nothing else", request ? "accepted" : request.error().message);
  if (!request) {
    const std::string& message = request.error().message;
    fuzz::claim(request.error().code == ErrorCode::invalid_request, "it is the client's fault");
    fuzz::claim(message.ends_with('.') && text::printable(message) == message, "a refusal is a sentence",
                message);
    return 0;
  }
  fuzz::claim(request->body() == body, "the body is kept");
  fuzz::claim(request->model() == expected.model, "the model is the one that is asked for", request->model());
  fuzz::claim(request->is_stream() == expected.is_stream, "only `true` streams");

  const std::string other = "org/another:\"model\"";
  std::string replaced(body);
  for (auto model = expected.models.rbegin(); model != expected.models.rend(); ++model)
    replaced.replace((*model)->begin, (*model)->end - (*model)->begin, R"("org/another:\"model\"")");
  fuzz::claim(request->body_for(other) == replaced, "only the model changes", request->body_for(other));
  return 0;
}
