// What is in a stack's folder when it is prepared is what is measured: the same steps on the fake engine and on a real one.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "ports/container_engine.h"
#include "run/images.h"

namespace dyno::tests {

class ImageContent {
 public:
  ImageContent(ports::ContainerEngine& engine, const std::string& name) : engine_(engine) {
    std::string pattern = (std::filesystem::temp_directory_path() / "dyno-images-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    stack_.name = name;
    stack_.folder = folder_.string();
    stack_.hash = "sha256:as the last scan saw it";
  }
  ~ImageContent() {
    std::filesystem::remove_all(folder_);
    for (const std::string& id : made_) static_cast<void>(engine_.remove_image(id));
  }
  ImageContent(const ImageContent&) = delete;
  ImageContent& operator=(const ImageContent&) = delete;

  // Edits the folder, without a scan, and prepares the stack.
  model::RunStack prepared_with(const std::string& word) {
    std::ofstream(folder_ / "Dockerfile") << "FROM scratch\nLABEL word=" << word << "\nCOPY Dockerfile /Dockerfile\n";
    const auto made = run::prepare_image(engine_, stack_, {}, {});
    EXPECT_TRUE(made) << made.error().message;
    if (!made) return {};
    EXPECT_EQ(made->failure, "");
    made_.insert(made->image_id);
    EXPECT_EQ(word_of(made->image_id), word) << "the image that is measured";
    return *made;
  }

  std::string word_of(const std::string& image_id) {
    const auto image = engine_.inspect_image(image_id);
    EXPECT_TRUE(image) << image.error().message;
    return image && image->labels.contains("word") ? image->labels.at("word") : "";
  }

 private:
  ports::ContainerEngine& engine_;
  std::filesystem::path folder_;
  model::Stack stack_;
  std::set<std::string> made_;
};

// A stack that was built is edited and run without a rescan.
inline void expect_an_edit_to_be_measured(ports::ContainerEngine& engine, const std::string& name) {
  ImageContent content(engine, name);
  const model::RunStack first = content.prepared_with("first");
  EXPECT_TRUE(first.build);
  const model::RunStack second = content.prepared_with("second");
  EXPECT_TRUE(second.build);
  EXPECT_NE(second.image_id, first.image_id);
  EXPECT_NE(second.hash, first.hash) << "the run says what it was made from";
  const model::RunStack again = content.prepared_with("first");
  EXPECT_FALSE(again.build) << "the image of the same bytes is there";
  EXPECT_EQ(again.image_id, first.image_id);
  EXPECT_EQ(again.hash, first.hash);
}

// A stack that was never built is edited, run, reverted and run again.
inline void expect_a_reverted_edit_to_leave_no_image(ports::ContainerEngine& engine, const std::string& name) {
  ImageContent content(engine, name);
  const model::RunStack edited = content.prepared_with("edited");
  const model::RunStack reverted = content.prepared_with("reverted");
  EXPECT_NE(reverted.image_id, edited.image_id);
  EXPECT_EQ(content.prepared_with("reverted").image_id, reverted.image_id);
}

}  // namespace dyno::tests
