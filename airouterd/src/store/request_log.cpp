#include "store/request_log.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include "store/log_entries.h"

namespace airouterd::store {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds flush_patience = 500ms;

// How long a search may go on; what an impatient person waits for an answer.
constexpr std::chrono::milliseconds search_time = 1'800ms;

// How often the thread looks after its files when nothing happens: soon while they cannot be written.
constexpr std::chrono::milliseconds quiet_time = 20s, trouble_time = 500ms;

// How often old files are looked for; and of how many days there are statistics at least.
constexpr Microseconds tidy_interval = 10'000'000;
constexpr int shown_days = 31;

// Ids from a clock that once was wrong by more are not gone on from.
constexpr Microseconds clock_error_max = 86'400'000'000;

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

// What comes of some events: lines for the file, and news for those who watch.
struct RequestLog::Batch {
  struct Line {
    Day day = 0;
    bool is_kept = false;  // in files
    LogLevel level{};
    bool is_note = false;
    std::shared_ptr<const std::string> text{};  // without a line end
    LogIndex::Record record{};                  // of one that is kept
  };
  std::vector<Line> lines{};
  std::vector<LiveItem> news{};
};

RequestLog::RequestLog(RequestLogOptions options)
    : options_(std::move(options)),
      clock_(options_.clock ? options_.clock : airouter::make_system_clock()),
      queue_(options_.queue_max),
      book_(options_.folder),
      is_healthy_(!options_.is_folder_missing),
      days_kept_(options_.days_kept),
      bytes_max_(options_.bytes_max) {
  if (!options_.folder.empty()) {
    LogArchive::Options files;
    files.folder = options_.folder;
    files.indexed_max = options_.indexed_max;
    archive_.emplace(files, book_);
    const Microseconds last = archive_->read(now().day);
    if (last < wall_time() + clock_error_max) last_id_ = last;
    live_.begin_after(last_id_);
    std::vector<LiveItem> items;
    for (const std::string& line : archive_->newest(LiveRing::records_max)) {
      const ScannedLine* scanned = scanner_.scan(line);
      if (scanned != nullptr && scanned->id <= last_id_)
        items.push_back({scanned->id, true, scanned->type, std::make_shared<const std::string>(line)});
    }
    if (!items.empty()) live_.begin_after(items.front().id - 1);
    live_.publish(std::move(items));
    look_after_files();
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    // Whoever tells something writes it, too.
  }
}

RequestLog::~RequestLog() {
  live_.close();
  queue_.close();
  if (thread_.joinable()) thread_.join();
  try {
    report_refused(refused_.take_all(), wall_time());
  } catch (...) {  // there was no memory
  }
}

void RequestLog::on_call_started(const airouter::CallSummary& call) noexcept {
  tell([&] { return CallStarted{call}; }, true);
}

// One that answered is told by its call's end, which follows at once.
void RequestLog::on_attempt(const airouter::CallSummary& call, const airouter::Attempt& attempt) noexcept {
  if (attempt.failure != airouter::FailureKind::none)
    tell([&] { return AttemptFailed{call.id, attempt}; }, true);
}

void RequestLog::on_call_finished(const airouter::CallSummary& call, const airouter::Error* error) noexcept {
  tell([&] {
    std::optional<CallFinished::Failure> failure;
    if (error != nullptr)
      failure = {airouter::http_status_of(*error), error->code == airouter::ErrorCode::cancelled,
                 error->message};
    return CallFinished{call, std::move(failure)};
  });
}

void RequestLog::on_health(const airouter::HealthEvent& event) noexcept {
  tell([&] { return event; });
}

bool RequestLog::on_refused(RequestRefused refused) noexcept {
  try {
    const Microseconds time = wall_time();
    if (!refused_.admits(refused, time)) {
      if (refused.is_counted) book_.add_refused(LocalClock().at(time).day);
      return false;
    }
  } catch (...) {
    ++unwritten_;
    return false;
  }
  tell([&] { return std::move(refused); });
  return true;
}

void RequestLog::note(LogLevel level, std::string message, std::string chinese) noexcept {
  tell([&] { return Note{level, std::move(message), std::move(chinese)}; });
}

// Copies what happened; without memory for it, it is lost.
template <class What>
void RequestLog::tell(const What& what, bool is_passing) noexcept {
  try {
    LogEvent event{wall_time(), what()};
    if (thread_.joinable()) return queue_.push(std::move(event), is_passing);
    const std::scoped_lock lock(inline_mutex_);
    process({std::move(event)});
    report_refused(refused_.take(wall_time()), wall_time());
    if (archive_) look_after_files();
  } catch (...) {
    ++unwritten_;
  }
}

void RequestLog::set_limits(int days_kept, std::uint64_t bytes_max) noexcept {
  days_kept_ = days_kept;
  bytes_max_ = bytes_max;
}

std::uint64_t RequestLog::lost() const {
  return unwritten_.load() + queue_.dropped();
}

void RequestLog::flush() {
  if (thread_.joinable()) queue_.flush(flush_patience);
}

RequestLog::Page RequestLog::search(const LogFilter& filter) {
  flush();
  LogSearch search(filter, std::chrono::steady_clock::now() + search_time);
  const std::vector<LiveItem> newest = live_.records();
  for (auto item = newest.rbegin(); item != newest.rend() && !search.is_full(); ++item)
    if (item->id < filter.before) search.look_at(*item->text);
  Page page;
  if (archive_ && !search.is_full()) {
    const Microseconds before = newest.empty() ? filter.before : std::min(filter.before, newest.front().id);
    const Microseconds stopped = archive_->search(search, before);
    if (search.is_out_of_time() && !search.is_full()) page.searched_to = stopped;
  }
  page.lines = search.take();
  return page;
}

DayStatistics RequestLog::statistics(Day day) {
  flush();
  return book_.of(day);
}

std::vector<RunningRequests::Running> RequestLog::running() {
  flush();
  return running_.all();
}

Microseconds RequestLog::wall_time() const noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock_->wall_now().time_since_epoch()).count();
}

LocalTime RequestLog::now() const {
  return LocalClock().at(wall_time());
}

Microseconds RequestLog::next_id(Microseconds time) noexcept {
  return last_id_ = std::max(last_id_ + 1, time);
}

void RequestLog::run() {
  std::vector<LogEvent> events;
  while (queue_.take(events, is_healthy() || !archive_ ? quiet_time : trouble_time)) {
    try {
      process(events);
      report_refused(refused_.take(wall_time()), wall_time());
      if (archive_) look_after_files();
    } catch (...) {  // there was no memory
      unwritten_ += events.size();
    }
  }
}

void RequestLog::process(const std::vector<LogEvent>& events) {
  Batch batch;
  for (const LogEvent& event : events)
    add(batch, event);
  scan(batch, Counting::yes);
  write(batch);
  if (options_.on_record) {
    for (const Batch::Line& line : batch.lines)
      if (!line.is_note) options_.on_record(line.level, *line.text);
  }
  publish(batch);
}

void RequestLog::add(Batch& batch, const LogEvent& event) {
  const auto record = [&](const auto& what) {
    LogEntry entry = entry_of(what);
    add_record(batch, entry, event.time);
  };
  std::visit(Overloaded{[&](const CallStarted& what) {
                          record(what);
                          running_.begin(what.call.id, batch.lines.back().text);
                        },
                        [&](const AttemptFailed& what) {
                          std::string json;
                          append_attempt(json, what.attempt);
                          if (const auto request = running_.add_attempt(what.call_id, json); request)
                            show_attempt(batch, *request, json, event.time);
                        },
                        [&](const CallFinished& what) { end_request(batch, what, event.time); },
                        [&](const Note& what) {
                          record(what);
                          batch.lines.back().is_note = true;
                        },
                        record},
             event.what);
}

void RequestLog::add_record(Batch& batch, LogEntry& entry, Microseconds time) {
  entry.id = next_id(time);
  const LocalTime local = local_.at(entry.id);
  std::string text;
  text.reserve(1024);
  append_line(text, entry, local);
  auto shared = std::make_shared<const std::string>(std::move(text));
  batch.lines.push_back({local.day, entry.type != LogType::request, entry.level, false, shared});
  batch.news.push_back({entry.id, true, entry.type, std::move(shared)});
}

// Whoever is told of an event by its id finds it.
void RequestLog::publish(Batch& batch) {
  Microseconds newest = 0;
  for (const LiveItem& item : batch.news)
    if (item.is_record && item.type == LogType::system) newest = item.id;
  live_.publish(std::move(batch.news));
  if (newest > 0) newest_event_ = newest;
}

void RequestLog::end_request(Batch& batch, const CallFinished& event, Microseconds time) {
  const auto running = running_.end(event.call.id);
  // Attempts that nobody has been told of yet: the one that answered.
  if (running && live_.has_watchers()) {
    for (std::size_t i = running->attempt_count; i < event.call.attempts.size(); ++i) {
      std::string json;
      append_attempt(json, event.call.attempts[i]);
      show_attempt(batch, *running->line, json, time);
    }
  }
  LogEntry entry = entry_of(event);
  add_record(batch, entry, time);
}

void RequestLog::show_attempt(Batch& batch, const std::string& request, std::string_view attempt,
                              Microseconds time) {
  const ScannedLine* line = scanner_.scan(request);
  if (line == nullptr) return;
  std::string text = "{\"id\":";
  append_json_string(text, line->request_id);
  text.append(",\"attempt\":").append(attempt).append("}");
  batch.news.push_back(
      {next_id(time), false, LogType::request, std::make_shared<const std::string>(std::move(text))});
}

// Before they are written: of a day that nothing was counted of, the statistics would read the file.
void RequestLog::scan(Batch& batch, Counting counting) {
  for (Batch::Line& line : batch.lines) {
    const ScannedLine* const scanned = line.is_kept ? scanner_.scan(*line.text) : nullptr;
    if (scanned == nullptr) continue;
    line.record = LogIndex::record_of(*scanned);
    if (counting == Counting::yes) book_.add(line.day, *scanned);
  }
}

void RequestLog::write(const Batch& batch) {
  if (!archive_) return;
  std::vector<std::string> texts;
  std::vector<LogArchive::Line> lines;
  texts.reserve(batch.lines.size());
  for (const Batch::Line& line : batch.lines) {
    if (!line.is_kept) continue;
    texts.push_back(*line.text + "\n");
    lines.push_back({line.day, texts.back(), line.record});
  }
  if (lines.empty()) return;
  const std::size_t written = archive_->write(lines);
  unwritten_ += lines.size() - written;
  set_healthy(written == lines.size());
}

void RequestLog::set_healthy(bool is_healthy) {
  if (is_healthy_.exchange(is_healthy) == is_healthy || !options_.on_trouble) return;
  options_.on_trouble(is_healthy ? std::string_view() : archive_->problem());
}

void RequestLog::look_after_files() {
  const Microseconds time = wall_time();
  const LocalTime local = local_.at(time);
  if (!is_healthy() && unwritten_ == reported_lost_) set_healthy(archive_->is_writable(local.day));
  report_lost(time);
  if (time / tidy_interval == tidied_) return;
  tidied_ = time / tidy_interval;
  archive_->tidy(local.day, days_kept_, bytes_max_);
  book_.forget_before(days_before(local.day, std::max<int>(days_kept_, shown_days)));
}

// They are in the statistics already.
void RequestLog::report_refused(const std::vector<RefusalSums::Sum>& sums, Microseconds time) {
  if (sums.empty()) return;
  Batch batch;
  for (const RefusalSums::Sum& sum : sums) {
    RequestRefused refused = sum.last;
    refused.summed = sum.count;
    LogEntry entry = entry_of(refused);
    add_record(batch, entry, time);
    if (options_.on_record) options_.on_record(batch.lines.back().level, *batch.lines.back().text);
    if (options_.on_sum) options_.on_sum(entry.message, entry.chinese);
  }
  scan(batch, Counting::done);
  write(batch);
  publish(batch);
}

// That much was lost is a record, too; while it cannot be written, it tells whether others could.
void RequestLog::report_lost(Microseconds time) {
  const std::uint64_t lost_now = lost();
  if (lost_now <= reported_lost_) return;
  Batch batch;
  const Note note{LogLevel::error,
                  fmt::format("{} records could not be written and are lost", lost_now - reported_lost_),
                  fmt::format("有 {} 条记录未能写入，已丢失", lost_now - reported_lost_)};
  LogEntry entry = entry_of(note);
  add_record(batch, entry, time);
  scan(batch, Counting::done);
  const std::string text = *batch.lines.front().text + "\n";
  const LogArchive::Line line{batch.lines.front().day, text, batch.lines.front().record};
  if (archive_->write({&line, 1}) == 0) return;
  reported_lost_ = lost_now;
  set_healthy(true);
  publish(batch);
}

}  // namespace airouterd::store
