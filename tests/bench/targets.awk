# Says for every target whether it is met, from "NAME=VALUE" lines.
BEGIN {
  FS = "="
  target("CPU per plain request at 32 connections, of nginx's", "ratio.cpu.c32", 4, "×")
  target("the same, below which it is not done", "ratio.cpu.c32", 5, "×")
  target("CPU per plain request at 256 connections, of nginx's", "ratio.cpu.c256", 5, "×")
  target("p50 at one connection, of nginx's", "ratio.p50.c1", 1.5, "×")
  target("CPU per SSE event, 100 streams × 50 a second, of nginx's", "ratio.cpu.s100", 2, "×")
  target("CPU with keys, limits and the log, of that without", "ratio.keys", 1.15, "×")
  target("CPU with 10 000 keys, of that with one", "ratio.many_keys", 1.05, "×")
  target("events lost, 1 000 streams × 10 a second", "events_lost.airouterd.s1000", 0, "")
  target("p99 lateness beyond nginx's there", "excess.late_p99_ms.s1000", 10, " ms")
  target("peak RSS there", "rss_peak_mb.airouterd.s1000", 100, " MB")
  target("events lost over TLS", "events_lost.airouterd.s1000_tls", 0, "")
  target("p99 lateness beyond nginx's over TLS", "excess.late_p99_ms.s1000_tls", 10, " ms")
  target("peak RSS over TLS", "rss_peak_mb.airouterd.s1000_tls", 200, " MB")
  target("size of the stripped binary", "stripped_size_mb.airouterd", 4, " MB")
  target("`Router::call`, CPU, of plain libcurl's", "ratio.call", 1.5, "×")
  target("a pick among 32 candidates of 100 000", "pick_us.all_models", 2, " µs")
}
function target(what, name, limit, unit) { label[++count] = what; figure[count] = name; most[count] = limit; of[count] = unit }
function number(v) { return sprintf("%.3g", v) }
{ value[$1] = $2 }
END {
  print "| target | at most | measured | |"
  print "|---|---|---|---|"
  for (i = 1; i <= count; ++i) {
    name = figure[i]
    if (!(name in value)) { verdict = "not measured"; measured = "–" }
    else {
      v = value[name] + 0
      measured = number(v) of[i]
      if ((name ".min") in value) measured = measured " (" number(value[name ".min"]) "–" number(value[name ".max"]) ")"
      if (v <= most[i]) verdict = "met"
      else if (most[i] == 0) verdict = "NOT MET"
      else verdict = sprintf("NOT MET, by %.0f %%", 100 * (v / most[i] - 1))
    }
    printf "| %s | %s%s | %s | %s |\n", label[i], most[i], of[i], measured, verdict
  }
}
