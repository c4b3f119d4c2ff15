#pragma once

#include <exception>
#include <string>
#include <utility>

#include "http/message.h"

// A request that is nothing but its head, from a peer of that address.
class HeadOnly final : public airouterd::http::Request {
 public:
  explicit HeadOnly(std::string from, airouterd::http::Headers fields) {
    peer = std::move(from);
    headers = std::move(fields);
  }
  bool has_body() const override { return false; }
  airouter::Result<std::string> read_body(std::size_t) override { return std::string(); }
  airouter::Interrupt& interrupt() override { std::terminate(); }
};
