#pragma once

#include <filesystem>
#include <string_view>

#include <airouter/result.h>

namespace airouterd::store {

// Makes `content` what the file holds, for good: once this has returned, neither a kill nor a power cut
// brings the old content back; after an error the old file is as it was, and no other file is left. Readers
// see the old content or the new, never a part. A symlink stays, and the file it leads to is replaced. The
// file keeps its mode and owner; a new one is its owner's alone (0600). Two syncs: of the file and of its
// folder.
//
// Thread-safe, also between processes. Errors: overloaded, saying what could not be done to which file and
// the system's reason. Never throws.
airouter::Result<void> replace_file(const std::filesystem::path& path, std::string_view content);

}  // namespace airouterd::store
