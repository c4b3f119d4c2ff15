#pragma once

#include <filesystem>
#include <string>

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

 private:
  int lock_fd_ = -1;
};

}  // namespace airouterd::store
