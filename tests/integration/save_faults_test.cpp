#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "demo/chat_scripts.h"
#include "demo/scripted_provider.h"
#include "integration/admin_client.h"
#include "integration/disk.h"
#include "support/catch.h"
#include "support/many_keys.h"

// Saves of the config and of client keys on a machine whose disk does not do what it should: the old file
// stays as it was, the administrator is told, and traffic goes on.
namespace {

using namespace airouterd::demo;
using namespace gateway;

// A file that administrators change, and the number in it that they set here.
struct Subject {
  std::string_view file, member;
};
constexpr std::array subjects{Subject{"config.json", "max_retries"},
                              Subject{"data/api_keys.json", "rate_limit"}};

Subject each_subject() {
  return subjects[static_cast<std::size_t>(GENERATE(0, 1))];
}

// What is in the folder of a file under its own name, or one that has it in it.
std::string files_like(const std::string& file) {
  const std::filesystem::path path(file);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path()))
    if (holds(entry.path().filename().string(), path.filename().string()))
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : " ") + name;
  return list;
}

// An airouterd, and the number, which is 3 at first.
class Saver {
 public:
  explicit Saver(const Subject& subject, const Surroundings& surroundings = {})
      : subject_(subject),
        daemon_({{"A", provider_.base_url()}}, R"("client_auth":"any")", "en", surroundings),
        file_(daemon_.folder().file(subject.file)) {
    if (subject.file == "config.json") return;
    const RawAnswer made = admin_.post("/api/keys", R"({"name":"k","rate_limit":3})");
    REQUIRE(made.status == 200);
    target_ = "/api/keys/" + member_of(made.body, {"info", "key_id"});
  }

  Gateway& daemon() { return daemon_; }
  const std::string& file() const { return file_; }

  RawAnswer save(const std::string& number) const {
    return admin_.put(target_, "{\"" + std::string(subject_.member) + "\":" + number + "}");
  }
  std::string number() const {
    const std::string body = admin_.get(target_).body;
    const std::string number = member_of(body, {subject_.member});
    return number.empty() ? member_of(body, {"config", subject_.member}) : number;
  }
  std::string in_file(const std::string& number) const {
    return "\"" + std::string(subject_.member) + "\":" + number;
  }
  std::string health() const { return member_of(daemon_.get("/health").body, {"status"}); }

  // The save is refused with a reason, nothing has changed, and requests are answered.
  void check_refused(const std::string& reason) const {
    const std::string before = content_of(file_);
    const RawAnswer answer = save("9");
    INFO(answer.body);
    CHECK(answer.status == 507);
    CHECK(member_of(answer.body, {"code"}) == "not_saved");
    CHECK(holds(answer.body, reason));
    CHECK(number() == "3");
    CHECK(content_of(file_) == before);
    CHECK(outcome_of(daemon_.ask(false)) == "200 'Hi' by A after 1");
    CHECK(health() == "degraded");
  }

  // Puts the file on another disk, and a link in its place.
  std::string move_to(const SmallDisk& disk) const {
    const std::string moved = disk.file(std::filesystem::path(file_).filename());
    std::filesystem::copy(file_, moved);
    std::filesystem::remove(file_);
    std::filesystem::create_symlink(moved, file_);
    return moved;
  }

 private:
  const Subject subject_;
  ScriptedProvider provider_{saying({"Hi"})};
  Gateway daemon_;
  const AdminClient admin_{daemon_};
  const std::string file_;
  std::string target_ = "/api/config";
};

}  // namespace

TEST_CASE("with a full disk a save is refused, and works again when there is room",
          "[config][keys][machine][daemon]") {
  const SmallDisk disk;
  if (!disk.is_mounted()) {
    WARN("skipped: mounting is not permitted here");
    return;
  }
  const Saver saver(each_subject());
  const std::string file = saver.move_to(disk);
  const std::string name = std::filesystem::path(file).filename();
  disk.fill();
  saver.check_refused("No space left on device");
  CHECK(files_like(file) == name);
  disk.make_room();
  CHECK(saver.save("4").status == 200);
  CHECK(holds(content_of(file), saver.in_file("4")));
  CHECK(files_like(file) == name);
  CHECK(saver.health() == "healthy");
  CHECK(std::filesystem::is_symlink(saver.file()));
}

TEST_CASE("in a folder that is read-only a save is refused", "[config][keys][machine][daemon]") {
  const SmallDisk disk;
  if (!disk.is_mounted()) {
    WARN("skipped: mounting is not permitted here");
    return;
  }
  const Saver saver(each_subject());
  saver.move_to(disk);
  REQUIRE(disk.set_read_only(true));
  saver.check_refused("Read-only file system");
  REQUIRE(disk.set_read_only(false));
  CHECK(saver.save("4").status == 200);
  CHECK(saver.number() == "4");
}

TEST_CASE("beyond RLIMIT_FSIZE a save is refused", "[config][keys][machine][daemon]") {
  Saver saver(each_subject());
  const std::string files = files_like(saver.file());
  {
    const FileSizeLimit limit(saver.daemon().process().id(), 16);
    saver.check_refused("File too large");
    CHECK(files_like(saver.file()) == files);
  }
  CHECK(saver.save("4").status == 200);
  CHECK(saver.number() == "4");
}

TEST_CASE("whatever step of a save fails, the old file stays and the next save works",
          "[config][keys][machine][daemon]") {
  const FailingSaves saves;
  const Saver saver(each_subject(), saves.surroundings());
  const std::filesystem::path file(saver.file());
  const std::string name = file.filename(), new_name = "." + name + ".new", folder = file.parent_path();
  for (const auto& [fault, reason] :
       std::vector<std::pair<std::string, std::string>>{{"write " + new_name + " 1 5", "Input/output error"},
                                                        {"write " + new_name + " 1 28", "No space left"},
                                                        {"fsync " + new_name + " 1 5", "Input/output error"},
                                                        {"rename " + name + " 1 13", "Permission denied"},
                                                        {"rename " + name + " 1 16", "mounted by itself"},
                                                        {"fsync " + folder + " 1 5", "Input/output error"}}) {
    INFO(fault);
    saves.fail(fault);
    saver.check_refused(reason);
    CHECK(files_like(saver.file()) == name);
    saves.stop();
    CHECK(saver.save("4").status == 200);
    CHECK(holds(content_of(saver.file()), saver.in_file("4")));
    CHECK(saver.save("3").status == 200);
    CHECK(saver.health() == "healthy");
  }
}

TEST_CASE("a save takes two syncs and little more, also with ten thousand keys",
          "[config][keys][machine][daemon]") {
  ScriptedProvider provider(saying({"Hi"}));
  Gateway daemon({{"A", provider.base_url()}});
  daemon.restart(SIGTERM, [&] { daemon.folder().write("data/api_keys.json", many_keys(10'000)); });
  const AdminClient admin(daemon);
  const Subject subject = each_subject();
  const std::string target =
      subject.file == "config.json" ? "/api/config" : "/api/keys/" + std::to_string(10'004'711);
  const std::string folder = std::filesystem::path(daemon.folder().file(subject.file)).parent_path();
  const auto bytes = std::filesystem::file_size(daemon.folder().file(subject.file));
  RawClient client(daemon.port());
  int number = 0;
  const auto save = [&] {
    client.send(admin.request(
        "PUT", target, "{\"" + std::string(subject.member) + "\":" + std::to_string(4 + ++number % 2) + "}"));
    CHECK(client.read_answer().status == 200);
  };
  constexpr SaveTime::Milliseconds allowed = is_sanitized ? 100ms : 5ms;
  const auto beyond = SaveTime(folder, bytes).beyond_syncs(save, allowed);
  INFO(subject.file << ": " << beyond.count() << " ms beyond two syncs");
  CHECK(beyond <= allowed);
}
