// Whether the file of a stack still says what a run was accepted with, by real files.
#include "app/file_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.h"
#include "stackfile/catalog.h"
#include "stackfile/files.h"

namespace dyno::app {
namespace {

namespace fs = std::filesystem;

class FileChecksTest : public testing::Test {
 protected:
  FileChecksTest() {
    std::string folder = (fs::temp_directory_path() / "dyno-checks-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    file_ = folder_ / "node-fastify" / "stack.yaml";
    fs::create_directory(file_.parent_path());
    fs::copy_file(DYNO_SOURCE_DIR "/stacks/node-fastify/stack.yaml", file_);
    const auto text = read_file(file_.string(), 1 << 20);
    EXPECT_TRUE(text);
    auto parsed = stackfile::parse_stack(text.value_or(""), file_.string());
    EXPECT_TRUE(parsed.value);
    accepted_ = parsed.value.value_or(model::Stack{});
    accepted_.folder = file_.parent_path().string();
  }
  ~FileChecksTest() override { fs::remove_all(folder_); }

  std::string reason() const {
    const Status same = file_checks().stack(accepted_);
    return same ? "" : same.error().message;
  }

  fs::path folder_;
  fs::path file_;
  model::Stack accepted_;
};

TEST_F(FileChecksTest, PassAFileThatSaysTheSame) {
  EXPECT_EQ(reason(), "");
  std::ofstream(file_, std::ios::app) << "# a remark\n";
  EXPECT_EQ(reason(), "");
}

TEST_F(FileChecksTest, NameAFileThatSaysSomethingElse) {
  std::ofstream(file_, std::ios::app) << "limits: {memory: 1GiB}\n";
  EXPECT_THAT(reason(), testing::StartsWith("changed: " + file_.string()));
  fs::remove(file_);
  EXPECT_THAT(reason(), testing::StartsWith("changed: " + file_.string()));
}

TEST_F(FileChecksTest, DoNotCallAFileChangedThatCannotBeRead) {
  fs::remove(file_);
  fs::create_directory(file_);
  EXPECT_EQ(reason(), "unreadable: " + file_.string() + " is not a file");
}

TEST_F(FileChecksTest, DoNotWaitForTheWriterOfAPipe) {
  fs::remove(file_);
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(reason(), "unreadable: " + file_.string() + " is not a file");
}

// A stack of one's own with a service in its folder: the catalog gives that service its whole name.
TEST_F(FileChecksTest, ReadTheFilesThatWorkloadsName) {
  file_ = folder_ / "orders" / "stack.yaml";
  fs::create_directories(folder_ / "workloads");
  fs::create_directory(file_.parent_path());
  const fs::path table = file_.parent_path() / "users.csv";
  const fs::path shared = folder_ / "workloads/common.yaml";
  std::ofstream(file_) << "schema: stack/1\ncontract: own\nname: orders\nimage: orders:1\nshared_workloads: [common]\n"
                          "workloads:\n  look: {path: \"/{user}\", table: users.csv}\n";
  std::ofstream(table) << "user\nann\n";
  std::ofstream(shared) << "schema: workload/1\nworkloads:\n  alive: {path: /health}\n";
  const auto load = [this] {
    return stackfile::load_catalog({.stacks = {folder_.string()}, .profiles = folder_.string(), .schedules = {}});
  };
  const auto catalog = load();
  ASSERT_NE(catalog.find_stack("orders"), nullptr);
  accepted_ = *catalog.find_stack("orders");
  EXPECT_EQ(reason(), "");
  std::ofstream(shared, std::ios::app) << "  ready: {path: /ready}\n";
  EXPECT_THAT(reason(), testing::StartsWith("changed: "));
  EXPECT_NE(load().find_stack("orders")->hash, accepted_.hash) << "what is read from beside the folder is a part of it";
  accepted_ = *load().find_stack("orders");
  std::ofstream(table, std::ios::app) << "bob\n";
  EXPECT_THAT(reason(), testing::StartsWith("changed: "));
}

TEST_F(FileChecksTest, KnowServicesOfTheStacksOwnFolder) {
  file_ = folder_ / "orders" / "stack.yaml";
  const fs::path service = folder_ / "orders/services/redis/service.yaml";
  fs::create_directories(service.parent_path());
  std::ofstream(file_) << "schema: stack/1\ncontract: own\nname: orders\nimage: orders:1\nservices: [redis]\n";
  std::ofstream(service) << "schema: service/1\nname: redis\nimage: redis:8\nready: {port: 6379}\n";
  const auto catalog =
      stackfile::load_catalog({.stacks = {folder_.string()}, .profiles = folder_.string(), .schedules = {}});
  ASSERT_NE(catalog.find_stack("orders"), nullptr);
  accepted_ = *catalog.find_stack("orders");
  EXPECT_EQ(reason(), "");
  ASSERT_EQ(catalog.services.size(), 1U);
  ASSERT_TRUE(catalog.services[0].value);
  EXPECT_TRUE(file_checks().service(*catalog.services[0].value));
  std::ofstream(service, std::ios::app) << "reset: none\n";
  EXPECT_FALSE(file_checks().service(*catalog.services[0].value));
}

}  // namespace
}  // namespace dyno::app
