// Names with several addresses, met by the real dyno-load program: it sees a name table of its own, in a mount namespace of its own.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "base/file.h"
#include "fakes/scripted_server.h"
#include "integration/load/dyno_load.h"

namespace dyno::loadgen {
namespace {

using fakes::ScriptedServer;
using fakes::ScriptedServerOptions;
using fakes::Talk;

void hello(Talk& talk) {
  while (!talk.request().empty()) talk.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

// Listens, but its row of waiting connections is full: a further SYN is dropped, and the address answers nothing at all.
class Silent {
 public:
  Silent(const std::string& address, int port) : server_({{}, address, {}, port, 0, 0}) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    EXPECT_EQ(inet_pton(AF_INET, address.c_str(), &to.sin_addr), 1);
    for (bool is_taken = true; is_taken;) {
      waiting_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      static_cast<void>(::connect(waiting_.back().get(), reinterpret_cast<const sockaddr*>(&to), sizeof to));
      pollfd opening{waiting_.back().get(), POLLOUT, 0};
      is_taken = ::poll(&opening, 1, 100) == 1;
    }
  }

 private:
  ScriptedServer server_;
  std::vector<Descriptor> waiting_;
};

// An /etc that knows these names and nothing else.
class Names {
 public:
  explicit Names(bool ipv4_first) {
    std::string pattern = (std::filesystem::temp_directory_path() / "dyno-names-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    put("nsswitch.conf", "hosts: files\n");
    put("host.conf", "multi on\n");
    put("gai.conf", ipv4_first ? "precedence ::ffff:0:0/96 100\n" : "");
  }
  ~Names() { std::filesystem::remove_all(folder_); }
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  void know(const std::vector<std::string>& addresses) const {
    std::string lines;
    for (const std::string& address : addresses) lines += address + " shop.test\n";
    put("hosts", lines);
  }
  Outcome run(const std::vector<std::string>& words) const {
    std::vector<std::string> all = {"--mount", "--propagation", "private"};
    if (::geteuid() != 0) all.insert(all.begin(), {"--user", "--map-root-user"});
    all.insert(all.end(), {"sh", "-c", R"(mount --bind "$0" /etc && exec "$@")", folder_});
    all.insert(all.end(), words.begin(), words.end());
    const auto begin = std::chrono::steady_clock::now();
    cli::Program program("/usr/bin/unshare", all);
    const cli::Ended ended = await_end(program);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return {ended.exit_code, took.count(), ended.out, ended.err};
  }
  Outcome load(int port, const std::string& transport) const {
    return run({kProgram, "http://shop.test:" + std::to_string(port) + "/", "-c", "4", "-N", "40", "-t", "3s",
                "--transport", transport, "--json"});
  }

 private:
  void put(const std::string& name, const std::string& text) const { std::ofstream(folder_ + "/" + name) << text; }
  std::string folder_;
};

enum class Does { serve, refuse, stay_silent };
struct At {
  std::string address;
  Does does = Does::serve;
};
struct Row {
  std::vector<At> tried;  // in this order
  std::size_t serves;     // which of them is measured
  bool ipv4_first = false;
};

std::vector<std::string> addresses_of(const Row& row) {
  std::vector<std::string> all;
  for (const At& at : row.tried) all.push_back(at.address);
  return all;
}

// What stands at each address, all of it at one port.
class Street {
 public:
  explicit Street(const Row& row) {
    for (const At& at : row.tried) {
      if (at.does != Does::serve) continue;
      servers_.push_back(std::make_unique<ScriptedServer>(ScriptedServerOptions{hello, at.address, {}, port_}));
      if (port_ == 0) port_ = servers_.back()->port();
    }
    if (port_ == 0) port_ = ScriptedServer({hello}).port();  // now nobody's
    for (const At& at : row.tried) {
      if (at.does == Does::stay_silent) silent_.push_back(std::make_unique<Silent>(at.address, port_));
    }
  }
  int port() const { return port_; }
  // Of those that serve, the n-th.
  int accepted(std::size_t n) const { return servers_[n]->accepted(); }
  std::size_t servers() const { return servers_.size(); }

 private:
  int port_ = 0;
  std::vector<std::unique_ptr<ScriptedServer>> servers_;
  std::vector<std::unique_ptr<Silent>> silent_;
};

class LoadAddresses : public testing::Test {
 protected:
  void SetUp() override {
    const Outcome allowed = Names(false).run({"/bin/true"});
    if (allowed.exit_code != 0)
      GTEST_SKIP() << "a mount namespace needs root or user namespaces: NOT TESTED: " << allowed.err;
  }
  static bool has_ipv6() {
    std::ifstream known("/proc/net/if_inet6");
    std::string address;
    while (known >> address) {
      if (address == "00000000000000000000000000000001") return true;
      known.ignore(1 << 10, '\n');
    }
    return false;
  }
  static bool needs_ipv6(const Row& row) {
    for (const At& at : row.tried) {
      if (at.address == "::1") return true;
    }
    return false;
  }
};

class LoadAddressesOver : public LoadAddresses, public testing::WithParamInterface<const char*> {};

TEST_P(LoadAddressesOver, AreTriedInTurnUntilOneAnswers) {
  const At v6{"::1"};
  const At v4{"127.0.0.1"};
  const std::vector<Row> rows = {
      {{{"::1", Does::refuse}, v4}, 1},
      {{{"127.0.0.1", Does::refuse}, v6}, 1, true},
      {{v6, {"127.0.0.1", Does::refuse}}, 0},
      {{v4, {"::1", Does::refuse}}, 0, true},
      {{v6, v4}, 0},
      {{v4, v6}, 0, true},
      {{{"127.0.0.2", Does::stay_silent}, {"127.0.0.3"}}, 1},
      {{{"127.0.0.3", Does::stay_silent}, {"127.0.0.2"}}, 1},
      {{{"127.0.0.2"}, {"127.0.0.3", Does::stay_silent}}, 0},
      {{{"127.0.0.2", Does::stay_silent}, {"127.0.0.3", Does::refuse}, {"127.0.0.9"}}, 2},
      {{{"127.0.0.2", Does::refuse}, {"127.0.0.3", Does::stay_silent}, {"127.0.0.9"}}, 2},
      {{{"127.0.0.2", Does::stay_silent}, {"127.0.0.3", Does::stay_silent}, {"127.0.0.9"}}, 2},
      {{{"127.0.0.1", Does::stay_silent}, v6}, 1, true},
  };
  for (const Row& row : rows) {
    if (needs_ipv6(row) && !has_ipv6()) continue;
    const Street street(row);
    const Names names(row.ipv4_first);
    names.know(addresses_of(row));
    const Outcome outcome = names.load(street.port(), GetParam());
    SCOPED_TRACE(fmt::format("{}\n{}", fmt::join(addresses_of(row), ", "), outcome.err));
    ASSERT_EQ(outcome.exit_code, 0);
    const auto report = outcome.report();
    EXPECT_EQ(report.at("good"), 40);
    EXPECT_EQ(errors_of_sent(report), 0);
    EXPECT_EQ(report.at("errors").at("connect"), 0) << "what connecting cost is not part of the load";
    int silent = 0;
    std::size_t before = 0;
    for (std::size_t i = 0; i < row.serves; ++i) {
      if (row.tried[i].does == Does::stay_silent) ++silent;
      if (row.tried[i].does == Does::serve) ++before;
    }
    // A second for each that says nothing, and none for one behind the one that serves.
    EXPECT_GE(outcome.seconds, silent);
    EXPECT_LT(outcome.seconds, silent + 2.5);
    for (std::size_t n = 0; n < street.servers(); ++n)
      EXPECT_EQ(street.accepted(n), n == before ? 4 : 0) << "server " << n;
  }
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here: its rows were NOT TESTED";
}

// The words name all that were tried, in their order: that the table was read as it stands, too.
TEST_F(LoadAddresses, AreAllNamedWhereNoneAnswers) {
  struct Case {
    std::vector<At> tried;
    bool ipv4_first;
    std::string named;
    std::string why;
    double longest_s;
  };
  const std::vector<Case> cases = {
      {{{"::1", Does::refuse}, {"127.0.0.1", Does::refuse}}, false, "::1 or 127.0.0.1", "connection refused", 3},
      {{{"::1", Does::refuse}, {"127.0.0.1", Does::refuse}}, true, "127.0.0.1 or ::1", "connection refused", 3},
      {{{"127.0.0.3", Does::refuse}, {"127.0.0.2", Does::refuse}},
       false,
       "127.0.0.3 or 127.0.0.2",
       "connection refused",
       3},
      {{{"127.0.0.2", Does::refuse}, {"127.0.0.3", Does::stay_silent}},
       false,
       "127.0.0.2 or 127.0.0.3",
       "were accepted in 10 s",
       14},
  };
  for (const Case& one : cases) {
    const Row row{one.tried, 0, one.ipv4_first};
    if (needs_ipv6(row) && !has_ipv6()) continue;
    const Street street(row);
    const Names names(one.ipv4_first);
    names.know(addresses_of(row));
    const Outcome outcome = names.load(street.port(), "auto");
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_LT(outcome.seconds, one.longest_s);
    EXPECT_NE(outcome.err.find(one.named), std::string::npos) << outcome.err;
    EXPECT_NE(outcome.err.find(one.why), std::string::npos) << outcome.err;
  }
  if (!has_ipv6()) GTEST_SKIP() << "no IPv6 here: its rows were NOT TESTED";
}

INSTANTIATE_TEST_SUITE_P(Transports, LoadAddressesOver, testing::Values("epoll", "auto"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace dyno::loadgen
