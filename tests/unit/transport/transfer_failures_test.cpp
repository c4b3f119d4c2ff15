#include "transport/transfer_failures.h"

#include <algorithm>

#include "support/catch.h"

using airouter::TransferFailure;
using airouter::transport::failure_of;
using airouter::transport::failure_table;

TEST_CASE("each result of libcurl stands once in the table", "[transport]") {
  for (const auto& row : failure_table) {
    INFO(row.code);
    CHECK(std::count_if(failure_table.begin(), failure_table.end(),
                        [&](const auto& other) { return other.code == row.code; }) == 1);
    CHECK(failure_of(row.code) == row.failure);
  }
}

TEST_CASE("only a success is none, and what nobody knows is a reset", "[transport]") {
  for (int code = 1; code < 130; ++code)
    CHECK(failure_of(static_cast<CURLcode>(code)) != TransferFailure::none);
  CHECK(failure_of(CURLE_FTP_ACCEPT_FAILED) == TransferFailure::reset);
}
