// `dyno init` and the parser of stacks: whatever lies in a folder, what is written of it is read without a problem, and means the same.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/scratch_folder.h"
#include "cli/commands.h"
#include "stackfile/catalog.h"

namespace dyno {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Row {
  const char* folder;  // of tests/data/init
  cli::InitOptions options;
  const char* name;
  int port;
  std::set<std::string> services;
  std::set<std::string> workloads;
  std::vector<std::string> remarks;  // of what is left out
};

std::string problems_of(const stackfile::Catalog& catalog) {
  std::string all;
  for (const auto& p : catalog.all_problems()) all += fmt::format("{}:{}: {}\n", p.file, p.line, p.message);
  return all;
}

void expect_read(const Row& row) {
  const auto scratch = ScratchFolder::create("dyno-init-");
  ASSERT_TRUE(scratch);
  const fs::path folder = scratch->path() / row.folder;
  fs::copy(fs::path(DYNO_SOURCE_DIR "/tests/data/init") / row.folder, folder, fs::copy_options::recursive);
  cli::HttpClient nobody("http://127.0.0.1:1", 1);
  cli::Session session{.client = nobody, .quiet = true};
  cli::InitOptions options = row.options;
  options.folder = folder.string();
  for (std::string& file : options.from) file = (folder / file).string();
  const auto written = cli::init_folder(session, options);
  ASSERT_TRUE(written) << written.error().message;
  std::ostringstream text;
  text << std::ifstream(folder / "stackdyno.yaml").rdbuf();
  const stackfile::Catalog catalog = stackfile::load_uploaded(folder.string(), "");
  ASSERT_EQ(problems_of(catalog), "") << text.str();
  const model::Stack& stack = catalog.stacks.at(0).value.value();
  EXPECT_EQ(stack.name, row.name);
  EXPECT_EQ(stack.run.port, row.port);
  std::set<std::string> services;
  for (const auto& service : catalog.services) services.insert(service.name);
  EXPECT_EQ(services, row.services);
  std::set<std::string> workloads;
  for (const auto& workload : stack.own_workloads) workloads.insert(workload.name);
  EXPECT_EQ(workloads, row.workloads) << text.str();
  for (const std::string& words : row.remarks) EXPECT_THAT(text.str(), HasSubstr(words));
}

TEST(InitSeam, WhatIsWrittenIsRead) {
  const std::string curl =
      "curl -X PUT 'http://localhost:3000/orders/7?x={1}' -H 'X-Note: a: {b}' -H 'X-Plain: a: #b' "
      R"(--data-raw '{"note": "it said \"yes\""}')";
  for (const Row& row : {
           Row{"shop",
               {.app = "api"},
               "api",
               3000,
               {"api.cache", "api.db", "api.mail", "api.seed"},
               {"ready"},
               {"services.api.privileged", "services.api.network_mode", "/etc/passwd is left out", "services.admin"}},
           Row{"api",
               {},
               "orders-api",
               8000,
               {},
               {"list-orders", "post-orders", "get-orders-id", "get-files-name"},
               {"the parameter q has no example"}},
           Row{"recorded",
               {.from = {"session.har"}},
               "recorded-shop",
               5000,
               {},
               {"recorded"},
               {"the header X-Odd is left out"}},
           Row{"typed", {.curl = curl}, "typed-app", 3000, {}, {"put-orders-7"}, {"the header X-Note is left out"}},
           Row{"worker", {}, "worker", 8080, {}, {"ready"}, {"run.port: no EXPOSE"}},
       }) {
    SCOPED_TRACE(row.folder);
    expect_read(row);
  }
}

// The examples are sent from where they are: none is a stack of the catalogue.
TEST(Examples, AreReadAndAreShort) {
  const fs::path examples = DYNO_SOURCE_DIR "/stacks/examples";
  int short_ones = 0;
  for (const auto& entry : fs::directory_iterator(examples)) {
    if (!fs::exists(entry.path() / "stackdyno.yaml")) continue;
    SCOPED_TRACE(entry.path());
    const auto catalog = stackfile::load_uploaded(entry.path().string(), "");
    ASSERT_EQ(problems_of(catalog), "");
    const model::Stack& stack = catalog.stacks.at(0).value.value();
    EXPECT_GE(stack.own_workloads.size(), 3U);
    EXPECT_EQ(stack.name, entry.path().filename());
    std::ifstream file(entry.path() / "stackdyno.yaml");
    const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    if (stack.services.empty()) {
      EXPECT_LE(lines, 20);
      ++short_ones;
    }
  }
  EXPECT_GE(short_ones, 3);
  const auto all = stackfile::load_catalog({{DYNO_SOURCE_DIR "/stacks"}, DYNO_SOURCE_DIR "/stacks/profiles", "", ""});
  EXPECT_EQ(problems_of(all), "");
  EXPECT_EQ(all.find_stack("orders"), nullptr);
}

}  // namespace
}  // namespace dyno
