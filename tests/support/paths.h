#pragma once

#include <string>

// The folder of the project's sources, without a slash at the end.
std::string source_root();

// The program under test; empty in a build without the server.
std::string airouterd_program();

// The library that stands in front of the resolver of a program it is preloaded into; empty likewise.
std::string slow_names_library();

// What to preload into a program to make its system calls fail: support/shims/failing_calls.cpp.
std::string failing_calls_library();
