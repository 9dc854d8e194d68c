// The recipes with which the page of dyno-load begins, run by a shell as they stand there but for the ports and the time they take.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "../cli/program.h"
#include "base/text.h"
#include "fakes/secure_server.h"
#include "fakes/test_server.h"

namespace dyno::loadgen {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// The shell blocks of a section.
std::vector<std::string> blocks_of(const std::string& page, const std::string& title) {
  std::vector<std::string> blocks;
  const std::size_t begin = page.find("## " + title + "\n");
  const std::string section = page.substr(begin, page.find("\n## ", begin + 1) - begin);
  for (std::size_t at = section.find("```sh\n"); at != std::string::npos; at = section.find("```sh\n", at)) {
    at += 6;
    blocks.push_back(section.substr(at, section.find("```", at) - at));
  }
  return blocks;
}

// A token for whoever logs in, and an order for whoever asks for one.
fakes::Reply answer(const std::string& path, std::int64_t) {
  if (path != "/login" && !path.starts_with("/orders/")) return fakes::ok("Hello, World!");
  const std::string body = path == "/login" ? R"({"token": "abc"})" : R"({"id": 7})";
  return {fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", body.size(),
                      body)};
}

TEST(LoadRecipes, DoWhatTheySay) {
  const std::vector<std::string> recipes = blocks_of(text_of(DYNO_SOURCE_DIR "/daemon/docs/load.md"), "Recipes");
  EXPECT_GE(recipes.size(), 5U);
  const fs::path folder = fs::temp_directory_path() / fmt::format("dyno-recipes-{}", getpid());
  fs::create_directories(folder);
  for (const std::string& recipe : recipes) {
    fakes::TestServer plain({.handler = answer});
    fakes::SecureServer secure;
    fs::copy_file(secure.certificate_file(), folder / "ca.pem", fs::copy_options::overwrite_existing);
    std::string script =
        std::regex_replace(recipe, std::regex("localhost:8080"), fmt::format("127.0.0.1:{}", plain.port()));
    script = std::regex_replace(script, std::regex("localhost:8443"), fmt::format("localhost:{}", secure.port()));
    script = std::regex_replace(script, std::regex("[1-9]0s"), "300ms");
    script = fmt::format("set -e\nPATH={}:$PATH\ncd {}\n{}", DYNO_BIN_DIR, folder.string(), script);
    const auto run = [&] {
      return cli::Program("/bin/sh", {"-c", script}).wait_at_most(std::chrono::milliseconds(30'000));
    };
    cli::Ended ended = run();
    for (int i = 0; i < 5 && ended.err.find("did not get its CPU") != std::string::npos; ++i) ended = run();
    EXPECT_EQ(ended.exit_code, 0) << script << "\n" << ended.err;
    EXPECT_EQ(ended.err, "") << script;
    EXPECT_NE(ended.out.find("throughput"), std::string::npos) << script << "\n" << ended.out;
    EXPECT_NE(ended.out.find("errors        none"), std::string::npos) << script << "\n" << ended.out;
    EXPECT_GT(plain.requests() + secure.connections(), 0) << script;
  }
  fs::remove_all(folder);
}

// Drawn by weight, each with its own headers, and the status that each expects.
TEST(LoadRequests, OfAFileAreSentByWeight) {
  std::atomic<int> reads = 0;
  std::atomic<int> writes = 0;
  fakes::TestServer server({.handler = [&](const std::string& path, std::int64_t) {
    ++(path.starts_with("/items/") ? reads : writes);
    return path.starts_with("/items/") ? fakes::ok("x")
                                       : fakes::Reply{.bytes = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"};
  }});
  const fs::path file = fs::temp_directory_path() / fmt::format("dyno-requests-{}.jsonl", getpid());
  std::ofstream(file) << "{\"path\": \"/items/{1..9}\", \"weight\": 9, \"status\": 200}\n"
                         "{\"path\": \"/items\", \"method\": \"POST\", \"body\": {\"a\": 1}, \"status\": 201}\n";
  const auto run = [&](const std::string& path) {
    return cli::Program(DYNO_BIN_DIR "/dyno-load", {fmt::format("http://127.0.0.1:{}/", server.port()), "--requests",
                                                    path, "-N", "2000", "-w", "0", "-d", "60s", "-c", "8", "--json"})
        .wait_at_most(std::chrono::milliseconds(70'000));
  };
  const cli::Ended ended = run(file.string());
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(reads + writes, 2000);
  EXPECT_NEAR(writes, 200, 80);
  EXPECT_NE(ended.out.find("\"good\":2000"), std::string::npos) << ended.out;

  std::ofstream(file) << "{\"path\": \"items\"}\n{\"wieght\": 1}\n";
  const cli::Ended refused = run(file.string());
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find(":1: path is \"items\"; it must begin with /"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find(":2: unknown key wieght; did you mean weight?"), std::string::npos) << refused.err;
  fs::remove(file);
  const cli::Ended number = run("1000");
  EXPECT_EQ(number.exit_code, 2);
  EXPECT_NE(number.err.find("their number is --count"), std::string::npos) << number.err;
}

}  // namespace
}  // namespace dyno::loadgen
