#include "store/config_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "store/durable_file.h"
#include "store/in_chinese.h"

namespace airouterd::store {
namespace {

using Kind = ConfigOutcome::Kind;

// What the log says of a failure: without the values that were found, which may be keys in wrong places.
ConfigStore::Title failure_title(std::string_view english, std::string_view chinese,
                                 const ConfigOutcome& outcome) {
  std::string why = outcome.reason;
  if (outcome.kind == Kind::conflict) why = "the file was changed by somebody else";
  if (outcome.kind == Kind::invalid && !outcome.problems.empty()) {
    const airouter::ConfigProblem& first = outcome.problems.front();
    why = fmt::format("problems: {}, the first in line {} {}", outcome.problems.size(), first.line,
                      first.where);
  }
  const auto shown = [](const std::string& text) {
    return airouter::text::shortened(airouter::text::printable(text), 300);
  };
  return {fmt::format("{}: {}", english, shown(why)), fmt::format("{}：{}", chinese, shown(in_chinese(why)))};
}

// What is wrong with the way in for the administrator as a whole, unless its parts are wrong already: then
// the whole is not what anybody meant.
void add_admin_problem(ParsedFile& parsed) {
  const bool is_spoiled =
      std::any_of(parsed.problems.begin(), parsed.problems.end(), [](const auto& problem) {
        return problem.fatal && (problem.where.starts_with("/admin") || problem.where == "/server_host");
      });
  if (is_spoiled) return;
  if (std::string problem = admin_problem(parsed.server); !problem.empty())
    parsed.problems.push_back({"/admin/auth", 0, 0, std::move(problem), true});
}

}  // namespace

// What stands on the disk.
struct ConfigStore::Reading {
  std::string text{};
  bool has_file = false;
  std::string problem{};
};

ConfigStore::Reading ConfigStore::read(bool must_exist, airouter::FileKind kind) const {
  std::error_code error;
  const bool exists = std::filesystem::exists(std::filesystem::symlink_status(place_.file, error));
  if (!exists && !must_exist) return {LoadedConfig().text, false, {}};
  airouter::TextFile file = airouter::read_text_file(place_.file, config_bytes_max, kind);
  return {std::move(file.text), true, std::move(file.problem)};
}

ConfigOutcome ConfigStore::take(std::string text, bool has_file,
                                std::shared_ptr<const LoadedConfig>& loaded) const {
  auto config = std::make_shared<LoadedConfig>();
  config->parsed = parse_file(text);
  if (!place_.host.empty()) config->parsed.server.host = place_.host;
  if (place_.port) config->parsed.server.port = *place_.port;
  if (!place_.admin_auth.empty()) config->parsed.server.admin_auth = place_.admin_auth;
  add_admin_problem(config->parsed);
  if (!config->parsed.is_usable()) {
    ConfigOutcome outcome{Kind::invalid, "the config is invalid", std::move(config->parsed.problems)};
    std::erase_if(outcome.problems, [](const auto& problem) { return !problem.fatal; });
    return outcome;
  }
  if (auto root = airouter::json::parse(text, {.comments = true}).value) config->root = *std::move(root);
  config->text = std::move(text);
  config->has_file = has_file;
  loaded = std::move(config);
  return {};
}

ConfigOutcome ConfigStore::check(std::string text) const {
  std::shared_ptr<const LoadedConfig> loaded;
  return take(std::move(text), true, loaded);
}

ConfigOutcome ConfigStore::load(bool must_exist) {
  const std::scoped_lock lock(writer_);
  Reading reading = read(must_exist, airouter::FileKind::any);
  if (!reading.problem.empty()) return {Kind::unreadable, std::move(reading.problem), {}};
  std::shared_ptr<const LoadedConfig> loaded;
  ConfigOutcome outcome = take(std::move(reading.text), reading.has_file, loaded);
  return outcome.is_done() ? apply(std::move(loaded)) : outcome;
}

ConfigOutcome ConfigStore::load_text(std::string text) {
  const std::scoped_lock lock(writer_);
  std::shared_ptr<const LoadedConfig> loaded;
  ConfigOutcome outcome = take(std::move(text), false, loaded);
  return outcome.is_done() ? apply(std::move(loaded)) : outcome;
}

void ConfigStore::connect(Apply apply, Announce announce) {
  apply_ = std::move(apply);
  announce_ = std::move(announce);
}

ConfigOutcome ConfigStore::apply(std::shared_ptr<const LoadedConfig> loaded) {
  ConfigOutcome outcome;
  if (apply_) {
    const auto applied = apply_(loaded->parsed.routing, loaded->parsed.server);
    if (!applied) outcome = {Kind::not_applied, applied.error().message, {}};
  }
  if (outcome.is_done()) served_ = loaded;
  const std::scoped_lock lock(mutex_);
  current_ = std::move(loaded);
  return outcome;
}

ConfigOutcome ConfigStore::save(const Edit& edit, const Title& title) {
  const std::scoped_lock lock(writer_);
  ConfigOutcome outcome = try_save(edit);
  if (outcome.is_done()) {
    announce({"config saved: " + title.english, "配置已保存：" + title.chinese});
  } else if (outcome.kind != Kind::refused && outcome.kind != Kind::invalid) {
    announce(failure_title("config not saved", "配置未保存", outcome));
  }
  return outcome;
}

ConfigOutcome ConfigStore::try_save(const Edit& edit) {
  const auto before = current();
  if (!place_.file.empty()) {
    const Reading reading = read(false, airouter::FileKind::regular);
    if (!reading.problem.empty()) return {Kind::not_saved, reading.problem, {}};
    if (reading.has_file != before->has_file || reading.text != before->text) return {Kind::conflict, {}, {}};
  }
  std::optional<std::string> text = edit(*before);
  if (!text) return {Kind::refused, {}, {}};
  if (*text == before->text) return {};
  std::shared_ptr<const LoadedConfig> loaded;
  if (ConfigOutcome taken = take(*std::move(text), !place_.file.empty(), loaded); !taken.is_done())
    return taken;
  if (!place_.file.empty())
    if (const auto saved = write(place_.file, loaded->text); !saved)
      return {Kind::not_saved, saved.error().message, {}};
  return apply(std::move(loaded));
}

airouter::Result<void> ConfigStore::write(const std::filesystem::path& file, const std::string& text) {
  auto saved = replace_file(file, text);
  is_saving_fine_ = bool(saved);
  return saved;
}

ConfigOutcome ConfigStore::reload() {
  const std::scoped_lock lock(writer_);
  ConfigOutcome outcome;
  if (place_.file.empty()) {
    outcome = {Kind::unreadable, "there is no config file", {}};
  } else {
    Reading reading = read(current()->has_file, airouter::FileKind::any);
    std::shared_ptr<const LoadedConfig> loaded;
    outcome = reading.problem.empty() ? take(std::move(reading.text), reading.has_file, loaded)
                                      : ConfigOutcome{Kind::unreadable, std::move(reading.problem), {}};
    if (outcome.is_done()) outcome = apply(std::move(loaded));
  }
  if (outcome.is_done())
    announce({"config reloaded", "配置已重新加载"});
  else
    announce(failure_title("config not reloaded, the running one stays", "配置未重新加载，继续使用当前配置",
                           outcome));
  return outcome;
}

airouter::Result<void> ConfigStore::keep_last_good() {
  const std::scoped_lock lock(writer_);
  if (place_.last_good.empty() || !served_ || !served_->has_file || served_->text == last_good_) return {};
  auto saved = write(place_.last_good, served_->text);
  if (saved) last_good_ = served_->text;
  return saved;
}

std::shared_ptr<const LoadedConfig> ConfigStore::current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

void ConfigStore::announce(const Title& title) const {
  if (announce_) announce_(title.english, title.chinese);
}

}  // namespace airouterd::store
