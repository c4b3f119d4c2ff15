#include "store/client_keys_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <set>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"

namespace airouterd::store {
namespace {

namespace json = airouter::json;

// An entry as it is read.
struct Entry {
  ClientKeyFacts facts{};
  std::string plain_key{}, hash{};
};

std::optional<double> time_of(const json::Value& value) {
  if (value.is_number()) return json::to_double(value.text);
  std::tm time{};
  std::string text = value.text;
  std::replace(text.begin(), text.end(), 'T', ' ');
  if (!value.is_string() || ::strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &time) == nullptr)
    return std::nullopt;
  time.tm_isdst = -1;
  return static_cast<double>(std::mktime(&time));
}

bool take_text(const json::Value& value, std::string& target) {
  if (value.is_string()) target = value.text;
  return value.is_string();
}

bool take_count(const json::Value& value, std::int64_t max, std::int64_t& target) {
  const auto number = value.is_number() ? json::to_integer(value.text) : std::nullopt;
  if (!number || *number < 0) return false;
  target = std::min(*number, max);
  return true;
}

bool take_models(const json::Value& value, ClientKeyFacts& facts) {
  if (!value.is_array() ||
      !std::all_of(value.items.begin(), value.items.end(), [](const auto& item) { return item.is_string(); }))
    return false;
  facts.models.emplace();
  for (const json::Value& item : value.items)
    facts.models->push_back(item.text);
  return true;
}

// One row a member. False: the value is none that it can have.
struct Field {
  std::string_view name;
  bool (*take)(const json::Value&, Entry&);
};

constexpr std::array fields{
    Field{"key_id", [](const json::Value& v, Entry& e) { return take_text(v, e.facts.id); }},
    Field{"name", [](const json::Value& v, Entry& e) { return take_text(v, e.facts.name); }},
    Field{"key_hash", [](const json::Value& v, Entry& e) { return take_text(v, e.hash); }},
    Field{"hash", [](const json::Value& v, Entry& e) { return take_text(v, e.hash); }},
    Field{"key", [](const json::Value& v, Entry& e) { return take_text(v, e.plain_key); }},
    // The whole key, as later versions of AI-Router-Lite keep it for their panel.
    Field{"key_plain", [](const json::Value& v, Entry& e) { return take_text(v, e.plain_key); }},
    Field{"created_at",
          [](const json::Value& v, Entry& e) {
            const auto time = time_of(v);
            e.facts.created_at = time.value_or(0);
            return time.has_value();
          }},
    Field{"last_used",
          [](const json::Value& v, Entry& e) {
            e.facts.last_used = time_of(v);
            return e.facts.last_used.has_value();
          }},
    Field{"enabled",
          [](const json::Value& v, Entry& e) {
            e.facts.is_enabled = v.kind == json::Kind::boolean && v.boolean;
            return v.kind == json::Kind::boolean;
          }},
    Field{"rate_limit",
          [](const json::Value& v, Entry& e) {
            std::int64_t limit = 0;
            const bool is_taken = take_count(v, RateLimit::per_minute_max, limit);
            if (is_taken) e.facts.rate_limit = static_cast<int>(limit);
            return is_taken;
          }},
    Field{"total_requests",
          [](const json::Value& v, Entry& e) { return take_count(v, INT64_MAX, e.facts.total_requests); }},
    Field{"models", [](const json::Value& v, Entry& e) { return take_models(v, e.facts); }},
    Field{"expires_at",
          [](const json::Value& v, Entry& e) {
            e.facts.expires_at = time_of(v);
            return e.facts.expires_at.has_value();
          }},
};

// Members whose misreading would let somebody in: without them an entry is no key.
bool guards(std::string_view field) {
  return field == "enabled" || field == "models" || field == "expires_at" || field == "rate_limit";
}

class Reader {
 public:
  Reader(std::string_view text, const Hasher& hash) : text_(text), hash_(hash) {}

  ClientKeysFile read() {
    const json::Parsed parsed = json::parse(text_);
    if (!parsed.value) {
      file_.problem = fmt::format("{} at byte {}", parsed.error.message, parsed.error.offset);
      return std::move(file_);
    }
    read_root(*parsed.value);
    file_.ever_made = file_.ever_made || !file_.keys.empty() || !file_.odd_entries.empty();
    return std::move(file_);
  }

 private:
  std::string_view slice(json::Span span) const { return text_.substr(span.begin, span.end - span.begin); }

  void read_root(const json::Value& root) {
    const json::Value* keys = root.is_object() ? root.find("keys") : &root;
    const bool is_bare =
        keys == nullptr && !root.members.empty() &&
        std::all_of(root.members.begin(), root.members.end(),
                    [](const json::Member& member) { return member.value.find("key_hash") != nullptr; });
    if (is_bare) keys = &root;
    if (keys == nullptr && !root.members.empty()) {
      file_.problem = "it has no \"keys\"";
      return;
    }
    if (keys != nullptr && !keys->is_object() && !keys->is_array()) {
      file_.problem = "its \"keys\" are neither an object nor a list";
      return;
    }
    if (keys != &root)
      for (const json::Member& member : root.members)
        read_root_member(member);
    if (keys == nullptr) return;
    file_.is_list = keys->is_array();
    for (const json::Value& item : keys->items)
      read_entry(item, {});
    for (const json::Member& member : keys->members)
      read_entry(member.value, member.key);
  }

  void read_root_member(const json::Member& member) {
    if (member.key == "keys") return;
    if (member.key == "ever_made" && member.value.kind == json::Kind::boolean) {
      file_.ever_made = member.value.boolean;
      return;
    }
    keep(member, file_.others);
  }

  void keep(const json::Member& member, std::string& others) const {
    others += (others.empty() ? "" : ",") + json::quote(member.key) + ":";
    others += slice(member.value.span);
  }

  void read_entry(const json::Value& value, const std::string& name) {
    Entry entry;
    const std::string complaint = fill(value, entry);
    if (entry.facts.id.empty()) entry.facts.id = name;
    finish(entry, complaint, value, name);
  }

  std::string fill(const json::Value& value, Entry& entry) const {
    if (!value.is_object()) return "it is no object";
    for (const json::Member& member : value.members) {
      const auto field =
          std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == member.key; });
      if (field == fields.end()) {
        keep(member, entry.facts.others);
        continue;
      }
      if (member.value.kind == json::Kind::null || field->take(member.value, entry)) continue;
      if (guards(member.key)) return fmt::format("its {} cannot be read", member.key);
    }
    return {};
  }

  // What a warning calls a key. A member's name may be the key itself, which nobody may read in a log.
  static std::string name_of(const ClientKeyFacts& facts) {
    constexpr std::size_t shown_max = 8;  // the bytes of an id of ours
    const std::string id = airouter::text::printable(facts.id);
    return id.size() <= shown_max ? id : id.substr(0, shown_max) + "...";
  }

  // Makes a key of what was read, or keeps it as it was written, so that an edit by hand can mend it.
  void finish(Entry& entry, std::string complaint, const json::Value& value, const std::string& name) {
    ClientKeyFacts& facts = entry.facts;
    auto hash = digest_from_hex(entry.hash);
    bool is_plain = false;
    if (!entry.plain_key.empty()) {
      const Digest of_plain = hash_(entry.plain_key);
      is_plain = !hash || is_equal(*hash, of_plain);
      if (is_plain) hash = of_plain;
    }
    if (complaint.empty() && !hash) complaint = "it has no key_hash of 64 hexadecimal digits";
    if (hash && facts.id.empty()) facts.id = to_hex(*hash).substr(0, 8);
    if (complaint.empty() && ids_.contains(facts.id)) complaint = "its key_id is there twice";
    if (complaint.empty() && hashes_.contains(*hash)) complaint = "its key is there twice";
    if (!complaint.empty()) {
      file_.warnings.push_back(fmt::format("the client key {} is left out: {}", name_of(facts), complaint));
      const std::string label = name.empty() ? std::string() : json::quote(name) + ":";
      file_.odd_entries.push_back(label + std::string(slice(value.span)));
      return;
    }
    file_.has_plain_keys = file_.has_plain_keys || is_plain;
    facts.hash = *hash;
    ids_.insert(facts.id);
    hashes_.insert(facts.hash);
    file_.keys.push_back(std::move(facts));
  }

  const std::string_view text_;
  const Hasher& hash_;
  ClientKeysFile file_{};
  std::set<std::string> ids_{};
  std::set<Digest> hashes_{};
};

void write_time(json::Writer& writer, const std::optional<double>& time) {
  time ? writer.number(*time) : writer.null();
}

}  // namespace

ClientKeysFile parse_client_keys(std::string_view text, const Hasher& hash) {
  return Reader(text, hash).read();
}

std::string entry_of(const ClientKeyFacts& key, bool is_list) {
  json::Writer writer;
  writer.begin_object().key("key_id").string(key.id);
  writer.key("key_hash").string(to_hex(key.hash));
  writer.key("name").string(key.name);
  writer.key("created_at").number(key.created_at);
  write_time(writer.key("last_used"), key.last_used);
  writer.key("enabled").boolean(key.is_enabled);
  writer.key("rate_limit").integer(key.rate_limit);
  writer.key("total_requests").integer(key.total_requests);
  if (key.models) {
    writer.key("models").begin_array();
    for (const std::string& model : *key.models)
      writer.string(model);
    writer.end_array();
  }
  if (key.expires_at) write_time(writer.key("expires_at"), key.expires_at);
  writer.end_object();
  std::string text(writer.text());
  if (!key.others.empty()) text.insert(text.size() - 1, "," + key.others);
  return is_list ? text : json::quote(key.id) + ":" + text;
}

std::string to_json(const ClientKeysFile& frame, const std::vector<std::string_view>& entries) {
  constexpr std::size_t separator_bytes = 2, rest_bytes = 64;
  std::size_t bytes = rest_bytes + frame.others.size();
  for (const std::string_view entry : entries)
    bytes += entry.size() + separator_bytes;
  std::string text;
  text.reserve(bytes);
  text += frame.is_list ? "{\"keys\":[" : "{\"keys\":{";
  bool is_first = true;
  const auto add = [&](std::string_view entry) {
    text.append(is_first ? "\n" : ",\n").append(entry);
    is_first = false;
  };
  for (const std::string_view entry : entries)
    add(entry);
  for (const std::string& entry : frame.odd_entries)
    add(entry);
  text += frame.is_list ? "\n]" : "\n}";
  if (frame.ever_made) text += ",\n\"ever_made\":true";
  if (!frame.others.empty()) text.append(",\n").append(frame.others);
  text += "}\n";
  return text;
}

std::string to_json(const ClientKeysFile& file) {
  std::vector<std::string> texts;
  for (const ClientKeyFacts& key : file.keys)
    texts.push_back(entry_of(key, file.is_list));
  return to_json(file, {texts.begin(), texts.end()});
}

}  // namespace airouterd::store
