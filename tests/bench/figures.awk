# Makes medians and ratios of a benchmark's raw figures: lines "NAME ROUND VALUE". Prints "NAME=VALUE" lines: each median,
# then, if there was more than one round, its spread over them as NAME.min and NAME.max.

$1 ~ /\.warm_up$/ { next }
{
  if (!($1 in rounds)) names[++name_count] = $1
  value[$1, ++rounds[$1]] = $3
  of_round[$1, $2] = $3
  if ($2 > round_max) round_max = $2
}

function sort_values(name,   i, j, v) {
  for (i = 1; i <= rounds[name]; ++i) {
    v = value[name, i] + 0
    for (j = i - 1; j >= 1 && sorted[j] > v; --j) sorted[j + 1] = sorted[j]
    sorted[j + 1] = v
  }
}

function settle(name,   n) {
  sort_values(name)
  n = rounds[name]
  printf "%s=%.6g\n", name, n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
  if (n > 1) printf "%s.min=%.6g\n%s.max=%.6g\n", name, sorted[1], name, sorted[n]
}

# Round by round, so that what slows the whole machine down for a while counts on both sides.
function compare(name, a, b, how, scale,   round) {
  for (round = 1; round <= round_max; ++round)
    if ((a, round) in of_round && of_round[b, round] > 0)
      value[name, ++rounds[name]] = how == "ratio" ? of_round[a, round] / of_round[b, round] : (of_round[a, round] - of_round[b, round]) / scale
  if (name in rounds) settle(name)
}

END {
  for (i = 1; i <= name_count; ++i) settle(names[i])
  count = split("c1 c32 c256 c32_tls", loads, " ")
  for (i = 1; i <= count; ++i) {
    compare("ratio.cpu." loads[i], "cpu_us_per_request.airouterd." loads[i], "cpu_us_per_request.nginx." loads[i], "ratio")
    compare("ratio.p50." loads[i], "p50_us.airouterd." loads[i], "p50_us.nginx." loads[i], "ratio")
  }
  count = split("s20 s100 s1000 s1000_tls", loads, " ")
  for (i = 1; i <= count; ++i) {
    compare("ratio.cpu." loads[i], "cpu_us_per_event.airouterd." loads[i], "cpu_us_per_event.nginx." loads[i], "ratio")
    compare("excess.late_p99_ms." loads[i], "late_p99_us.airouterd." loads[i], "late_p99_us.nginx." loads[i], "difference", 1000)
  }
  compare("ratio.keys", "cpu_us_per_request.airouterd_keys.c32", "cpu_us_per_request.airouterd_bare.c32", "ratio")
  compare("ratio.many_keys", "cpu_us_per_request.airouterd_many_keys.c32", "cpu_us_per_request.airouterd_keys.c32", "ratio")
  compare("ratio.call", "cpu_us_per_call.library", "cpu_us_per_call.libcurl", "ratio")
}
