// Rescans of real folders.
#include "app/catalogue.h"

#include <gtest/gtest.h>

#include <chrono>
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

}  // namespace
}  // namespace dyno::app
