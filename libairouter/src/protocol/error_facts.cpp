#include "protocol/error_facts.h"

#include "base/text.h"
#include "protocol/body_scan.h"

namespace airouter::protocol {

ErrorFacts read_error(std::string_view body) {
  BodyScan scan;
  if (json::scan(body, scan)) return {};
  return scan.take_error();
}

bool looks_like_html(std::string_view body) noexcept {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
  return text::trim(body).starts_with('<');
}

}  // namespace airouter::protocol
