#include "adopt/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "adopt/write_draft.h"

namespace dyno::adopt {
namespace {

using testing::HasSubstr;
using testing::Not;

using Files = std::map<std::string, std::string>;

ReadBeside reading(const Files& files) {
  return [&files](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string text_of(const InitSources& sources, const Files& files) {
  const auto draft = draft_of_folder(sources, reading(files));
  EXPECT_TRUE(draft) << draft.error().message;
  return draft ? files_of(*draft).front().text : "";
}

TEST(FolderDraft, ReadsWhatLiesThere) {
  const std::string text =
      text_of({.folder_name = "shop"}, {{"Dockerfile",
                                         "FROM node:26 AS build\nEXPOSE 1\nFROM node:26\nEXPOSE 3000/tcp\n"
                                         "HEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost:3000/live\n"},
                                        {"package.json", R"({"name":"@acme/Orders API","version":"2.0.1"})"}});
  EXPECT_EQ(text,
            "schema: stack/1\n"
            "contract: own  # a service of your own; what else can be said: daemon/docs/own-service.md\n"
            "name: orders-api\n"
            "title: \"Orders API\"\n"
            "runtime: node\n"
            "version: \"2.0.1\"\n"
            "build:\n"
            "  context: .\n"
            "  dockerfile: Dockerfile\n"
            "run:\n"
            "  port: 3000  # Dockerfile EXPOSE\n"
            "readiness: {path: /live}  # Dockerfile HEALTHCHECK\n"
            "workloads:\n"
            "  ready:  # the only request that is known: put yours here\n"
            "    path: /live\n"
            "# objectives:  # each run says whether they are kept: daemon/docs/objectives.md\n"
            "#   - p99 of ready at 50/s < 100 ms\n"
            "#   - idle memory < 256 MiB\n"
            "\n"
            "# Not taken over, or not known:\n"
            "#   workloads: no OpenAPI document, recording or line of curl says what to ask: the only request is the "
            "one of readiness\n");
}

TEST(FolderDraft, SaysExactlyWhatItCouldNotKnow) {
  const std::string text = text_of({.folder_name = "7 things"}, {{"go.mod", "module example.com/x/y\n\ngo 1.26\n"}});
  for (const char* const words : {"name: y-service\n", "runtime: go\n", "port: 8080  # NOT KNOWN",
                                  "Dockerfile: it is not there", "readiness: nothing says when the server is ready"})
    EXPECT_THAT(text, HasSubstr(words));
  EXPECT_THAT(text, Not(HasSubstr("build:")));
}

TEST(FolderDraft, TellsFilesApartByWhatIsInThem) {
  const Files files{{"a.yaml", "services: {web: {image: 'nginx:1', expose: ['80']}}"},
                    {"b.json", R"({"openapi":"3.1.0","paths":{"/a":{"get":{}}}})"},
                    {"c.txt", "name: x"},
                    {"pyproject.toml", "[tool.x]\nname = \"no\"\n[project]\nname = 'yes-it-is'\nversion = \"1.0\"\n"}};
  const std::string text =
      text_of({.folder_name = "x", .from = {"a.yaml", "b.json"}, .curl = "curl http://h/c"}, files);
  for (const char* const words : {"image: \"nginx:1\"", "port: 80  # a.yaml expose", "  get-a:\n    path: /a\n",
                                  "  get-c:\n    path: /c\n", "runtime: python", "version: \"1.0\""})
    EXPECT_THAT(text, HasSubstr(words));
  struct Row {
    std::vector<std::string> from;
    const char* words;
  };
  for (const auto& [from, words] :
       {Row{{"c.txt"}, "c.txt is neither a Compose file"}, Row{{"none"}, "cannot read none"},
        Row{{"a.yaml", "a.yaml"}, "two Compose files"}}) {
    const auto draft = draft_of_folder({.folder_name = "x", .from = from}, reading(files));
    ASSERT_FALSE(draft);
    EXPECT_THAT(draft.error().message, HasSubstr(words));
  }
  EXPECT_FALSE(draft_of_folder({.folder_name = "x", .app = "web"}, reading({})));
}

TEST(FolderDraft, WritesWhatNobodyTakesForSomethingElse) {
  Draft draft;
  draft.name = "a";
  draft.container.image = "x";
  draft.container.env = {
      {"YES", "yes"}, {"NUMBER", "1e3"}, {"BRACES", "{a}: b # c"}, {"LINES", "a\nb\t\"c\"\\"}, {"PLAIN", "a.b-c"}};
  const std::string text = files_of(draft).front().text;
  for (const char* const line : {"\"YES\": \"yes\"\n", "NUMBER: \"1e3\"\n", "BRACES: \"{a}: b # c\"\n",
                                 R"(LINES: "a\nb\t\"c\"\\")", "PLAIN: a.b-c\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

}  // namespace
}  // namespace dyno::adopt
