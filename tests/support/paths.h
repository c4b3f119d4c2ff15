#pragma once

#include <string>

// The folder of the project's sources, without a slash at the end.
std::string source_root();

// The program under test; empty in a build without the server.
std::string airouterd_program();
