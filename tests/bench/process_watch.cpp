#include "process_watch.h"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace bench {
namespace {

std::string proc(pid_t process, const char* what) {
  return "/proc/" + std::to_string(process) + "/" + what;
}

// Field 4 of /proc/PID/stat, behind a name that may hold anything.
pid_t parent_of(pid_t process) {
  std::ifstream file(proc(process, "stat"));
  std::string text;
  std::getline(file, text);
  const auto end = text.rfind(')');
  if (end == std::string::npos || end + 4 > text.size()) return 0;
  return static_cast<pid_t>(std::atol(text.c_str() + end + 4));
}

std::vector<pid_t> tree_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    if (process > 0) children.emplace(parent_of(process), process);
  }
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [first, last] = children.equal_range(tree[i]);
    for (auto child = first; child != last; ++child)
      tree.push_back(child->second);
  }
  return tree;
}

std::int64_t descriptors_of(pid_t process) {
  std::error_code error;
  std::filesystem::directory_iterator entries(proc(process, "fd"), error);
  if (error) return -1;
  return std::distance(begin(entries), end(entries));
}

}  // namespace

ProcessWatch::ProcessWatch(pid_t root) {
  if (root > 0) processes_ = tree_of(root);
}

std::int64_t ProcessWatch::cpu_ns() const {
  std::int64_t sum = 0;
  for (const pid_t process : processes_) {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &used) != 0) continue;
    sum += static_cast<std::int64_t>(used.tv_sec) * 1'000'000'000 + used.tv_nsec;
  }
  return sum;
}

void ProcessWatch::forget_peak() const {
  for (const pid_t process : processes_)
    std::ofstream(proc(process, "clear_refs")) << "5";
}

ProcessWatch::Size ProcessWatch::size() const {
  Size size;
  for (const pid_t process : processes_) {
    std::ifstream file(proc(process, "status"));
    for (std::string line; std::getline(file, line);) {
      const auto colon = line.find(':');
      if (colon == std::string::npos) continue;
      const std::string name = line.substr(0, colon);
      const std::int64_t value = std::atoll(line.c_str() + colon + 1);
      if (name == "VmRSS") size.rss_kib += value;
      if (name == "VmHWM") size.rss_peak_kib += value;
      if (name == "RssAnon") size.rss_anonymous_kib += value;
      if (name == "Threads") size.threads += value;
    }
    const std::int64_t descriptors = descriptors_of(process);
    size.descriptors = descriptors < 0 || size.descriptors < 0 ? -1 : size.descriptors + descriptors;
  }
  return size;
}

}  // namespace bench
