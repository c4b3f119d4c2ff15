#include "transport/resend_guard.h"

#include <chrono>

#include "support/catch.h"

namespace {

using airouter::TimePoint;
using airouter::transport::ResendGuard;
using namespace std::chrono_literals;

constexpr TimePoint start{100s};

}  // namespace

TEST_CASE("a request goes out again if its connection died at once without a byte", "[transport]") {
  ResendGuard guard;
  CHECK(guard.may_send(start, 500));
  guard.on_closed(start + 1s, 501);  // a FIN
  CHECK(guard.may_connect(start + 5s));
  CHECK(guard.may_send(start + 9s, 0));
  CHECK_FALSE(guard.is_denied());
}

TEST_CASE("a request goes out twice at most", "[transport]") {
  ResendGuard guard;
  CHECK(guard.may_send(start, 0));
  guard.on_closed(start, 0);
  CHECK(guard.may_send(start, 0));
  guard.on_closed(start, 0);
  CHECK_FALSE(guard.may_connect(start));
  CHECK_FALSE(guard.may_send(start, 0));
  CHECK(guard.is_denied());
}

TEST_CASE("a request does not go out again once a byte has come", "[transport]") {
  ResendGuard guard;
  CHECK(guard.may_send(start, 500));
  guard.on_closed(start, 502);
  CHECK_FALSE(guard.may_send(start, 0));
  CHECK(guard.is_denied());
}

TEST_CASE("a request does not go out again if the connection lived for a while", "[transport]") {
  ResendGuard guard;
  CHECK(guard.may_send(start, 0));
  guard.on_closed(start + 1001ms, 0);
  CHECK_FALSE(guard.may_connect(start + 1001ms));
  CHECK_FALSE(guard.may_send(start + 1001ms, 0));

  ResendGuard unseen;  // nobody told when it was closed
  CHECK(unseen.may_send(start, 0));
  CHECK_FALSE(unseen.may_send(start + 1001ms, 0));
}

TEST_CASE("a connection that closes before the request went out costs nothing", "[transport]") {
  ResendGuard guard;
  guard.on_closed(start, 900);
  CHECK(guard.may_connect(start + 5s));
  CHECK(guard.may_send(start + 5s, 0));
  CHECK_FALSE(guard.is_denied());
}

TEST_CASE("the farewell of a TLS connection is no answer", "[transport]") {
  ResendGuard guard(true);
  CHECK(guard.may_send(start, 5000));
  guard.on_closed(start, 5000 + 31);
  CHECK(guard.may_send(start, 0));
}
