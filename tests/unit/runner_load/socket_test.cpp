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

TEST(SocketAddresses, AreTriedInTurnFromTheOneThatWorked) {
  const auto addresses = SocketAddresses::make({"::1", 80, "", {"127.0.0.1"}, ""});
  ASSERT_TRUE(addresses);
  EXPECT_EQ(addresses->count(), 2U);
  EXPECT_EQ(addresses->first(), 0U);
  EXPECT_EQ(addresses->after(0), 1U);
  EXPECT_EQ(addresses->after(1), 0U);
  EXPECT_EQ(addresses->at(0).storage.ss_family, AF_INET6);
  EXPECT_FALSE(SocketAddresses::make({"::1", 80, "", {"localhost"}, ""})) << "no address";
}

TEST(SocketAddresses, OfAUnixSocketHasNoLimitOfPorts) {
  const auto address = socket_address({"", 0, "", {}, "/run/x.sock"});
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_unix());
  EXPECT_GT(most_connections(*address), 1'000'000);
  EXPECT_FALSE(socket_address({"", 0, "", {}, std::string(108, 'x')}));
}

}  // namespace
}  // namespace dyno::loadgen
