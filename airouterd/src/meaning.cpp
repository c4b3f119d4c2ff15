#include "meaning.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "base/text.h"

namespace airouterd {
namespace {

namespace json = airouter::json;
namespace text = airouter::text;

constexpr std::size_t lines_max = 50;  // of providers, and of mapped names

// The keys that AI-Router-Lite v0.4 knew.
constexpr std::array<std::string_view, 6> old_keys{"server_port",     "server_host", "max_retries",
                                                   "request_timeout", "model_map",   "providers"};

// What a key of the old program, or its absence, means otherwise here. An empty key: whatever the file says.
struct Difference {
  std::string_view key{}, note{};
};
constexpr std::array differences{
    Difference{"server_host",
               "server_host: taken at its word, but whoever is not on this machine needs a client key"},
    Difference{"request_timeout",
               "request_timeout: seconds without a byte; the old program meant the whole request, which is "
               "timeouts.total here, an hour"},
    Difference{"max_retries", "max_retries: attempts with the first one, each at another provider"},
    Difference{"", "the panel and /api want the admin token that the first start makes"},
    Difference{"", "429, 5xx and wrong answers take one model out at that provider, not the whole provider"},
    Difference{"", "an error of the request itself goes to the client at once; it is tried nowhere else"},
    Difference{"", "docs/differences.md has all of it, and how to have the old way back"},
};

std::string shown(std::string_view name) {
  return text::shortened(text::printable(name), 80);
}

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + shown(name);
  return text::shortened(list, 200);
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// As an `api_key` has it: the key itself is never told.
std::string_view key_state(const airouter::Provider& provider) {
  if (!provider.api_key.empty()) return "";
  return provider.api_key.masked().empty() ? ", no key" : ", its key cannot be found";
}

std::string server_line(const store::ServerConfig& server) {
  const std::string_view where =
      store::is_open_to_all(server.host) ? ", on every network of this machine" : "";
  return fmt::format("listens on {}:{}{}", shown(server.host), server.port, where);
}

std::string provider_line(const airouter::Config& routing, const airouter::Provider& provider) {
  if (!provider.enabled) return fmt::format("{}: off{}", shown(provider.name), key_state(provider));
  const airouter::Timeouts& timeouts = airouter::timeouts_of(routing, provider);
  return fmt::format("{}: weight {}, {}; given up after {} to connect, {} without output, {} of silence{}",
                     shown(provider.name), provider.weight,
                     counted(provider.supported_models.size(), "model"), text::duration(timeouts.connect),
                     text::duration(timeouts.first_output), text::duration(timeouts.idle),
                     key_state(provider));
}

class Lines {
 public:
  void title(std::string_view line) { all_ += fmt::format("\n{}\n", line); }
  void add(std::string_view line) { all_ += fmt::format("  {}\n", line); }

  template <class List, class Line>
  void add_all(const List& list, const Line& line) {
    for (std::size_t i = 0; i < std::min(list.size(), lines_max); ++i)
      add(line(list[i]));
    if (list.size() > lines_max) add(fmt::format("and {} more", list.size() - lines_max));
  }
  std::string take() { return std::move(all_); }

 private:
  std::string all_{};
};

}  // namespace

std::string meaning_of(const store::ParsedFile& parsed, const json::Value& root) {
  const airouter::Config& routing = parsed.routing;
  Lines lines;
  lines.title("What it means");
  lines.add(server_line(parsed.server));
  lines.add(fmt::format("a request has {}, each at another provider, and {} in all",
                        counted(static_cast<std::size_t>(routing.max_retries), "attempt"),
                        text::duration(routing.timeouts.total)));
  lines.add_all(routing.providers,
                [&](const airouter::Provider& provider) { return provider_line(routing, provider); });
  lines.add_all(routing.model_map, [](const airouter::ModelMapping& mapping) {
    return fmt::format("{} -> {}", shown(mapping.name), listed(mapping.models));
  });

  const auto is_old = [](const json::Member& member) {
    return std::find(old_keys.begin(), old_keys.end(), member.key) != old_keys.end();
  };
  const bool is_of_old_program =
      !root.members.empty() && std::all_of(root.members.begin(), root.members.end(), is_old);
  if (!is_of_old_program) return lines.take();
  lines.title("What differs from AI-Router-Lite v0.4");
  for (const Difference& difference : differences)
    if (difference.key.empty() || root.find(difference.key) != nullptr) lines.add(difference.note);
  return lines.take();
}

}  // namespace airouterd
