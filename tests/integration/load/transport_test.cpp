// What both transports promise to the loop above them, on real sockets whose other ends the test holds.
#include "runners/load/transport/transport.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "integration/load/over_transports.h"

namespace dyno::loadgen {
namespace {

constexpr Slot kSlots = 24;
constexpr std::int64_t kWaitNs = 1'000'000'000;
// Rounds of others that may pass before what nobody asked for is told: 32 read in order, one look, one begun before it came.
constexpr int kMostRounds = 34;

class TransportContract : public testing::TestWithParam<TransportKind>, protected TransportListener {
 protected:
  void SetUp() override {
    listener_fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(bind(listener_fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener_fd_, kSlots), 0);
    getsockname(listener_fd_, reinterpret_cast<sockaddr*>(&address), &size);
    LoadSpec spec;
    spec.target = {"127.0.0.1", ntohs(address.sin_port), ""};
    spec.transport = GetParam();
    auto made = make_transport(spec, kSlots);
    if (!made) GTEST_SKIP() << "this kernel offers no io_uring: NOT TESTED";
    transport_ = std::move(*made);
    for (Slot slot = 0; slot < kSlots; ++slot) connect(slot);
  }
  void TearDown() override {
    for (const auto& [slot, fd] : servers_) ::close(fd);
    if (listener_fd_ >= 0) ::close(listener_fd_);
  }

  // One after another, so that the end which the server accepts is the one of this slot.
  void connect(Slot slot) {
    std::erase(opened_, slot);
    transport_->open(slot);
    poll_until([&] { return std::count(opened_.begin(), opened_.end(), slot) == 1; });
    servers_[slot] = accept4(listener_fd_, nullptr, nullptr, SOCK_CLOEXEC);
    ASSERT_GE(servers_[slot], 0);
  }
  template <class Done>
  void poll_until(Done is_done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_done() && std::chrono::steady_clock::now() < deadline) transport_->poll(kWaitNs, *this);
    ASSERT_TRUE(is_done());
  }
  void answer(Slot slot, std::string_view bytes) {
    ASSERT_EQ(write(servers_.at(slot), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  // A server that ends a connection with questions unread resets it.
  void read_questions() {
    transport_->poll(0, *this);  // io_uring sends only now
    std::array<char, 256> questions;
    for (const auto& [slot, fd] : servers_) {
      while (recv(fd, questions.data(), questions.size(), MSG_DONTWAIT) > 0) continue;
    }
  }
  void hang_up(Slot slot) {
    ::close(servers_.at(slot));
    servers_.erase(slot);
  }
  void ask_all() {
    for (Slot slot = 0; slot < kSlots; ++slot) transport_->send(slot, "?");
  }
  // Every connection asks again as soon as it is answered: a loop that is always behind its server.
  void saturate(int rounds) {
    asks_again_ = true;
    ask_all();
    for (int round = 0; round < rounds; ++round) {
      const std::size_t before = told_.size();
      for (Slot slot = 0; slot < kSlots; ++slot) answer(slot, "!");
      poll_until([&] { return told_.size() >= before + kSlots; });
    }
  }

  void on_wake() override { ++wakes_; }
  void on_open(Slot slot) override { opened_.push_back(slot); }
  void on_bytes(Slot slot, std::string_view bytes) override {
    EXPECT_GT(wakes_, 0);
    told_.push_back(slot);
    bytes_[slot] += bytes;
    if (asks_again_ && slot != silent_) transport_->send(slot, "?");
  }
  void on_sent(Slot /*slot*/) override {}
  void on_end(Slot slot, int error) override { ends_[slot] = error; }

  int listener_fd_ = -1;
  std::unique_ptr<Transport> transport_;
  std::map<Slot, int> servers_;
  int wakes_ = 0;
  bool asks_again_ = false;
  Slot silent_ = kSlots;  // one that does not ask again
  std::vector<Slot> opened_;
  std::vector<Slot> told_;
  std::map<Slot, std::string> bytes_;
  std::map<Slot, int> ends_;
};

TEST_P(TransportContract, TellsEveryAnswerOnce) {
  saturate(50);
  for (Slot slot = 0; slot < kSlots; ++slot) EXPECT_EQ(bytes_[slot], std::string(50, '!')) << slot;
  EXPECT_TRUE(ends_.empty());
}

TEST_P(TransportContract, DoesNotWaitForTheOldestWhenOthersAreAnswered) {
  saturate(3);
  told_.clear();
  for (Slot slot = 1; slot < kSlots; ++slot) answer(slot, "!");
  poll_until([&] { return told_.size() == kSlots - 1; });
  EXPECT_EQ(std::count(told_.begin(), told_.end(), 0U), 0);
  answer(0, "late");
  poll_until([&] { return bytes_[0].ends_with("late"); });
}

TEST_P(TransportContract, TellsTheRestOfAnAnswerThatComesInPieces) {
  silent_ = 5;
  saturate(3);
  for (int round = 0; round < 20; ++round) {
    told_.clear();
    for (Slot slot = 0; slot < kSlots; ++slot) answer(slot, slot == silent_ ? "piece" : "!");
    poll_until([&] { return told_.size() >= kSlots; });
  }
  EXPECT_EQ(bytes_[silent_].size(), 3 + 20 * std::string_view("piece").size());
}

TEST_P(TransportContract, HearsConnectionsThatNobodyAskedWhileOthersAreBusy) {
  transport_->close(kSlots - 1);
  connect(kSlots - 1);
  silent_ = kSlots - 1;
  asks_again_ = true;
  for (Slot slot = 0; slot < silent_; ++slot) transport_->send(slot, "?");
  const auto one_round = [&] {
    told_.clear();
    for (Slot slot = 0; slot < silent_; ++slot) answer(slot, "!");
    poll_until([&] { return told_.size() >= silent_; });
  };
  one_round();
  answer(silent_, "unasked");
  int rounds = 0;
  for (; rounds < 100 && bytes_[silent_].empty(); ++rounds) one_round();
  EXPECT_EQ(bytes_[silent_], "unasked");
  EXPECT_LE(rounds, kMostRounds);
  hang_up(silent_);
  for (rounds = 0; rounds < 100 && ends_.empty(); ++rounds) one_round();
  EXPECT_EQ(ends_, (std::map<Slot, int>{{silent_, 0}}));
  EXPECT_LE(rounds, kMostRounds);
}

TEST_P(TransportContract, TellsAnAnswerBeforeTheEndThatCameWithIt) {
  saturate(3);
  asks_again_ = false;
  read_questions();
  for (const Slot slot : {0U, 7U}) {
    answer(slot, "last");
    hang_up(slot);
  }
  poll_until([&] { return ends_.size() == 2; });
  EXPECT_TRUE(bytes_[0].ends_with("last"));
  EXPECT_TRUE(bytes_[7].ends_with("last"));
  EXPECT_EQ(ends_, (std::map<Slot, int>{{0, 0}, {7, 0}}));
}

TEST_P(TransportContract, TellsNothingOfAConnectionThatWasClosed) {
  saturate(3);
  told_.clear();
  for (Slot slot = 0; slot < kSlots; ++slot) answer(slot, "!");
  transport_->close(3);
  poll_until([&] { return told_.size() >= kSlots - 1; });
  ::close(servers_.at(3));
  connect(3);
  const std::string before = bytes_[3];
  transport_->send(3, "?");
  answer(3, "new");
  poll_until([&] { return bytes_[3] == before + "new"; });
  EXPECT_TRUE(ends_.empty());
}

INSTANTIATE_TEST_SUITE_P(Transports, TransportContract, kTransports, transport_name);

}  // namespace
}  // namespace dyno::loadgen
