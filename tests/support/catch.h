#pragma once
// Catch2 2.13 of Debian 12, and Catch2 3 of newer releases.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
