#include "runners/load/transport/socket.h"

#include <gtest/gtest.h>

namespace dyno::loadgen {
namespace {

std::uint32_t sources(const char* address, int connections) {
  Target target;
  target.address = address;
  target.port = 80;
  return socket_address(target, connections)->sources;
}

TEST(SocketAddress, ManyConnectionsToTheLoopbackComeFromSeveralAddresses) {
  EXPECT_EQ(sources("127.0.0.1", 10'000), 1);
  EXPECT_EQ(sources("127.0.0.1", 10'001), 8);
  EXPECT_EQ(sources("127.0.0.1", 65'000), 8);
  EXPECT_EQ(sources("192.0.2.1", 65'000), 1);  // no other address is surely ours
  EXPECT_EQ(sources("::1", 65'000), 1);
}

}  // namespace
}  // namespace dyno::loadgen
