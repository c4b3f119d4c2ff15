#include "admin/panel_routes.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include "admin/panel_files.h"
#include "admin/replies.h"
#include "base/text_file.h"
#include "http/gzip.h"

namespace airouterd::admin {
namespace {

constexpr std::string_view index_name = "index.html";
constexpr std::size_t file_bytes_max = std::size_t{1} << 20;

// Nothing but the panel's own files may run, nothing may frame it, and no string becomes a script.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

struct FileType {
  std::string_view ending, type;
};
constexpr std::array file_types{FileType{".js", "text/javascript"}, FileType{".css", "text/css"},
                                FileType{".svg", "image/svg+xml"},
                                FileType{".html", "text/html; charset=utf-8"}};

// Of pages; and of what a browser might take for one.
http::Headers page_headers() {
  return {{"content-security-policy", std::string(content_security_policy)},
          {"x-content-type-options", "nosniff"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"}};
}

// Of scripts, styles and pictures: a page's policy rules over them, and the first look is to be small.
http::Headers asset_headers() {
  return {{"x-content-type-options", "nosniff"}, {"cross-origin-resource-policy", "same-origin"}};
}

http::Headers headers_of(std::string_view type) {
  const bool can_be_page = type.starts_with("text/html") || type.starts_with("image/svg");
  return can_be_page ? page_headers() : asset_headers();
}

http::Reply not_found(const Request& request) {
  http::Reply reply =
      problem(request, 404, "not_found", {"the panel has no such file", "管理面板没有此文件"});
  for (auto& header : page_headers())
    reply.headers.push_back(std::move(header));
  return reply;
}

// The same for every encoding of a file, hence weak.
std::string entity_tag() {
  return "W/\"" + std::string(panel_version()) + "\"";
}

http::Reply serve(const PanelFile& file, const http::Request& request) {
  http::Reply reply{.headers = headers_of(file.type)};
  const bool is_page = file.name == index_name;
  reply.headers.emplace_back("content-type", file.type);
  reply.headers.emplace_back("cache-control", is_page ? "no-cache" : "public, max-age=31536000, immutable");
  reply.headers.emplace_back("etag", entity_tag());
  reply.headers.emplace_back("vary", "accept-encoding");
  const std::string_view known = request.header("if-none-match");
  if (known == "*" || http::lists(known, entity_tag())) {
    reply.status = 304;
    return reply;
  }
  const bool takes_gzip = http::lists(request.header("accept-encoding"), "gzip");
  if (takes_gzip) reply.headers.emplace_back("content-encoding", "gzip");
  reply.body = takes_gzip ? file.gzipped : file.bytes;
  return reply;
}

// Only names that cannot leave the folder: one segment, and no dot but that of the ending.
bool is_plain_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         std::all_of(name.begin(), name.end(), [&](const char& c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || &c == name.data() + dot;
         });
}

// For working on the panel: what is in the folder now.
http::Reply serve_from(const std::filesystem::path& folder, std::string_view name, const Request& request) {
  constexpr std::string_view assets = "assets/";
  const bool is_page = name == index_name;
  if (!is_page && !name.starts_with(assets)) return not_found(request);
  if (!is_page && !is_plain_name(name.substr(assets.size()))) return not_found(request);
  const auto type = std::find_if(file_types.begin(), file_types.end(),
                                 [&](const FileType& row) { return name.ends_with(row.ending); });
  if (type == file_types.end()) return not_found(request);
  const auto file =
      airouter::read_text_file((folder / name).string(), file_bytes_max, airouter::FileKind::regular);
  if (!file.problem.empty()) return not_found(request);
  http::Reply reply{.headers = headers_of(type->type), .body = file.text};
  reply.headers.emplace_back("content-type", type->type);
  reply.headers.emplace_back("cache-control", "no-store");
  return reply;
}

http::Reply serve_name(const Context& context, std::string_view name, const Request& request) {
  if (!context.process.panel_folder.empty()) return serve_from(context.process.panel_folder, name, request);
  const auto files = panel_files();
  const auto file =
      std::find_if(files.begin(), files.end(), [&](const PanelFile& row) { return row.name == name; });
  return file == files.end() ? not_found(request) : serve(*file, request.http());
}

}  // namespace

http::Reply show_panel(const Context& context, Request& request) {
  // The path is normalised; what was sent tells whether the browser thinks of a folder.
  const std::string_view target = request.http().target;
  if (target.substr(0, target.find('?')).ends_with('/')) return serve_name(context, index_name, request);
  http::Reply reply{.status = 308, .headers = page_headers()};
  reply.headers.emplace_back("location", "admin/");
  reply.headers.emplace_back("cache-control", "no-cache");
  return reply;
}

http::Reply show_panel_file(const Context& context, Request& request) {
  // As sent: no file has a name that needs encoding.
  return serve_name(context, request.http().path.substr(std::string_view("/admin/").size()), request);
}

}  // namespace airouterd::admin
