#include "docker/run_watch.h"

#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <set>
#include <thread>

namespace dyno::test {

using nlohmann::json;

bool has_python_base(ports::ContainerEngine& engine) {
  return engine.inspect_image("stackdyno/base-python-3.14") || engine.inspect_image("python:3.14-slim-trixie");
}

void remove_images(ports::ContainerEngine& engine, const std::string& stack) {
  const auto images = engine.list_labelled("stackdyno.stack", stack);
  if (!images) return;
  for (const ports::OwnedObject& image : *images) EXPECT_TRUE(engine.remove_image(image.id)) << image.name;
}

std::string start_run(const DaemonProcess& daemon, const std::string& arguments) {
  std::string id = daemon.dyno("run --detach " + arguments).out;
  while (!id.empty() && std::isspace(static_cast<unsigned char>(id.back())) != 0) id.pop_back();
  return id;
}

json await_end(const DaemonProcess& daemon, const std::string& run, std::chrono::seconds limit) {
  static const std::set<std::string> kEnds{"succeeded",   "partly",  "failed",   "cancelled",
                                           "interrupted", "aborted", "timed_out"};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < end) {
    json shown = json::parse(daemon.get("/runs/" + run), nullptr, false);
    if (shown.is_object() && kEnds.contains(shown.value("state", ""))) return shown;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return {};
}

json trials_of(const DaemonProcess& daemon, const std::string& run) {
  json list = json::parse(daemon.get("/runs/" + run + "/trials"), nullptr, false);
  return list.is_object() ? list["items"] : json();
}

void expect_whole(const json& trials) {
  std::map<int, int> results;
  for (const json& trial : trials) {
    int& count = results[trial["index"]];
    count += trial["state"] == "succeeded" ? 1 : 0;
    EXPECT_TRUE(trial["state"] == "succeeded" || trial["state"] == "interrupted") << trial;
  }
  EXPECT_FALSE(results.empty());
  for (const auto& [index, count] : results) EXPECT_EQ(count, 1) << "trial " << index;
}

}  // namespace dyno::test
