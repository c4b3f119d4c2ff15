#include "store/admin_token.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.h"
#include "support/temp_folder.h"

using namespace airouterd;

namespace {

std::string content_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_private(const std::string& file) {
  return (std::filesystem::status(file).permissions() & std::filesystem::perms::all) ==
         (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace

TEST_CASE("the first start makes an admin token, and the next one finds it", "[admin][admin-token]") {
  const TempFolder folder;
  CHECK_FALSE(store::read_admin_token(folder.file("")));
  const auto made = store::read_or_make_admin_token(folder.file(""));
  REQUIRE(made);
  CHECK(made->text.size() == 64);
  CHECK(made->warning.empty());
  CHECK(made->file == folder.file("admin_token"));
  CHECK(content_of(folder.file("admin_token")) == made->text + "\n");
  CHECK(is_private(folder.file("admin_token")));
  CHECK(store::read_or_make_admin_token(folder.file(""))->text == made->text);
  CHECK(store::read_admin_token(folder.file(""))->text == made->text);
  CHECK(store::temporary_admin_token().text != made->text);
}

TEST_CASE("an empty token file is mended, one that holds something else is refused", "[admin][admin-token]") {
  const TempFolder folder;
  for (const char* empty : {"", "\n", " \r\n"}) {
    folder.write("admin_token", empty);
    CHECK_FALSE(store::read_admin_token(folder.file("")));
    const auto made = store::read_or_make_admin_token(folder.file(""));
    REQUIRE(made);
    CHECK(made->text.size() == 64);
    CHECK(is_private(folder.file("admin_token")));
  }
  for (const std::string& odd :
       {std::string("admin"), std::string(31, 'a'), std::string(257, 'a'), std::string(40, '\0'),
        std::string(20, 'a') + " " + std::string(20, 'a'), std::string(20, 'a') + "\n" + std::string(20, 'a'),
        std::string(40, '\xE9'), std::string(5000, 'a')}) {
    folder.write("admin_token", odd);
    const auto refused = store::read_or_make_admin_token(folder.file(""));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("admin_token") != std::string::npos);
    CHECK(refused.error().message.find(std::string(20, 'a')) == std::string::npos);
    CHECK(content_of(folder.file("admin_token")) == odd);
  }
}

TEST_CASE("a token of one's own is taken, and kept from others", "[admin][admin-token]") {
  const TempFolder folder;
  const std::string own(32, 'x');
  folder.write("admin_token", " " + own + "\r\n");
  const auto read = store::read_or_make_admin_token(folder.file(""));
  REQUIRE(read);
  CHECK(read->text == own);
  CHECK(is_private(folder.file("admin_token")));
}

TEST_CASE("where no token can be saved, there is one for this run", "[admin][admin-token]") {
  const TempFolder folder;
  const auto made = store::read_or_make_admin_token(folder.file("not/there"));
  REQUIRE(made);
  CHECK(made->text.size() == 64);
  CHECK(made->file.empty());
  CHECK(made->warning.find("ends with this run") != std::string::npos);
}
