# Makes medians, ratios and verdicts of a benchmark's raw figures: lines "NAME ROUND VALUE".
# Prints "name=value" lines, each median followed by its spread over the rounds, NAME.min and NAME.max.

{ if (!($1 in rounds)) names[++name_count] = $1
  value[$1, ++rounds[$1]] = $3
  of_round[$1, $2] = $3; if ($2 > round_max) round_max = $2 }

function sort_values(name,   i, j, n, v) {
  n = rounds[name]
  for (i = 1; i <= n; ++i) {
    v = value[name, i] + 0
    for (j = i - 1; j >= 1 && sorted[j] > v; --j) sorted[j + 1] = sorted[j]
    sorted[j + 1] = v
  }
  return n
}

function settle(name,   n) {
  n = sort_values(name)
  median[name] = n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
  least[name] = sorted[1]; most[name] = sorted[n]
  printf "%s=%.6g\n", name, median[name]
  if (n > 1) printf "%s.min=%.6g\n%s.max=%.6g\n", name, least[name], name, most[name]
}

# A ratio round by round, so that what slows the whole machine down for a while counts on both sides.
function ratio(name, above, below,   round, n) {
  n = 0
  for (round = 1; round <= round_max; ++round)
    if ((above, round) in of_round && of_round[below, round] > 0) value[name, ++n] = of_round[above, round] / of_round[below, round]
  if (n == 0) return
  rounds[name] = n
  settle(name)
}

END {
  for (i = 1; i <= name_count; ++i) settle(names[i])
  split("1 32 256", connections, " ")
  for (i in connections) {
    c = "c" connections[i]
    ratio("ratio.cpu." c, "cpu_us_per_request.airouterd." c, "cpu_us_per_request.nginx." c)
    ratio("ratio.p50." c, "p50_us.airouterd." c, "p50_us.nginx." c)
  }
}
