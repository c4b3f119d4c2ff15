# The table of a benchmark, as Markdown, from "NAME=VALUE" lines. A row whose figures are all missing is left out; so is
# a peer. With -v rows=few only the rows that matter most.
BEGIN {
  FS = "="
  peer_count = split("direct nginx airouterd portkey litellm", peers, " ")
  title["direct"] = "no proxy"; title["portkey"] = "Portkey"; title["litellm"] = "LiteLLM"
  row("CPU per request, 1 connection", "cpu_us_per_request", "c1", "µs", "ratio.cpu.c1")
  row("CPU per request, 32 connections", "cpu_us_per_request", "c32", "µs", "ratio.cpu.c32", 1)
  row("CPU per request, 256 connections", "cpu_us_per_request", "c256", "µs", "ratio.cpu.c256")
  row("CPU per request, 32 connections, TLS", "cpu_us_per_request", "c32_tls", "µs", "ratio.cpu.c32_tls")
  row("p50, 1 connection", "p50_us", "c1", "µs", "ratio.p50.c1", 1)
  row("p99, 1 connection", "p99_us", "c1", "µs")
  row("p50, 32 connections", "p50_us", "c32", "µs")
  row("p99, 32 connections", "p99_us", "c32", "µs")
  row("p50, 256 connections", "p50_us", "c256", "µs")
  row("p99, 256 connections", "p99_us", "c256", "µs")
  row("requests, 32 connections", "requests_per_s", "c32", "/s", "", 1)
  row("requests, 256 connections", "requests_per_s", "c256", "/s")
  row("the same measured with wrk, 32 connections", "wrk_requests_per_s", "c32", "/s")
  row("CPU per event, 20 streams × 10/s", "cpu_us_per_event", "s20", "µs", "ratio.cpu.s20")
  row("CPU per event, 100 streams × 50/s", "cpu_us_per_event", "s100", "µs", "ratio.cpu.s100", 1)
  row("CPU per event, 1 000 streams × 10/s", "cpu_us_per_event", "s1000", "µs", "ratio.cpu.s1000", 1)
  row("– events lost", "events_lost", "s1000", "", "", 1)
  row("– lateness p50", "late_p50_us", "s1000", "µs")
  row("– lateness p99", "late_p99_us", "s1000", "µs")
  row("– peak RSS", "rss_peak_mb", "s1000", "MB", "", 1)
  row("CPU per event, 1 000 streams × 10/s, TLS", "cpu_us_per_event", "s1000_tls", "µs", "ratio.cpu.s1000_tls")
  row("– events lost, TLS", "events_lost", "s1000_tls", "")
  row("– lateness p50, TLS", "late_p50_us", "s1000_tls", "µs")
  row("– lateness p99, TLS", "late_p99_us", "s1000_tls", "µs")
  row("– peak RSS, TLS", "rss_peak_mb", "s1000_tls", "MB")
  row("RSS when idle", "idle_rss_mb", "", "MB", "", 1)
  row("– of it its own (RssAnon)", "idle_rss_anonymous_mb", "", "MB")
  row("size of the stripped binary", "stripped_size_mb", "", "MB")
  row("start to first answer", "first_answer_ms", "", "ms", "", 1)
  if (rows == "few") peer_count = split("nginx airouterd portkey litellm", peers, " ")
}
function row(what, name, load, of, ratio, is_main) {
  label[++row_count] = what; figure[row_count] = name; suffix[row_count] = load == "" ? "" : "." load
  unit[row_count] = of; compared[row_count] = ratio; main[row_count] = is_main
}
{ value[$1] = $2 }

# Three digits are what these figures are worth; thousands are grouped.
function number(v,   text, rest) {
  v += 0
  if (v == 0) return "0"
  if (v < 1000) return sprintf("%.3g", v)
  text = sprintf("%d", int(v / 10 ^ (length(int(v)) - 3) + 0.5) * 10 ^ (length(int(v)) - 3))
  for (rest = ""; length(text) > 3; text = substr(text, 1, length(text) - 3)) rest = " " substr(text, length(text) - 2) rest
  return text rest
}
function cell(name, of,   text) {
  if (!(name in value)) return "–"
  text = number(value[name])
  if (rows != "few" && (name ".min") in value && value[name ".min"] != value[name ".max"])
    text = text " (" number(value[name ".min"]) "–" number(value[name ".max"]) ")"
  return text
}

END {
  for (p = 1; p <= peer_count; ++p) {
    is_there = 0
    for (r = 1; r <= row_count; ++r) if ((figure[r] "." peers[p] suffix[r]) in value) is_there = 1
    if (is_there) shown[++shown_count] = peers[p]
  }
  head = "| |"; line = "|---|"
  for (p = 1; p <= shown_count; ++p) { head = head " " (shown[p] in title ? title[shown[p]] : shown[p]) " |"; line = line "--:|" }
  print head " airouterd : nginx |"
  print line "--:|"
  for (r = 1; r <= row_count; ++r) {
    if (rows == "few" && !main[r]) continue
    text = "| " label[r] (unit[r] == "" ? "" : ", " unit[r]) " |"
    has_any = 0
    for (p = 1; p <= shown_count; ++p) {
      name = figure[r] "." shown[p] suffix[r]
      if (name in value) has_any = 1
      text = text " " cell(name) " |"
    }
    if (has_any) print text " " (compared[r] == "" || !(compared[r] in value) ? "" : cell(compared[r])) " |"
  }
  if (rows != "few" && ("ratio.keys" in value)) {
    print "\n| CPU per request, 32 connections, µs | |"
    print "|---|--:|"
    print "| neither keys nor a log | " cell("cpu_us_per_request.airouterd_bare.c32") " |"
    print "| one key, its limit and the log | " cell("cpu_us_per_request.airouterd_keys.c32") " |"
    print "| – of that without | " cell("ratio.keys") " |"
    print "| 10 000 keys, a limit and the log | " cell("cpu_us_per_request.airouterd_many_keys.c32") " |"
    print "| – of that with one key | " cell("ratio.many_keys") " |"
  }
  if (rows == "few" || !("ratio.call" in value)) exit
  print "\n| in process | |"
  print "|---|--:|"
  print "| plain libcurl, CPU per call, µs | " cell("cpu_us_per_call.libcurl") " |"
  print "| `Router::call`, CPU per call, µs | " cell("cpu_us_per_call.library") " |"
  print "| their ratio | " cell("ratio.call") " |"
  print "| a pick in a big config, always the same model, µs | " cell("pick_us.one_model") " |"
  print "| a pick in a big config, all models in turn, µs | " cell("pick_us.all_models") " |"
  print "| working out the routes of the big config, ms | " cell("big_config.routes_ms") " |"
}
