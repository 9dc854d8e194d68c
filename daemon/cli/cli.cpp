#include "cli/cli.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cstdlib>
#include <functional>
#include <map>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/new_stack.h"

namespace dyno::cli {
namespace {

std::string cases(const std::vector<CommandWords>& tree) {
  std::string text;
  for (const CommandWords& command : tree) {
    const std::string names = command.names.empty() ? std::string() : " names=" + command.names;
    text += fmt::format("    \"{}\") words=\"{}\"{} ;;\n", command.path, fmt::join(command.words, " "), names);
  }
  return text;
}

std::string known_paths(const std::vector<CommandWords>& tree) {
  std::string text = "|";
  for (const CommandWords& command : tree) text += command.path + "|";
  return text;
}

// What the arguments of a command name.
std::string names_below(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 27> kNames{{{"run", "stacks"},
                                                                                  {"compare", "runs"},
                                                                                  {"history", "stacks"},
                                                                                  {"stack show", "stacks"},
                                                                                  {"profile show", "profiles"},
                                                                                  {"schedule show", "schedules"},
                                                                                  {"schedule next", "schedules"},
                                                                                  {"schedule history", "schedules"},
                                                                                  {"schedule run", "schedules"},
                                                                                  {"schedule pause", "schedules"},
                                                                                  {"schedule resume", "schedules"},
                                                                                  {"schedule remove", "schedules"},
                                                                                  {"runs show", "runs"},
                                                                                  {"runs watch", "runs"},
                                                                                  {"runs log", "runs"},
                                                                                  {"runs cancel", "runs"},
                                                                                  {"runs move", "runs"},
                                                                                  {"runs retry", "runs"},
                                                                                  {"runs note", "runs"},
                                                                                  {"export", "runs"},
                                                                                  {"baseline rm", "baselines"},
                                                                                  {"runs tag", "runs"},
                                                                                  {"runs untag", "runs"},
                                                                                  {"runs pin", "runs"},
                                                                                  {"runs unpin", "runs"},
                                                                                  {"runs exclude", "runs"},
                                                                                  {"runs include", "runs"}}};
  for (const auto& [command, names] : kNames) {
    if (command == path) return std::string(names);
  }
  return {};
}

const std::map<std::string, Format> kFormats{{"table", Format::table},
                                             {"json", Format::json},
                                             {"ndjson", Format::ndjson},
                                             {"csv", Format::csv},
                                             {"markdown", Format::markdown}};

// Replaces the name of a format by its number, because the option parser wants an enumerator. Returns what is wrong.
std::string format_number(std::string& text) {
  const auto found = kFormats.find(text);
  if (found == kFormats.end()) return "must be table, json, ndjson, csv or markdown, not \"" + text + "\"";
  text = std::to_string(static_cast<int>(found->second));
  return {};
}

// What the options say, and what to do once they are read.
struct Wanted {
  std::string server = "http://127.0.0.1:8080";
  int timeout_s = 60;
  Format format = Format::table;
  bool quiet = false;
  bool all = false;
  RunOptions run;
  ListOptions list;
  MarkOptions mark;
  LogOptions log;
  ValidateOptions validate;
  NewStackOptions new_stack;
  InitOptions init;
  CompareOptions compare;
  LeaderboardOptions leaderboard;
  HistoryOptions history;
  BaselineOptions baseline;
  ExportOptions export_run;
  std::string name;
  std::string shell;
  int count = 10;
  int position = 1;
  bool force = false;
  std::function<Outcome<Exit>(Session&)> action;
};

void collect_words(const CLI::App& app, const std::string& path, std::vector<CommandWords>& tree) {
  CommandWords command{path, {}, names_below(path)};
  const auto commands = app.get_subcommands([](const CLI::App* below) { return !below->get_group().empty(); });
  for (const CLI::App* const below : commands) command.words.push_back(below->get_name());
  for (const CLI::Option* const option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) command.words.push_back("--" + name);
  }
  tree.push_back(command);
  for (const CLI::App* const below : commands)
    collect_words(*below, path.empty() ? below->get_name() : path + " " + below->get_name(), tree);
}

Outcome<Exit> print_completion(const CLI::App& app, const std::string& shell) {
  std::vector<CommandWords> tree;
  collect_words(app, "", tree);
  if (shell == "bash") print_text(bash_completion(tree));
  if (shell == "zsh") print_text(zsh_completion(tree));
  if (shell == "fish") print_text(fish_completion(tree));
  return Exit::ok;
}

void add_mark_commands(CLI::App& runs, Wanted& wanted) {
  const auto add = [&](const char* name, const char* about, Outcome<Exit> (*act)(Session&, const MarkOptions&)) {
    CLI::App* const command = runs.add_subcommand(name, about);
    command->add_option("run", wanted.mark.run, "Id, its beginning or end, or latest")->required();
    command->callback(
        [&wanted, act] { wanted.action = [&wanted, act](Session& session) { return act(session, wanted.mark); }; });
    return command;
  };
  add("note", "Give a run another note", note_run)
      ->add_option("text", wanted.mark.text, "The note; empty: none")
      ->required();
  add("tag", "Add tags to a run", tag_run)->add_option("tags", wanted.mark.tags, "Such as release")->required();
  add("untag", "Remove tags from a run", untag_run)->add_option("tags", wanted.mark.tags, "Its tags")->required();
  add("pin", "Keep a run whole, however old", pin_run);
  add("unpin", "Let a run grow old as all others", unpin_run);
  add("exclude", "Let no comparison and no history count a run", exclude_run)
      ->add_option("reason", wanted.mark.text, "Why; shown in its place")
      ->required();
  add("include", "Count an excluded run again", include_run);
}

void add_run_commands(CLI::App& app, Wanted& wanted) {
  CLI::App* const run = app.add_subcommand("run", "Start a run, watch it and print its result");
  run->add_option("stacks", wanted.run.stacks,
                  "Names, globs, or folders of your own such as . or ./orders [default: all stacks]");
  run->add_option("-p,--profile", wanted.run.profile, "Load profile")->capture_default_str();
  run->add_option("-b,--blocks", wanted.run.blocks,
                  "Blocks (repetitions) per stack; scales extra starts too [default: from the profile]")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  run->add_option("--seed", wanted.run.seed, "Seed of the random order, to repeat a run in the same order");
  run->add_option("--note", wanted.run.note, "Note to store with the run");
  run->add_flag("-k,--keep-going", wanted.run.keep_going, "Exit with 0 even if some of the stacks have no results");
  const auto add_all = [&wanted](CLI::App* command) {
    command->add_flag("-a,--all", wanted.all, "Every table of the result, however wide, not one screen of it");
  };
  add_all(run);
  run->add_flag("-d,--detach", wanted.run.detach, "Print the run's id and return at once");
  run->callback([&wanted] { wanted.action = [&wanted](Session& session) { return start_run(session, wanted.run); }; });

  CLI::App* const runs =
      app.add_subcommand("runs", "List, show, watch, cancel, move, retry and mark runs, show logs of builds")
          ->require_subcommand(1);
  CLI::App* const list = runs->add_subcommand("list", "List runs, newest first");
  list->add_option("-n,--limit", wanted.list.limit, "Number of runs")
      ->type_name("N")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  list->add_option("--stack", wanted.list.stacks, "Only runs of this stack");
  list->add_option("--state", wanted.list.states, "Only runs in this state");
  list->add_option("--tag", wanted.list.tags, "Only runs with this tag");
  list->add_flag("--pinned", wanted.list.pinned, "Only pinned runs");
  list->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return list_runs(session, wanted.list); }; });
  const auto add_named = [&](const char* name, const char* about, Outcome<Exit> (*act)(Session&, const std::string&)) {
    CLI::App* const command = runs->add_subcommand(name, about);
    command->add_option("run", wanted.name, "Id, its beginning or end, or latest")->required();
    command->callback(
        [&wanted, act] { wanted.action = [&wanted, act](Session& session) { return act(session, wanted.name); }; });
    return command;
  };
  add_all(add_named("show", "Show the result of a run", show_run));
  add_all(add_named("watch", "Watch a run until it ends and print its result; Ctrl-C stops watching, not the run",
                    follow_run));
  CLI::App* const log = runs->add_subcommand("log", "Print what the build of an image printed");
  log->add_option("run", wanted.log.run, "Id, its beginning or end, or latest")->required();
  log->add_option("name", wanted.log.name, "Stack or service [default: what is being built, or what failed]");
  log->add_flag("-f,--follow", wanted.log.follow, "Go on until the build has ended");
  log->callback([&wanted] { wanted.action = [&wanted](Session& session) { return show_log(session, wanted.log); }; });
  add_named("cancel", "Cancel a run", cancel_run);
  add_named("retry", "Start a run that has ended again: same stacks, profile and seed; prints the new run's id",
            retry_run);
  CLI::App* const move = runs->add_subcommand("move", "Give a queued run another place");
  move->add_option("run", wanted.name, "Id, its beginning or end, or latest")->required();
  move->add_option("position", wanted.position, "1 begins next")->check(CLI::Range(1, 1000))->capture_default_str();
  move->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return move_run(session, wanted.name, wanted.position); };
  });
  add_mark_commands(*runs, wanted);
}

void add_keeping_commands(CLI::App& app, Wanted& wanted) {
  CLI::App* const out = app.add_subcommand("export", "Write a run into a file that another daemon can import");
  out->add_option("run", wanted.export_run.run, "Id, its beginning or end, or latest")->required();
  out->add_option("-o,-f,--file", wanted.export_run.file, "File, - for stdout [default: RUN.stackdyno]");
  out->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return export_run(session, wanted.export_run); }; });
  CLI::App* const in = app.add_subcommand("import", "Read a run from such a file, and print its id");
  in->add_option("file", wanted.name, "File")->required();
  in->callback([&wanted] { wanted.action = [&wanted](Session& session) { return import_run(session, wanted.name); }; });
  CLI::App* const gc =
      app.add_subcommand("gc", "Remove samples of old runs, and images beyond the budget, as the configuration says");
  gc->add_flag("-n,--dry-run", wanted.force, "Say what would go, and remove nothing");
  gc->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return collect_garbage(session, wanted.force); }; });
  CLI::App* const backup = app.add_subcommand("backup", "Write a whole copy of the daemon's database into a file");
  backup->add_option("file", wanted.name, "File")->required();
  backup->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return back_up(session, wanted.name); }; });
}

void add_baseline_commands(CLI::App& app, Wanted& wanted) {
  CLI::App* const group =
      app.add_subcommand("baseline", "Keep a run, or a rule such as median:30, under a name to compare with")
          ->require_subcommand(1);
  group->add_subcommand("list", "List all baselines")->callback([&wanted] { wanted.action = list_baselines; });
  CLI::App* const set = group->add_subcommand("set", "Store a baseline, in place of the one of that name");
  set->add_option("name", wanted.baseline.name, "Name; compare takes it as baseline:NAME")->required();
  set->add_option("ref", wanted.baseline.ref, "A run, latest, latest~1, median:30, or a day such as 2026-11-29")
      ->required();
  set->add_option("-p,--profile", wanted.baseline.profile, "Count only runs of this load profile");
  set->add_option("--schedule", wanted.baseline.schedule, "Count only runs of this schedule");
  set->add_option("--stack", wanted.baseline.stack, "Count only runs with results of this stack");
  set->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return set_baseline(session, wanted.baseline); }; });
  CLI::App* const remove = group->add_subcommand("rm", "Remove a baseline; the runs that it names stay");
  remove->add_option("name", wanted.name, "Name of the baseline")->required();
  remove->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return remove_baseline(session, wanted.name); }; });
}

// Of a comparison that makes a run of its own.
void add_version_options(CLI::App* compare, CompareOptions& options) {
  compare
      ->add_option("--blocks", options.blocks,
                   "Two versions: most blocks (repetitions) of each [default: 40]; they end sooner when all is decided")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  const CLI::Validator assignment(
      [](const std::string& text) {
        const std::size_t at = text.find('=');
        return at == 0 || at == std::string::npos ? "write KEY=VALUE, such as GOMAXPROCS=2" : std::string();
      },
      "", "assignment");
  compare->add_option("--env-a", options.env_a, "Two versions: an environment variable for the one before")
      ->type_name("KEY=VALUE")
      ->check(assignment);
  compare->add_option("--env-b", options.env_b, "Two versions: an environment variable for the one after")
      ->type_name("KEY=VALUE")
      ->check(assignment);
  compare
      ->add_option("--within", options.within,
                   "Two versions: the time that their run may take, builds included, such as 15min")
      ->capture_default_str()
      ->type_name("DURATION")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return parse_duration(text) ? std::string() : "a duration has a number and a unit, such as 15min";
          },
          "", "duration"));
}

void add_history_commands(CLI::App& app, Wanted& wanted) {
  CLI::App* const compare =
      app.add_subcommand("compare", "Compare runs: what became better or worse, and how sure that is");
  compare
      ->add_option(
          "a", wanted.compare.a,
          "Before: latest~1, median:30 (of the runs before), a day such as 2026-11-29, baseline:NAME, or a run; A,B: "
          "several runs, pooled. Or a folder of your own, as it is (./orders) or at a git ref (./orders@main), an "
          "image in place of what the folder builds (image:orders:2), or a stack of the daemon (stack:go-gin): both "
          "are then run side by side")
      ->required();
  compare
      ->add_option(
          "b", wanted.compare.b,
          "After: latest, a day, baseline:NAME, a run or a folder; several runs are each compared with the first")
      ->required();
  compare->add_flag("--alone", wanted.compare.is_alone, "Take each run by itself, without the nights before it");
  const auto add_lists = [](CLI::App* command, auto& options) {
    command->add_option("--phase", options.phases, "Only this phase; empty: figures of the whole trial");
    command->add_option("--metric", options.metrics, "Only this metric, as the API names it; several: once each");
    command->add_option("-p,--profile", options.profiles, "Only runs of this load profile");
  };
  add_lists(compare, wanted.compare);
  compare->add_option("--stack", wanted.compare.stacks, "Only this stack");
  compare->add_option("--case", wanted.compare.cases, "Only this case, such as go-nethttp/single");
  compare->add_option("--schedule", wanted.compare.schedules, "Count only runs of this schedule");
  CLI::Option* const a_case =
      compare->add_option("--a-case", wanted.compare.a_case, "One case against another: that of before");
  CLI::Option* const b_case =
      compare->add_option("--b-case", wanted.compare.b_case, "The case of after")->needs(a_case);
  a_case->needs(b_case);
  compare->add_flag("-a,--all", wanted.all, "Every metric, not the main ones alone");
  compare
      ->add_option("--fail-on", wanted.compare.fail_on,
                   "Exit with 5 if a figure shown is one of these: worse, inconclusive")
      ->delimiter(',')
      ->check(CLI::IsMember({"worse", "inconclusive"}))
      ->default_str("worse");
  add_version_options(compare, wanted.compare);
  compare->callback([&wanted] {
    wanted.action = [&wanted](Session& session) {
      return is_version(wanted.compare.a) ? compare_versions(session, wanted.compare)
                                          : compare_runs(session, wanted.compare);
    };
  });

  CLI::App* const history = app.add_subcommand("history", "Show how the figures of a stack went from run to run");
  history->add_option("stack", wanted.history.stack, "Name of the stack")->required();
  add_lists(history, wanted.history);
  history->add_option("--since", wanted.history.since, "From this day on, such as 2026-11-01");
  history->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return show_history(session, wanted.history); }; });
}

void add_leaderboard_command(CLI::App& app, Wanted& wanted) {
  LeaderboardOptions& options = wanted.leaderboard;
  CLI::App* const board =
      app.add_subcommand("leaderboard", "Show all stacks in order, with the places that each may have");
  board->add_option("--run", options.runs,
                    "Only what this run measured, with the nights before it; several are pooled");
  board->add_flag("--alone", options.is_alone, "Take each run by itself, without the nights before it");
  board->add_option("--workload", options.workloads, "Only this workload, such as json");
  board->add_option("--phase", options.phases, "Only this phase; empty: figures of the whole trial");
  board->add_option("--metric", options.metrics, "This metric, as the API names it, instead of each phase's headline");
  board->add_option("--stack", options.stacks, "Only this stack");
  board->add_option("--language", options.languages, "Only stacks of this runtime, such as go");
  board->add_option("--class", options.classes, "Only stacks of this class: production, tuned");
  board->add_option("--mode", options.modes, "Only cases of this mode: single, scaled");
  board->add_option("--validity", options.validities, "Only figures of this validity: valid, degraded");
  board->add_option("--bound", options.bounds, "Only figures with this limit, such as server");
  board->add_option("-p,--profile", options.profiles, "Count only runs of this load profile");
  board->add_option("--schedule", options.schedules, "Count only runs of this schedule");
  board->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return show_leaderboard(session, wanted.leaderboard); };
  });
}

// `collection`: the resource in the API.
CLI::App* add_catalog_commands(CLI::App& app, Wanted& wanted, const char* word, const char* collection,
                               Outcome<Exit> (*list_all)(Session&)) {
  CLI::App* const group = app.add_subcommand(word, fmt::format("List and show {}", collection))->require_subcommand(1);
  CLI::App* const list = group->add_subcommand("list", fmt::format("List all {}", collection));
  list->callback([&wanted, list_all] { wanted.action = list_all; });
  CLI::App* const show = group->add_subcommand("show", fmt::format("Show one {} with all its defaults", word));
  show->add_option("name", wanted.name, fmt::format("Name of the {}", word))->required();
  show->callback([&wanted, collection] {
    wanted.action = [&wanted, collection](Session& session) { return show_member(session, collection, wanted.name); };
  });
  return group;
}

void add_schedule_commands(CLI::App& schedule, Wanted& wanted) {
  const auto add_named = [&](const char* name, const char* about, Outcome<Exit> (*act)(Session&, const std::string&)) {
    CLI::App* const command = schedule.add_subcommand(name, about);
    command->add_option("name", wanted.name, "Name of the schedule")->required();
    command->callback(
        [&wanted, act] { wanted.action = [&wanted, act](Session& session) { return act(session, wanted.name); }; });
  };
  CLI::App* const history = schedule.add_subcommand("history", "Show what became of past due times, newest first");
  history->add_option("name", wanted.name, "Name of the schedule")->required();
  history->add_option("-n,--count", wanted.count, "Number of due times")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  history->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return list_fires(session, wanted.name, wanted.count); };
  });
  CLI::App* const run = schedule.add_subcommand("run", "Start a run of it now and print the run's id");
  run->add_option("name", wanted.name, "Name of the schedule")->required();
  run->add_flag("--force", wanted.force, "Even if its previous run has not ended");
  run->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return run_schedule(session, wanted.name, wanted.force); };
  });
  add_named("pause", "Start nothing until it is resumed; a run under way goes on", pause_schedule);
  add_named("resume", "End a pause", resume_schedule);
  CLI::App* const add = schedule.add_subcommand("add", "Store a schedule in the daemon's database");
  add->add_option("file", wanted.name, "YAML file")->required();
  add->add_flag("--replace", wanted.force, "In place of the stored one of the same name");
  add->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return add_schedule(session, wanted.name, wanted.force); };
  });
  add_named("remove", "Remove a stored schedule; its runs and its history stay", remove_schedule);
}

void add_other_commands(CLI::App& app, Wanted& wanted) {
  CLI::App* const stack = add_catalog_commands(app, wanted, "stack", "stacks", list_stacks);
  stack->add_subcommand("rescan", "Have the daemon read its folders again, then list the stacks")->callback([&wanted] {
    wanted.action = rescan_stacks;
  });
  CLI::App* const validate =
      stack->add_subcommand("validate", "Check files of stacks, profiles, schedules, services or workloads");
  validate->add_option("files", wanted.validate.files, "YAML files")->required();
  validate
      ->add_option("--kind", wanted.validate.kind,
                   "stack, profile, schedule, service or workload [default: from the path]")
      ->check(CLI::IsMember({"stack", "profile", "schedule", "service", "workload"}));
  validate->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return validate_files(session, wanted.validate); }; });
  add_catalog_commands(app, wanted, "profile", "profiles", list_profiles);
  CLI::App* const schedule = add_catalog_commands(app, wanted, "schedule", "schedules", list_schedules);
  CLI::App* const next = schedule->add_subcommand("next", "Show the next due times");
  next->add_option("name", wanted.name, "Name of the schedule")->required();
  next->add_option("-n,--count", wanted.count, "Number of due times")->check(CLI::Range(1, 100))->capture_default_str();
  next->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return list_due_times(session, wanted.name, wanted.count); };
  });
  add_schedule_commands(*schedule, wanted);
  app.add_subcommand("version", "Show the versions of dyno and of the daemon")->callback([&wanted] {
    wanted.action = [](Session& session) { return show_version(session, DYNO_VERSION); };
  });
  // For completions; without a group it is in no help.
  CLI::App* const names =
      app.add_subcommand("names", "Print the names of stacks, profiles, schedules, runs or baselines")->group("");
  names->add_option("kind", wanted.name)
      ->required()
      ->check(CLI::IsMember({"stacks", "profiles", "schedules", "runs", "baselines"}));
  names->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return print_names(session, wanted.name); }; });
  CLI::App* const completion = app.add_subcommand("completion", "Print completions for a shell, to be sourced");
  completion->add_option("shell", wanted.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback(
      [&app, &wanted] { wanted.action = [&app, &wanted](Session&) { return print_completion(app, wanted.shell); }; });
}

void add_init_command(CLI::App& app, Wanted& wanted) {
  CLI::App* const init = app.add_subcommand("init", "Write a stackdyno.yaml for a service of your own");
  init->add_option("folder", wanted.init.folder, "Where it lies")->capture_default_str();
  init->add_option("--from", wanted.init.from,
                   "A Compose file, an OpenAPI document or a HAR recording [those of the usual names]");
  init->add_option("--app", wanted.init.app, "The service of the Compose file that is measured");
  init->add_option("--from-curl", wanted.init.curl, "A line of curl, in quotes, as a request");
  init->add_option("--name", wanted.init.name, "Name of the stack [what the files say]");
  init->add_flag("--print", wanted.init.print, "Print stackdyno.yaml and write nothing");
  init->add_flag("--force", wanted.init.force, "Replace files that are there");
  init->callback(
      [&wanted] { wanted.action = [&wanted](Session& session) { return init_folder(session, wanted.init); }; });
}

void add_new_commands(CLI::App& app, Wanted& wanted) {
  CLI::App* const group = app.add_subcommand("new", "Create a stack from a template")->require_subcommand(1);
  CLI::App* const stack =
      group->add_subcommand("stack", "Create a folder with a stack that answers plaintext and json");
  stack->add_option("name", wanted.new_stack.name, "Name of the stack, such as node-koa")->required();
  stack
      ->add_option("--runtime", wanted.new_stack.runtime,
                   fmt::format("One of {}", fmt::join(template_runtimes(), ", ")))
      ->required();
  stack->add_option("--in", wanted.new_stack.folder, "Folder of all stacks")->capture_default_str();
  stack->callback([&wanted] {
    wanted.action = [&wanted](Session& session) { return write_new_stack(session, wanted.new_stack); };
  });
}

// What is wrong with the command line. A mistyped command is named, which the library does not do.
std::string usage_fault(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App* group = &app;
  while (!group->get_subcommands().empty()) group = group->get_subcommands().front();
  std::vector<std::string_view> known;
  for (const CLI::App* const command : group->get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  const auto unread = app.remaining(true);
  if (known.empty() || unread.empty()) return error.what();
  return fmt::format("unknown command {}{}", unread.front(), did_you_mean(unread.front(), known));
}

int report(const Outcome<Exit>& outcome) {
  std::fflush(stdout);
  if (outcome) return static_cast<int>(*outcome);
  fmt::print(stderr, "dyno: {}\n", outcome.error().message);
  return static_cast<int>(outcome.error().exit);
}

}  // namespace

// Arguments and values of options are in no path, so that names can be completed after names. Bash breaks words at @, which is in the
// names of variants: what stands before it is taken off again.
std::string bash_completion(const std::vector<CommandWords>& tree) {
  return fmt::format(
      R"sh(_dyno() {{
  local path="" words="" names="" word known="{1}"
  local cur="${{COMP_LINE:0:COMP_POINT}}"
  cur="${{cur##* }}"
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$known" in *"|${{path:+$path }}$word|"*) path="${{path:+$path }}$word" ;; esac
  done
  case "$path" in
{0}  esac
  word="${{COMP_LINE:0:COMP_POINT}}"
  case "${{word% *}}" in
    *" -p" | *" --profile") names=profiles words="" ;;
    *" --stack") names=stacks words="" ;;
  esac
  case "$cur" in -*) names="" ;; esac
  if [ -n "$names" ]; then words="$words $(dyno -q --timeout 2 names "$names" 2>/dev/null)"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  case "$cur $COMP_WORDBREAKS" in
    *@*\ *@*) COMPREPLY=("${{COMPREPLY[@]#"${{cur%@*}}@"}}") ;;
  esac
}}
complete -o default -F _dyno dyno
)sh",
      cases(tree), known_paths(tree));
}

std::string zsh_completion(const std::vector<CommandWords>& tree) {
  return "#compdef dyno\nautoload -U +X bashcompinit && bashcompinit\n" + bash_completion(tree);
}

std::string fish_completion(const std::vector<CommandWords>& tree) {
  std::string text = "complete -c dyno -f\n";
  for (const CommandWords& command : tree) {
    const std::string condition =
        command.path.empty() ? "__fish_use_subcommand"
                             : "__fish_seen_subcommand_from " + command.path.substr(command.path.rfind(' ') + 1);
    if (!command.names.empty()) {
      std::string seen;
      for (const std::string_view word : split(command.path, ' '))
        seen += fmt::format("{}__fish_seen_subcommand_from {}", seen.empty() ? "" : "; and ", word);
      text += fmt::format("complete -c dyno -n '{}' -a '(dyno -q --timeout 2 names {} 2>/dev/null)'\n", seen,
                          command.names);
    }
    for (const std::string& word : command.words) {
      text += word.starts_with("--") ? fmt::format("complete -c dyno -n '{}' -l {}\n", condition, word.substr(2))
                                     : fmt::format("complete -c dyno -n '{}' -a {}\n", condition, word);
    }
  }
  return text;
}

int run_cli(int argc, char** argv) {
  Wanted wanted;
  CLI::App app{"Benchmark backend stacks and show the results", "dyno"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--server", wanted.server, "Address of the daemon")
      ->envname("STACKDYNO_SERVER")
      ->capture_default_str();
  app.add_option("-o,--output", wanted.format, "Output format: table, json, ndjson, csv or markdown")
      ->transform(CLI::Validator(format_number, "FORMAT"))
      ->default_str("table");
  app.add_option("--timeout", wanted.timeout_s, "Seconds to wait for an answer")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_flag("-q,--quiet", wanted.quiet, "Print nothing but errors on stderr");
  app.set_version_flag("--version", std::string("dyno ") + DYNO_VERSION);
  add_run_commands(app, wanted);
  add_history_commands(app, wanted);
  add_leaderboard_command(app, wanted);
  add_baseline_commands(app, wanted);
  add_keeping_commands(app, wanted);
  add_new_commands(app, wanted);
  add_init_command(app, wanted);
  add_other_commands(app, wanted);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help and version
    fmt::print(stderr, "dyno: {}\nSee dyno --help.\n", usage_fault(app, error));
    return static_cast<int>(Exit::usage);
  }
  HttpClient client(wanted.server, wanted.timeout_s);
  Session session{client, wanted.format, wanted.quiet, wanted.all, screen_of(stdout)};
  return report(wanted.action(session));
}

}  // namespace dyno::cli
