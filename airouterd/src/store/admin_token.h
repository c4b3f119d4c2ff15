#pragma once

#include <filesystem>
#include <string>

#include <airouter/result.h>

namespace airouterd::store {

// What opens the administration API. A value; never printed but where its owner asked for it.
struct AdminToken {
  std::string text{};
  std::filesystem::path file{};  // that holds it; empty: nothing does, and it ends with the process
  std::string warning{};         // for the operator; empty: all is well
};

// A token that only this process knows.
AdminToken temporary_admin_token();

// The token that the file `admin_token` of a data folder holds. Errors: invalid_config, saying which file and
// why: it is not there, cannot be read, or holds no token.
airouter::Result<AdminToken> read_admin_token(const std::filesystem::path& folder);

// The same; but without a file one is made, and so it is if the file is empty, as a full disk leaves it. A
// file that others may read is made its owner's alone. Where nothing can be saved the token is a temporary
// one, with a warning.
airouter::Result<AdminToken> read_or_make_admin_token(const std::filesystem::path& folder);

}  // namespace airouterd::store
