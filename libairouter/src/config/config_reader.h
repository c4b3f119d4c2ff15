#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <airouter/config.h>

#include "base/json.h"
#include "config/document.h"
#include "config/findings.h"
#include "config/value_rules.h"

namespace airouter::config {

class Reader;

// One key of an object in the config file, and the field of T that it fills. Keys are read in the order of
// their table, not of the file: where two set the same field, the later row wins.
template <class T>
struct Key {
  std::string_view name;
  void (*read)(Reader&, const json::Value&, T&);  // never called for null, which counts as absent
  void (*check)(Findings&, const T&) = nullptr;   // the rule for the field, whoever filled it
};

template <class T>
void check_object(Findings& findings, std::span<const Key<T>> keys, const T& object) {
  for (const Key<T>& key : keys) {
    if (key.check == nullptr) continue;
    const auto step = findings.enter(key.name);
    key.check(findings, object);
  }
}

// Turns parsed JSON into values of the right type and range. What is neither is a finding at the place where
// the walk stands, and the field keeps its default. Used by one thread; borrows everything.
class Reader {
 public:
  Reader(const Document& document, std::span<const KeySpec> more, Findings& findings)
      : document_(document), more_(more), findings_(findings) {}

  Findings& findings() noexcept { return findings_; }

  std::optional<bool> boolean(const json::Value& value);
  std::optional<int> whole(const json::Value& value, WholeRange range);
  std::optional<double> factor(const json::Value& value, FactorRange range);
  std::optional<std::chrono::milliseconds> seconds(const json::Value& value, SecondsRange range);
  std::optional<std::string> string(const json::Value& value);

  // Items of another type become empty strings, so that every index stays the file's.
  std::vector<std::string> strings(const json::Value& list);

  // False: a finding.
  bool is_object(const json::Value& value);
  bool is_list(const json::Value& value);

  template <class T>
  void object(const json::Value& value, std::span<const Key<T>> keys, T& target) {
    if (!is_object(value)) return;
    std::vector<std::string_view> names;
    for (const Key<T>& key : keys)
      names.push_back(key.name);
    check_other_members(value, names);
    for (const Key<T>& key : keys) {
      const json::Value* member = value.find(key.name);
      if (member == nullptr || member->kind == json::Kind::null) continue;
      const auto step = findings_.enter(key.name);
      key.read(*this, *member, target);
    }
  }

  // Keys that an object has twice, at every depth of `value`: which one counts is nobody's guess.
  void find_duplicates(const json::Value& value);

 private:
  void mismatch(const json::Value& value, std::string_view allowed);

  // Members that are none of `names`: keys of the program's own, or unknown.
  void check_other_members(const json::Value& object, std::vector<std::string_view> names);
  void check_other_member(const json::Member& member, std::span<const std::string_view> names);
  void add_names_of_program(std::vector<std::string_view>& names) const;
  const KeySpec* spec_here() const;

  const Document& document_;
  const std::span<const KeySpec> more_;
  Findings& findings_;
};

}  // namespace airouter::config
