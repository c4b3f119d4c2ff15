#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/crowd.h"
#include "support/catch.h"

// Saves of the config on a machine whose disk does not do what it should: the old file stays as it was, the
// administrator is told, and traffic goes on.
namespace {

using namespace airouterd::demo;
using namespace gateway;

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// What is in the folder, but for what the test itself keeps there.
std::string files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : " ") + name;
  return list;
}

// A small file system of its own, if this machine lets us mount one.
class SmallDisk {
 public:
  SmallDisk() : path_(folder_.file("disk")) {
    std::filesystem::create_directory(path_);
    is_mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=256k,mode=0700") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool is_mounted() const { return is_mounted_; }
  const std::string& path() const { return path_; }
  bool set_read_only(bool is_read_only) const {
    return ::mount("tmpfs", path_.c_str(), "tmpfs", MS_REMOUNT | (is_read_only ? MS_RDONLY : 0),
                   "size=256k") == 0;
  }

 private:
  TempFolder folder_{};
  const std::string path_;
  bool is_mounted_ = false;
};

// An airouterd whose config file is a link to a small disk.
struct SmallGateway {
  SmallGateway() : daemon({{"A", provider.base_url()}}) {
    if (!disk.is_mounted()) return;
    const std::string file = daemon.folder().file("config.json");
    std::filesystem::copy(file, disk.path() + "/config.json");
    std::filesystem::remove(file);
    std::filesystem::create_symlink(disk.path() + "/config.json", file);
  }
  std::string config() const { return content_of(disk.path() + "/config.json"); }

  SmallDisk disk{};
  ScriptedProvider provider{saying({"Hi"})};
  Gateway daemon;
};

// The save is refused with a reason, nothing has changed, and requests are answered.
void check_refused(const Gateway& daemon, const AdminClient& admin, const std::string& reason) {
  const RawAnswer answer = admin.put("/api/config", R"({"max_retries":9})");
  INFO(answer.body);
  CHECK(answer.status == 507);
  CHECK(member_of(answer.body, {"code"}) == "not_saved");
  CHECK(holds(answer.body, reason));
  CHECK(member_of(admin.get("/api/config").body, {"config", "max_retries"}) == "3");
  CHECK(outcome_of(daemon.ask(false)) == "200 'Hi' by A after 1");
  CHECK(member_of(daemon.get("/health").body, {"status"}) == "degraded");
}

// A build with sanitizers would not start behind a preloaded library.
std::string lenient_sanitizer() {
  const char* options = std::getenv("ASAN_OPTIONS");
  return std::string("ASAN_OPTIONS=") + (options != nullptr ? options : "") + ":verify_asan_link_order=0";
}

}  // namespace

TEST_CASE("with a full disk a save is refused, and works again when there is room",
          "[config][machine][daemon]") {
  const SmallGateway small;
  if (!small.disk.is_mounted()) {
    WARN("skipped: mounting is not permitted here");
    return;
  }
  const AdminClient admin(small.daemon);
  const std::string before = small.config();
  {
    const int fd = ::open((small.disk.path() + "/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    while (::write(fd, block.data(), block.size()) > 0) {
    }
    ::close(fd);
  }
  check_refused(small.daemon, admin, "No space left on device");
  CHECK(small.config() == before);
  CHECK(files_in(small.disk.path()) == "ballast config.json");
  std::filesystem::remove(small.disk.path() + "/ballast");
  CHECK(admin.put("/api/config", R"({"max_retries":4})").status == 200);
  CHECK(holds(small.config(), "\"max_retries\":4"));
  CHECK(member_of(small.daemon.get("/health").body, {"status"}) == "healthy");
  CHECK(std::filesystem::is_symlink(small.daemon.folder().file("config.json")));
}

TEST_CASE("in a folder that is read-only a save is refused", "[config][machine][daemon]") {
  const SmallGateway small;
  if (!small.disk.is_mounted() || !small.disk.set_read_only(true)) {
    WARN("skipped: mounting is not permitted here");
    return;
  }
  const AdminClient admin(small.daemon);
  check_refused(small.daemon, admin, "Read-only file system");
  REQUIRE(small.disk.set_read_only(false));
  CHECK(admin.put("/api/config", R"({"max_retries":4})").status == 200);
}

TEST_CASE("beyond RLIMIT_FSIZE a save is refused", "[config][machine][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string before = content_of(daemon.folder().file("config.json"));
  rlimit limit{};
  REQUIRE(::prlimit(daemon.process().id(), RLIMIT_FSIZE, nullptr, &limit) == 0);
  limit.rlim_cur = 16;
  REQUIRE(::prlimit(daemon.process().id(), RLIMIT_FSIZE, &limit, nullptr) == 0);
  check_refused(daemon, admin, "File too large");
  CHECK(content_of(daemon.folder().file("config.json")) == before);
  CHECK(files_in(daemon.folder().file("")) == "config.json");
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::prlimit(daemon.process().id(), RLIMIT_FSIZE, &limit, nullptr) == 0);
  CHECK(admin.put("/api/config", R"({"max_retries":4})").status == 200);
}

TEST_CASE("whatever step of a save fails, the old file stays and the next save works",
          "[config][machine][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  const TempFolder switches;
  Gateway daemon({{"A", provider.base_url()}}, {}, "en",
                 {{},
                  {"LD_PRELOAD=" + failing_calls_library(), "AIROUTER_FAIL_SAVES=" + switches.file("saves"),
                   lenient_sanitizer()},
                  0});
  const AdminClient admin(daemon);
  const std::string file = daemon.folder().file("config.json"), before = content_of(file);
  std::string folder = std::filesystem::path(file).parent_path().string();
  for (const auto& [fault, reason] :
       std::vector<std::pair<std::string, std::string>>{{"write .config.json.new 1 5", "Input/output error"},
                                                        {"write .config.json.new 1 28", "No space left"},
                                                        {"fsync .config.json.new 1 5", "Input/output error"},
                                                        {"rename config.json 1 13", "Permission denied"},
                                                        {"rename config.json 1 16", "mounted by itself"},
                                                        {"fsync " + folder + " 1 5", "Input/output error"}}) {
    INFO(fault);
    switches.write("saves", fault);
    check_refused(daemon, admin, reason);
    CHECK(content_of(file) == before);
    CHECK(files_in(daemon.folder().file("")) == "config.json");
    std::filesystem::remove(switches.file("saves"));
    // Forgets what it has counted.
    CHECK(admin.put("/api/config", R"({"max_retries":4})").status == 200);
    CHECK(admin.put("/api/config", R"({"max_retries":null})").status == 200);
    REQUIRE(content_of(file) == before);
  }
}

TEST_CASE("a save takes two syncs and little more", "[config][machine][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  const AdminClient admin(daemon);
  const std::string folder = daemon.folder().file("");
  const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(folder_fd >= 0);
  std::vector<milliseconds> saves, syncs;
  const auto timed = [](std::vector<milliseconds>& times, const auto& act) {
    const auto begin = steady_clock::now();
    act();
    times.push_back(std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin));
  };
  RawClient client(daemon.port());
  for (int i = 0; i < 21; ++i) {
    timed(saves, [&] {
      client.send(
          admin.request("PUT", "/api/config", R"({"max_retries":)" + std::to_string(4 + i % 2) + "}"));
      CHECK(client.read_answer().status == 200);
    });
    timed(syncs, [&] {
      const int fd = ::open((folder + "/probe").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
      CHECK(::write(fd, "x", 1) == 1);
      ::fsync(fd);
      ::close(fd);
      ::fsync(folder_fd);
    });
  }
  ::close(folder_fd);
  const milliseconds allowed = percentile(syncs, 75) + (is_sanitized ? 100ms : 15ms);
  INFO("a save: " << percentile(saves, 50).count() << " ms, two syncs: " << percentile(syncs, 50).count()
                  << " ms");
  CHECK(percentile(saves, 50) <= allowed);
}
