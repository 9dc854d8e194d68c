// Rescans of real folders.
#include "app/catalogue.h"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

namespace dyno::app {
namespace {

TEST(Catalogue, HandsOverOneRescanAfterTheOther) {
  Catalogue catalogue({{DYNO_SOURCE_DIR "/stacks"}, DYNO_SOURCE_DIR "/stacks/profiles", "", ""});
  std::vector<std::string> order;
  std::future<void> second;
  catalogue.rescan([&](const api::CatalogView& view) {
    EXPECT_FALSE(view.stacks.empty());
    second = std::async(std::launch::async,
                        [&] { catalogue.rescan([&](const api::CatalogView&) { order.emplace_back("second"); }); });
    EXPECT_EQ(second.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    order.emplace_back("first");
  });
  second.get();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "second"}));
}

TEST(Catalogue, Row21ARunOfAFaultyFileIsToldItsLine) {
  std::string pattern = std::filesystem::temp_directory_path() / "dyno-catalogue-XXXXXX";
  const std::filesystem::path root = mkdtemp(pattern.data());
  std::filesystem::create_directories(root / "broken");
  std::ofstream(root / "broken/stack.yaml") << "schema: stack/1\nprot: 80\n";
  std::ofstream(root / "broken/Dockerfile") << "FROM scratch\n";
  Catalogue catalogue({{root.string()}, DYNO_SOURCE_DIR "/stacks/profiles", "", ""});
  model::RunRequest request;
  request.stacks = {"broken"};
  request.profile = "smoke";
  const auto job = catalogue.resolve(request);
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(job.error().message.find("broken/stack.yaml:2: unknown key prot"), std::string::npos)
      << job.error().message;
  const auto view = catalogue.view();
  ASSERT_EQ(view->faulty.size(), 1U);
  EXPECT_EQ(view->faulty[0].name, "broken");
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace dyno::app
