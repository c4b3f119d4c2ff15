#pragma once

#include <span>
#include <string_view>

// The panel's files as the build found them. cmake/embed_panel.cmake writes the source.
namespace airouterd::admin {

struct PanelFile {
  std::string_view name{};  // below /admin/: "index.html", "FINGERPRINT/main.js"
  std::string_view type{};
  std::string_view bytes{}, gzipped{};
};

// In no order that matters; index.html is among them.
std::span<const PanelFile> panel_files() noexcept;

// Changes with every file.
std::string_view panel_version() noexcept;

}  // namespace airouterd::admin
