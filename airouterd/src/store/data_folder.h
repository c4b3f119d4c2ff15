#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace airouterd::store {

// The folder that a running daemon keeps its files in, locked so that two never share one. Used by one
// thread.
class DataFolder {
 public:
  DataFolder() = default;
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  enum class Outcome {
    locked,    // it is ours until destruction
    in_use,    // another daemon has it
    unusable,  // it cannot be made or written; serving works without it
  };

  // Makes the folder if need be, readable by its owner alone. `problem` says why it is not ours.
  Outcome lock(const std::filesystem::path& folder, std::string& problem);

  // Writes into the lock where the server is that has the folder; nothing if it is not ours.
  void tell_address(std::string_view address) noexcept;

 private:
  int lock_fd_ = -1;
};

// Where the server is that has the folder now, as it told; empty: there is none, or it has told nothing. What
// a server has left behind that has ended counts for nothing.
std::string running_address(const std::filesystem::path& folder);

}  // namespace airouterd::store
