#include "http/gzip.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <zlib.h>

#include "base/text.h"

namespace airouterd::http {
namespace {

namespace text = airouter::text;

// What fits into a packet arrives as soon packed as not.
constexpr std::size_t packed_bytes_min = 1024;

// Empty: there is no memory for it.
std::string gzipped(std::string_view bytes) {
  constexpr int gzip_window = MAX_WBITS + 16;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string packed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const bool is_whole = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  packed.resize(is_whole ? stream.total_out : 0);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace

bool lists(std::string_view values, std::string_view token) {
  while (!values.empty()) {
    const std::size_t end = std::min(values.find(','), values.size());
    const std::string_view item = values.substr(0, end);
    values.remove_prefix(std::min(end + 1, values.size()));
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    if (!text::equals_ignoring_case(text::trim(item.substr(0, semicolon)), token)) continue;
    const std::string weight = text::lower(text::trim(item.substr(std::min(semicolon + 1, item.size()))));
    return !(weight.starts_with("q=0") && weight.find_first_of("123456789") == std::string::npos);
  }
  return false;
}

void pack(Reply& reply, const Request& request) {
  const std::size_t bytes = reply.body.size();
  if (reply.stream || bytes < packed_bytes_min || bytes > std::numeric_limits<uInt>::max() / 2) return;
  if (airouter::find_header(reply.headers, "content-type") != "application/json") return;
  reply.headers.emplace_back("vary", "accept-encoding");
  if (!lists(request.header("accept-encoding"), "gzip")) return;
  std::string packed = gzipped(reply.body);
  if (packed.empty()) return;
  reply.body = std::move(packed);
  reply.headers.emplace_back("content-encoding", "gzip");
}

}  // namespace airouterd::http
