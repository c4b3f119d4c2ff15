// The client to measure with: one thread, one event loop. Prints "name value" lines; exits with 1 if an
// answer was not as expected.

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "first_answer.h"
#include "load_target.h"
#include "plain_load.h"
#include "process_watch.h"
#include "socket.h"
#include "stream_load.h"

namespace {

void add_target(CLI::App& app, bench::Target& target) {
  app.add_option("--port", target.port, "port of 127.0.0.1 to ask")->required();
  app.add_option("--path", target.path, "path to ask for");
  app.add_option("--model", target.model, "model to ask for");
  app.add_option("--header", target.headers, "a further line of the head; may be given often")
      ->allow_extra_args(false);
  app.add_option("--pid", target.process,
                 "process whose processor time and memory to watch, with its descendants");
}

void add_plain_load(CLI::App& app, bench::PlainLoadOptions& options) {
  add_target(app, options.target);
  app.add_option("--connections", options.connections, "connections, each asking again when answered");
  app.add_option("--warm-up", options.warm_up_s, "seconds that do not count");
  app.add_option("--seconds", options.seconds, "seconds that count");
  app.add_option("--requests", options.requests, "instead of a time: so many requests");
  app.add_option("--abort-percent", options.abort_percent, "requests whose client leaves");
  app.add_option("--stream-percent", options.stream_percent, "requests that are streamed");
  app.add_option("--sample-every", options.sample_every_s, "seconds between samples of memory");
}

void add_stream_load(CLI::App& app, bench::StreamLoadOptions& options) {
  add_target(app, options.target);
  app.add_option("--streams", options.streams, "streams at one time");
  app.add_option("--rate", options.rate, "events a second, of each");
  app.add_option("--events", options.events, "events of each");
  app.add_option("--ramp", options.ramp_s, "seconds over which they are opened");
}

void print_size(pid_t process) {
  const bench::ProcessWatch::Size size = bench::ProcessWatch(process).size();
  bench::print_figure("idle_rss_mb", bench::megabytes(size.rss_kib));
  bench::print_figure("idle_rss_anonymous_mb", bench::megabytes(size.rss_anonymous_kib));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A client to measure with.", "bench_load"};
  app.require_subcommand(1);
  bench::PlainLoadOptions plain;
  bench::StreamLoadOptions stream;
  bench::Target target;
  double patience_s = 10;
  std::vector<std::string> command;
  add_plain_load(*app.add_subcommand("plain", "plain requests in a closed loop"), plain);
  add_stream_load(*app.add_subcommand("stream", "streams, read to their end"), stream);
  CLI::App* wait = app.add_subcommand("wait", "ask until a plain answer comes");
  add_target(*wait, target);
  wait->add_option("--patience", patience_s, "seconds to wait at most");
  CLI::App* first = app.add_subcommand("first-answer", "start a program; how long until it answers");
  add_target(*first, target);
  first->add_option("--patience", patience_s, "seconds to wait at most");
  first->add_option("command", command, "the program and its arguments, behind --")->required();
  CLI::App* size = app.add_subcommand("size", "what memory a process has");
  size->add_option("--pid", target.process, "the process, with its descendants")->required();
  CLI::App* port = app.add_subcommand("free-port", "a port of 127.0.0.1 that nobody listens on");
  CLI::App* body = app.add_subcommand("request-body", "the body of the plain request, for other clients");
  CLI11_PARSE(app, argc, argv);

  bool is_fine = true;
  if (app.got_subcommand("plain")) is_fine = bench::run_plain_load(plain);
  if (app.got_subcommand("stream")) is_fine = bench::run_stream_load(stream);
  if (*wait) is_fine = bench::wait_for_answer(target, patience_s);
  if (*first) is_fine = bench::measure_first_answer(target, command, patience_s);
  if (*body) std::fputs(bench::request_body("plain", false).c_str(), stdout);
  if (*size) print_size(target.process);
  if (*port) std::printf("%d\n", bench::free_port());
  return is_fine ? 0 : 1;
}
