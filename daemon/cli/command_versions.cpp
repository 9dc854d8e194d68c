// Two versions of a service side by side: each side a folder as it is, or as a git ref has it.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "adopt/value.h"
#include "archive/folder.h"
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

struct Version {
  std::string folder;
  std::string ref;  // of git; empty: as the folder is
};

// The folder may have an @ in its path, and the ref a slash: ./node@26/orders@feature/x.
Version version_of(const std::string& text) {
  if (fs::is_directory(text)) return {text, ""};
  for (std::size_t at = text.find('@'); at != std::string::npos; at = text.find('@', at + 1)) {
    if (fs::is_directory(text.substr(0, at))) return {text.substr(0, at), text.substr(at + 1)};
  }
  return {text, ""};
}

// What stands behind the @ of a stack's name.
std::string label_of(const Version& version) {
  std::string label;
  for (const char c : version.ref.empty() ? std::string("worktree") : version.ref) {
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

// The name that the stack's file says.
Outcome<std::string> stack_name_in(const fs::path& folder) {
  for (const char* const file : {"stackdyno.yaml", "stack.yaml"}) {
    const auto text = read_file((folder / file).string(), adopt::kMostBytes);
    if (!text) continue;
    const auto value = adopt::read_value(*text, file);
    if (value && !value->word("name").empty()) return std::string(value->word("name"));
    return fail_with(Exit::usage, fmt::format("{} has no name", (folder / file).string()));
  }
  return fail_with(Exit::not_found,
                   fmt::format("{0} has no stackdyno.yaml: write one by `dyno init {0}`", folder.string()));
}

// Both sides are asked the same: by the file and the services that the folder has now, whatever its ref had.
Outcome<Exit> unpack(const Version& version, const fs::path& into) {
  const fs::path tar = into.string() + ".tar";
  if (auto packed = git_archive(version, tar); !packed) return packed;
  const Status unpacked = archive::unpack_folder(tar.string(), into);
  std::error_code error;
  fs::remove(tar, error);
  if (!unpacked)
    return fail_with(Exit::failure, fmt::format("{}@{}: {}", version.folder, version.ref, unpacked.error().message));
  for (const char* const file : {"stackdyno.yaml", "stack.yaml"}) {
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
  auto name = stack_name_in(version.folder);
  if (!name) return name;
  const std::string side = *name + "@" + label;
  if (version.ref.empty()) return upload_folder(session, version.folder, side);
  const auto scratch = ScratchFolder::create("dyno-version-");
  if (!scratch) return fail_with(Exit::failure, scratch.error().message);
  const fs::path folder = scratch->path() / "folder";
  std::error_code error;
  fs::create_directories(folder, error);
  if (auto unpacked = unpack(version, folder); !unpacked) return tl::unexpected<Failure>(unpacked.error());
  return upload_folder(session, folder.string(), side, fmt::format("{}@{}", version.folder, version.ref));
}

}  // namespace

bool is_version(const std::string& text) {
  return text == "." || text == ".." || text.starts_with("./") || text.starts_with("../") || text.starts_with('/') ||
         text.starts_with(".@") || text.starts_with("..@");
}

Outcome<Exit> compare_versions(Session& session, const CompareOptions& options) {
  if (options.b.size() != 1)
    return fail_with(Exit::usage, "two versions are compared: name the one before, then the one after");
  const Version before = version_of(options.a);
  const Version after = version_of(options.b.front());
  const std::string before_label = label_of(before);
  std::string after_label = label_of(after);
  if (after_label == before_label) after_label += "-after";
  const auto a = send_version(session, before, before_label);
  if (!a) return tl::unexpected<Failure>(a.error());
  const auto b = send_version(session, after, after_label);
  if (!b) return tl::unexpected<Failure>(b.error());
  const auto started = post_run(session, {.stacks = {*a, *b},
                                          .profile = options.profiles.empty() ? "compare" : options.profiles.front(),
                                          .blocks = options.blocks,
                                          .note = fmt::format("{} against {}", options.b.front(), options.a),
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
  CompareOptions cases = options;
  cases.a = cases.b.front() = run;
  cases.is_alone = true;
  cases.profiles.clear();
  cases.a_case = *a + "/single";
  cases.b_case = *b + "/single";
  return compare_runs(session, cases);
}

}  // namespace dyno::cli
