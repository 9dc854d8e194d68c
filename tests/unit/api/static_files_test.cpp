#include "api/static_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "api/finish_answer.h"
#include "api/request.h"

namespace dyno::api {
namespace {

namespace fs = std::filesystem;

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() {
    std::string pattern = (fs::temp_directory_path() / "dyno-web-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::create_directories(folder_ / "web/assets");
    write("web/index.html", "<!doctype html>page");
    write("web/favicon.svg", "<svg/>");
    write("web/assets/main-1a2b.js", "plain");
    write("web/assets/main-1a2b.js.br", "brotli");
    write("web/assets/main-1a2b.js.gz", "gzip");
    write("secret.txt", "secret");
    fs::create_symlink(folder_ / "secret.txt", folder_ / "web/assets/link.txt");
  }
  ~StaticFilesTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  Response get(const std::string& path, Headers headers = {}, const std::string& method = "GET") {
    Request request;
    request.method = method;
    request.headers = std::move(headers);
    request.segments = parse_target(path)->segments;
    return finish_answer(request, serve_dashboard((folder_ / "web").string(), request));
  }
  static std::string header(const Response& answer, std::string_view name) {
    const auto found =
        std::find_if(answer.headers.begin(), answer.headers.end(), [&](const auto& h) { return h.first == name; });
    return found == answer.headers.end() ? "" : found->second;
  }

  fs::path folder_;
};

TEST_F(StaticFilesTest, ViewsGetThePageAndItIsAlwaysValidated) {
  for (const char* const path : {"/", "/runs/019aa3c2", "/live/x", "/runs/019aa3c2/go-nethttp%20single"}) {
    const Response answer = get(path);
    EXPECT_EQ(answer.body, "<!doctype html>page") << path;
    EXPECT_EQ(header(answer, "Cache-Control"), "private, no-cache");
    EXPECT_EQ(get(path, {{"if-none-match", header(answer, "ETag")}}).status, 304);
  }
}

TEST_F(StaticFilesTest, HashedFilesAreKeptForEverInTheSmallestFormTheClientTakes) {
  EXPECT_EQ(get("/assets/main-1a2b.js").body, "plain");
  EXPECT_EQ(header(get("/assets/main-1a2b.js"), "Cache-Control"), "public, immutable, max-age=31536000");
  const Response packed = get("/assets/main-1a2b.js", {{"accept-encoding", "gzip, deflate, br"}});
  EXPECT_EQ(packed.body, "brotli");
  EXPECT_EQ(header(packed, "Content-Encoding"), "br");
  EXPECT_EQ(packed.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/assets/main-1a2b.js", {{"accept-encoding", "gzip, br;q=0"}}).body, "gzip");
  EXPECT_EQ(get("/assets/main-1a2b.js", {{"accept-encoding", "*"}}).body, "brotli");
  EXPECT_EQ(get("/assets/main-1a2b.js", {{"accept-encoding", "*, br;q=0.1, gzip;q=0"}}).body, "plain");
  EXPECT_EQ(get("/assets/main-1a2b.js", {{"accept-encoding", "identity, gzip;q=0.9"}}).body, "plain");
}

TEST_F(StaticFilesTest, WhatTheBuildDidNotPackIsPackedOnTheWay) {
  write("web/assets/long-1a2b.js", std::string(5000, 'x'));
  const Response packed = get("/assets/long-1a2b.js", {{"accept-encoding", "br"}});
  EXPECT_EQ(header(packed, "Content-Encoding"), "br");
  EXPECT_LT(packed.body.size(), 100U);
  EXPECT_EQ(header(packed, "Vary"), "Accept-Encoding");
}

TEST_F(StaticFilesTest, NothingOutsideTheFolderIsServed) {
  for (const char* const path : {"/assets/link.txt", "/assets/none.js", "/none.js", "/assets", "/assets/",
                                 "/assets/main-1a2b.js.br", "/secret.txt"}) {
    const Response answer = get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body.find("secret\n"), std::string::npos);
  }
  // Even if a dot segment came this far.
  Request request;
  request.method = "GET";
  request.segments = {"assets", "..", "..", "secret.txt"};
  EXPECT_EQ(serve_dashboard((folder_ / "web").string(), request).status, 404);
}

TEST_F(StaticFilesTest, OnlyReadingIsAllowed) {
  const Response answer = get("/", {}, "POST");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(header(answer, "Allow"), "GET, HEAD");
}

TEST_F(StaticFilesTest, WithoutABuildThereIsAPlainPage) {
  fs::remove_all(folder_ / "web");
  EXPECT_EQ(get("/").status, 200);
  EXPECT_NE(get("/").body.find("the dashboard is not built"), std::string::npos);
  EXPECT_EQ(get("/runs/x").status, 404);
}

}  // namespace
}  // namespace dyno::api
