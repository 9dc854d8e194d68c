// Two versions of a service side by side: each side a folder as it is or as a git ref has it, perhaps with another environment; an image in
// place of what the folder builds; or a stack that the daemon has.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "adopt/value.h"
#include "archive/folder.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/scratch_folder.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/pieces.h"
#include "cli/started_run.h"
#include "cli/watch.h"
#include "cli/wire.h"

namespace dyno::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStack = "stack:";
constexpr std::string_view kImage = "image:";

struct Version {
  std::string folder;
  std::string ref;                 // of git; empty: as the folder is
  std::string stack{};             // of the daemon, which then is the side; empty: it is the folder
  std::string image{};             // in place of what the folder builds; empty: none
  std::vector<std::string> env{};  // KEY=VALUE, in front of that of its file

  bool is_changed() const { return !ref.empty() || !image.empty() || !env.empty(); }
};

// The folder may have an @ in its path, and the ref a slash: ./node@26/orders@feature/x.
Version version_of(const std::string& text) {
  if (text.starts_with(kStack)) return {.folder = "", .ref = "", .stack = text.substr(kStack.size())};
  if (text.starts_with(kImage)) return {.folder = "", .ref = "", .image = text.substr(kImage.size())};
  if (fs::is_directory(text)) return {text, ""};
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    if (fs::is_directory(text.substr(0, at))) return {text.substr(0, at), text.substr(at + 1)};
  }
  return {text, ""};
}

// What a person calls the side.
std::string words_of(const Version& version) {
  std::string words = version.stack.empty() ? version.folder : version.stack;
  if (!version.ref.empty()) words += "@" + version.ref;
  if (!version.image.empty()) words += " from the image " + version.image;
  for (const std::string& one : version.env) words += " " + one;
  return words;
}

// What stands behind the @ of a stack's name.
std::string label_of(const Version& version) {
  std::string label;
  const std::string words = !version.image.empty() ? version.image : version.ref.empty() ? "worktree" : version.ref;
  for (const char c : words) {
    const char plain = lower(c);
    const bool is_letter = (plain >= 'a' && plain <= 'z') || (plain >= '0' && plain <= '9');
    if (is_letter || (!label.empty() && (plain == '.' || plain == '-'))) label += plain;
    else if (!label.empty() && label.back() != '-') label += '-';
  }
  constexpr std::size_t kLongest = 30;
  label = label.substr(0, kLongest);
  while (!label.empty() && (label.back() == '-' || label.back() == '.')) label.pop_back();
  return label.empty() ? "ref" : label;
}

// `git archive` of the folder's part of the repository; git's own words when it fails.
Outcome<Exit> git_archive(const Version& version, const fs::path& tar) {
  const fs::path said = tar.string() + ".err";
  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, tar.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<std::string> words{"git",      "-C", version.folder, "archive", "--format=tar", "--end-of-options",
                                 version.ref};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  const int failed = posix_spawnp(&pid, "git", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail_with(Exit::failure, "git is not installed, and a ref was named");
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Exit::ok;
  constexpr std::size_t kMostWords = 4096;
  return fail_with(Exit::not_found, fmt::format("{}@{}: {}", version.folder, version.ref,
                                                trim(read_file(said.string(), kMostWords).value_or("git failed"))));
}

constexpr const char* kStackFiles[] = {"stackdyno.yaml", "stack.yaml"};

struct StackFile {
  fs::path path;
  adopt::Value value;
};

Outcome<StackFile> stack_file_in(const fs::path& folder) {
  for (const char* const file : kStackFiles) {
    const auto text = read_file((folder / file).string(), adopt::kMostBytes);
    if (!text) continue;
    auto value = adopt::read_value(*text, file);
    if (!value) return fail_with(Exit::usage, value.error().message);
    return StackFile{folder / file, std::move(*value)};
  }
  return fail_with(Exit::not_found,
                   fmt::format("{0} has no stackdyno.yaml: write one by `dyno init {0}`", folder.string()));
}

// The name that the stack's file says.
Outcome<std::string> stack_name_in(const fs::path& folder) {
  const auto file = stack_file_in(folder);
  if (!file) return tl::unexpected<Failure>(file.error());
  if (!file->value.word("name").empty()) return std::string(file->value.word("name"));
  return fail_with(Exit::usage, fmt::format("{} has no name", file->path.string()));
}

adopt::Value text_value(const std::string& text) {
  return {.kind = adopt::Value::Kind::text, .quoted = true, .text = text};
}

// The value at a key, made where there is none.
adopt::Value& member(adopt::Value& map, const std::string& key) {
  map.kind = adopt::Value::Kind::map;
  for (auto& [name, value] : map.entries) {
    if (name == key) return value;
  }
  return map.entries.emplace_back(key, adopt::Value{}).second;
}

// Image and environment of the side, into the file of its folder, which is a copy.
Outcome<Exit> change_file(const Version& version, const fs::path& folder) {
  auto file = stack_file_in(folder);
  if (!file) return tl::unexpected<Failure>(file.error());
  adopt::Value& root = file->value;
  if (!version.image.empty()) {
    std::erase_if(root.entries, [](const auto& entry) { return entry.first == "build"; });
    member(root, "image") = text_value(version.image);
  }
  for (const std::string& one : version.env) {
    const std::size_t at = one.find('=');
    member(member(member(root, "run"), "env"), one.substr(0, at)) = text_value(one.substr(at + 1));
  }
  // JSON is YAML; `schema` stays the first key.
  std::string text;
  for (const auto& [key, value] : root.entries)
    text += fmt::format("{}: {}\n", adopt::json_text(text_value(key)), adopt::json_text(value));
  if (!(std::ofstream(file->path, std::ios::binary | std::ios::trunc) << text).flush())
    return fail_with(Exit::failure, fmt::format("cannot write {}", file->path.string()));
  return Exit::ok;
}

Outcome<Exit> pack_as_it_is(const Version& version, const fs::path& tar) {
  std::ofstream out(tar, std::ios::binary);
  const Status packed = archive::pack_folder(version.folder, kept_of_folder(), [&](std::string_view bytes) -> Status {
    if (out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()))) return {};
    return fail(ErrorCode::io, fmt::format("cannot write {}", tar.string()));
  });
  out.close();
  if (!packed) return fail_with(Exit::failure, fmt::format("{}: {}", version.folder, packed.error().message));
  return Exit::ok;
}

// Both sides are asked the same: by the file and the services that the folder has now, whatever its ref had.
Outcome<Exit> unpack(const Version& version, const fs::path& into) {
  const fs::path tar = into.string() + ".tar";
  if (auto packed = version.ref.empty() ? pack_as_it_is(version, tar) : git_archive(version, tar); !packed)
    return packed;
  const Status unpacked = archive::unpack_folder(tar.string(), into);
  std::error_code error;
  fs::remove(tar, error);
  if (!unpacked) return fail_with(Exit::failure, fmt::format("{}: {}", words_of(version), unpacked.error().message));
  if (version.ref.empty()) return Exit::ok;
  for (const char* const file : kStackFiles) {
    fs::remove(into / file, error);
    if (fs::exists(fs::path(version.folder) / file, error))
      fs::copy_file(fs::path(version.folder) / file, into / file, error);
  }
  const fs::path services = fs::path(version.folder) / "services";
  if (fs::is_directory(services, error))
    fs::copy(services, into / "services",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing | fs::copy_options::copy_symlinks,
             error);
  return Exit::ok;
}

// Sends one side; the name of its stack.
Outcome<std::string> send_version(Session& session, const Version& version, const std::string& label) {
  if (!version.stack.empty()) return version.stack;
  auto name = stack_name_in(version.folder);
  if (!name) return name;
  const std::string side = *name + "@" + label;
  if (!version.is_changed()) return upload_folder(session, version.folder, side);
  const auto scratch = ScratchFolder::create("dyno-version-");
  if (!scratch) return fail_with(Exit::failure, scratch.error().message);
  const fs::path folder = scratch->path() / "folder";
  std::error_code error;
  fs::create_directories(folder, error);
  if (auto unpacked = unpack(version, folder); !unpacked) return tl::unexpected<Failure>(unpacked.error());
  if (!version.image.empty() || !version.env.empty()) {
    if (auto changed = change_file(version, folder); !changed) return tl::unexpected<Failure>(changed.error());
  }
  return upload_folder(session, folder.string(), side, words_of(version));
}

// Both sides as they were asked for: an image is run as the other side's folder says, or the one that the user stands in.
Outcome<std::pair<Version, Version>> sides_of(const CompareOptions& options) {
  std::pair<Version, Version> sides{version_of(options.a), version_of(options.b.front())};
  const auto take_folder = [](Version& side, const Version& other) {
    if (side.stack.empty() && side.folder.empty()) side.folder = other.folder.empty() ? "." : other.folder;
  };
  take_folder(sides.first, sides.second);
  take_folder(sides.second, sides.first);
  sides.first.env = options.env_a;
  sides.second.env = options.env_b;
  for (const Version* side : {&sides.first, &sides.second}) {
    if (!side->stack.empty() && !side->env.empty())
      return fail_with(Exit::usage, fmt::format("{} is a stack of the daemon: another environment is for folders and "
                                                "images",
                                                side->stack));
  }
  return sides;
}

// The contract's stacks have no workloads of their own, which is what the profile `compare` asks.
Outcome<std::string> profile_for(Session& session, const Version& side) {
  if (side.stack.empty()) return std::string("compare");
  const auto body = fetch(session, "/api/v1/stacks/" + percent_encoded(side.stack));
  if (!body) return tl::unexpected<Failure>(body.error());
  const auto contract = wire::read_contract(*body);
  if (!contract) return tl::unexpected<Failure>(contract.error());
  return std::string(*contract == "own" ? "compare" : "quick");
}

}  // namespace

bool is_version(const std::string& text) {
  return text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") || text.starts_with('/') ||
         text.starts_with(".@") || text.starts_with("..@") || text.starts_with(kStack) || text.starts_with(kImage);
}

Outcome<Exit> compare_versions(Session& session, const CompareOptions& options) {
  if (options.b.size() != 1)
    return fail_with(Exit::usage, "two versions are compared: name the one before, then the one after");
  const auto sides = sides_of(options);
  if (!sides) return tl::unexpected<Failure>(sides.error());
  const auto& [before, after] = *sides;
  const std::string before_label = label_of(before);
  std::string after_label = label_of(after);
  if (after_label == before_label) after_label += "-after";
  const auto a = send_version(session, before, before_label);
  if (!a) return tl::unexpected<Failure>(a.error());
  const auto b = send_version(session, after, after_label);
  if (!b) return tl::unexpected<Failure>(b.error());
  const auto profile = options.profiles.empty() ? profile_for(session, before) : options.profiles.front();
  if (!profile) return tl::unexpected<Failure>(profile.error());
  const auto started = post_run(session, {.stacks = {*a, *b},
                                          .profile = *profile,
                                          .blocks = options.blocks,
                                          .note = fmt::format("{} against {}", words_of(after), words_of(before)),
                                          .compare = wire::ComparisonWish{*a, *b, options.within, options.metrics}});
  if (!started) return tl::unexpected<Failure>(started.error());
  const std::string& run = started->run.id;
  print_note(session, fmt::format("run {}: {} against {}, block by block until they are told apart, for {} at most\n",
                                  run, *b, *a, options.within));
  const auto ended = watch_run(session, run, OnInterrupt::cancel_run);
  if (!ended) return tl::unexpected<Failure>(ended.error());
  const Exit outcome = exit_of(ended->state, false);
  if (outcome != Exit::ok)
    return fail_with(outcome,
                     fmt::format("the run ended {}: nothing is compared; see dyno runs show {}", ended->state, run));
  if (!ended->reason.empty()) print_note(session, fmt::format("run {}: {}\n", run, ended->reason));
  if (!ended->compare || ended->compare->a_case.empty() || ended->compare->b_case.empty())
    return fail_with(Exit::failure, fmt::format("run {} has no trials of both versions: nothing is compared", run));
  CompareOptions cases = options;
  cases.a = cases.b.front() = run;
  cases.is_alone = true;
  cases.profiles.clear();
  cases.a_case = ended->compare->a_case;
  cases.b_case = ended->compare->b_case;
  return compare_runs(session, cases);
}

}  // namespace dyno::cli
