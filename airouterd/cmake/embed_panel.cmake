# Writes one C++ source that holds every file of the panel, as it is and gzipped.
# usage: cmake -DPANEL=FOLDER -DOUTPUT=FOLDER -P embed_panel.cmake
#
# Files of assets/ are served below a fingerprint of them all, so that a browser may keep them for ever: modules name each
# other without knowing it, and index.html, which names it, is the only file that changes on the way. The assembler takes
# the bytes in; nothing is compiled. gzip -n leaves out names and times: the same files make the same program.

file(GLOB assets RELATIVE "${PANEL}/assets" "${PANEL}/assets/*")
list(SORT assets)
set(fingerprints "")
foreach(name IN LISTS assets)
  file(SHA256 "${PANEL}/assets/${name}" fingerprint)
  string(APPEND fingerprints "${name} ${fingerprint}\n")
endforeach()
file(READ "${PANEL}/index.html" page)
string(SHA256 version "${fingerprints}${page}")
string(SUBSTRING "${version}" 0 16 version)
string(REPLACE "\"assets/" "\"${version}/" page "${page}")
file(MAKE_DIRECTORY "${OUTPUT}")
file(WRITE "${OUTPUT}/index.html" "${page}")

set(blobs "")
set(symbols "")
set(rows "")
set(count 0)
function(embed name path)
  if(name MATCHES "\\.js$")
    set(type "text/javascript")
  elseif(name MATCHES "\\.css$")
    set(type "text/css")
  elseif(name MATCHES "\\.svg$")
    set(type "image/svg+xml")
  elseif(name MATCHES "\\.html$")
    set(type "text/html; charset=utf-8")
  else()
    message(FATAL_ERROR "${path}: the panel has no files of this kind")
  endif()
  get_filename_component(base "${path}" NAME)
  execute_process(COMMAND gzip -9nc "${path}" OUTPUT_FILE "${OUTPUT}/${base}.gz" COMMAND_ERROR_IS_FATAL ANY)
  set(symbol "airouterd_panel_${count}")
  string(APPEND blobs
    "    \"${symbol}:\\n.incbin \\\"${path}\\\"\\n\"\n"
    "    \"${symbol}_gzipped:\\n.incbin \\\"${OUTPUT}/${base}.gz\\\"\\n\"\n"
    "    \"${symbol}_end:\\n\"\n")
  string(APPEND symbols "extern const char ${symbol}[], ${symbol}_gzipped[], ${symbol}_end[];\n")
  string(APPEND rows
    "      {\"${name}\", \"${type}\", {${symbol}, ${symbol}_gzipped}, {${symbol}_gzipped, ${symbol}_end}},\n")
  math(EXPR count "${count} + 1")
  foreach(variable blobs symbols rows count)
    set(${variable} "${${variable}}" PARENT_SCOPE)
  endforeach()
endfunction()

embed("index.html" "${OUTPUT}/index.html")
foreach(name IN LISTS assets)
  embed("${version}/${name}" "${PANEL}/assets/${name}")
endforeach()

file(CONFIGURE OUTPUT "${OUTPUT}/panel_files.cpp" @ONLY CONTENT [[
#include "admin/panel_files.h"

__asm__(
    ".pushsection .rodata\n"
@blobs@    ".popsection\n");

extern "C" {
@symbols@}

namespace airouterd::admin {

std::string_view panel_version() noexcept {
  return "@version@";
}

std::span<const PanelFile> panel_files() noexcept {
  static const PanelFile files[] = {
@rows@  };
  return files;
}

}  // namespace airouterd::admin
]])
