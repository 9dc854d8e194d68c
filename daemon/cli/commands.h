// The commands, one function each, with the options that cli.cpp reads for them.
#pragma once

#include <string>
#include <vector>

#include "cli/outcome.h"
#include "cli/session.h"

namespace dyno::cli {

struct RunOptions {
  std::vector<std::string> stacks;  // none: all
  std::string profile = "quick";
  int blocks = 0;  // 0: the profile's number
  std::string seed;
  std::string note;
  bool detach = false;
  bool keep_going = false;
};

struct LogOptions {
  std::string run;
  std::string name;  // of a stack or service; empty: the only one, that which goes on, or the only one that failed
  bool follow = false;
};

struct ListOptions {
  int limit = 20;
  std::vector<std::string> stacks;
  std::vector<std::string> states;
  std::vector<std::string> tags{};
  bool pinned = false;  // only these
};

// Another word about a run.
struct MarkOptions {
  std::string run;
  std::string text{};               // a note, or why it is excluded
  std::vector<std::string> tags{};  // to be added, or taken away
};

struct ValidateOptions {
  std::vector<std::string> files;
  std::string kind;  // empty: by the folder, otherwise stack
};

struct NewStackOptions {
  std::string name;
  std::string runtime;
  std::string folder = "stacks";  // the new stack's folder is created in it
};

struct InitOptions {
  std::string folder = ".";
  std::vector<std::string> from{};
  std::string app{};
  std::string curl{};
  std::string name{};
  bool print = false;  // stackdyno.yaml to stdout; nothing is written
  bool force = false;
};

struct CompareOptions {
  std::string a{};  // latest~1, median:30, a day, an id or a part of one
  std::vector<std::string> b{};
  bool is_alone = false;  // no nights are pooled with a run
  std::string a_case{};   // both: one case against another
  std::string b_case{};
  std::vector<std::string> stacks{};
  std::vector<std::string> cases{};
  std::vector<std::string> phases{};
  std::vector<std::string> metrics{};  // none: the headlines for people, all otherwise
  std::vector<std::string> profiles{};
  std::vector<std::string> schedules{};
  std::vector<std::string> fail_on{"worse"};  // decisions that end it with Exit::worse
  // Of two versions that are run for it:
  int blocks = 0;                    // at most; 0: 40
  std::string within = "30min";      // of the start of the run: no block begins that would end after it
  std::vector<std::string> env_a{};  // KEY=VALUE, added to that of before
  std::vector<std::string> env_b{};  // … of after
};

struct HistoryOptions {
  std::string stack;
  std::vector<std::string> metrics{};  // none: throughput
  std::vector<std::string> phases{};
  std::vector<std::string> profiles{};
  std::string since{};
};

struct LeaderboardOptions {
  std::vector<std::string> runs{};  // none: the newest summaries of all
  bool is_alone = false;            // no nights are pooled with a run
  std::vector<std::string> workloads{};
  std::vector<std::string> phases{};
  std::vector<std::string> metrics{};  // none: the headline of each phase
  std::vector<std::string> stacks{};
  std::vector<std::string> languages{};
  std::vector<std::string> classes{};
  std::vector<std::string> modes{};
  std::vector<std::string> validities{};
  std::vector<std::string> bounds{};
  std::vector<std::string> profiles{};
  std::vector<std::string> schedules{};
};

struct BaselineOptions {
  std::string name;
  std::string ref{};  // median:30, latest~1, a day, an id or a part of one
  std::string profile{};
  std::string schedule{};
  std::string stack{};
};

struct ExportOptions {
  std::string run;
  std::string file{};  // empty: named after the run; "-": stdout
};
// Prints the name of the file.
Outcome<Exit> export_run(Session& session, const ExportOptions& options);
// Prints the id of the run.
Outcome<Exit> import_run(Session& session, const std::string& file);
// What old runs and images take, and makes room unless it is to be said only.
Outcome<Exit> collect_garbage(Session& session, bool dry_run);
// A whole copy of the daemon's database.
Outcome<Exit> back_up(Session& session, const std::string& file);

Outcome<Exit> list_baselines(Session& session);
// In place of the one of that name.
Outcome<Exit> set_baseline(Session& session, const BaselineOptions& options);
Outcome<Exit> remove_baseline(Session& session, const std::string& name);
// The reference as the daemon takes it: parts of ids become ids.
Outcome<std::string> reference_of(Session& session, const std::string& text);

// Whether it is a folder, one at a git ref, an image or a stack of the daemon: ".", "./orders@main", "image:orders:2", "stack:go-gin".
bool is_version(const std::string& text);
// Sends both, runs them in the same blocks, and compares them.
Outcome<Exit> compare_versions(Session& session, const CompareOptions& options);
// Ends with Exit::worse where a figure became what `fail_on` names: of the metrics that are named, otherwise of the main ones, with --all of
// every one.
Outcome<Exit> compare_runs(Session& session, const CompareOptions& options);
Outcome<Exit> show_history(Session& session, const HistoryOptions& options);
Outcome<Exit> show_leaderboard(Session& session, const LeaderboardOptions& options);
// The id of a run, from a part of one that no other run has, or "latest".
Outcome<std::string> find_id(Session& session, const std::string& part);

Outcome<Exit> start_run(Session& session, const RunOptions& options);
Outcome<Exit> list_runs(Session& session, const ListOptions& options);
Outcome<Exit> show_run(Session& session, const std::string& id);
Outcome<Exit> follow_run(Session& session, const std::string& id);
// Prints what a build printed.
Outcome<Exit> show_log(Session& session, const LogOptions& options);
Outcome<Exit> cancel_run(Session& session, const std::string& id);
Outcome<Exit> move_run(Session& session, const std::string& id, int position);
// Prints the id of the new run.
Outcome<Exit> retry_run(Session& session, const std::string& id);

// Each prints the run as it is then, where the format is not the table.
Outcome<Exit> note_run(Session& session, const MarkOptions& options);
Outcome<Exit> tag_run(Session& session, const MarkOptions& options);
Outcome<Exit> untag_run(Session& session, const MarkOptions& options);
Outcome<Exit> pin_run(Session& session, const MarkOptions& options);
Outcome<Exit> unpin_run(Session& session, const MarkOptions& options);
Outcome<Exit> exclude_run(Session& session, const MarkOptions& options);
Outcome<Exit> include_run(Session& session, const MarkOptions& options);

Outcome<Exit> list_stacks(Session& session);
// The daemon reads its folders again.
Outcome<Exit> rescan_stacks(Session& session);
Outcome<Exit> list_profiles(Session& session);
Outcome<Exit> list_schedules(Session& session);
Outcome<Exit> show_member(Session& session, const std::string& collection, const std::string& name);
Outcome<Exit> validate_files(Session& session, const ValidateOptions& options);
Outcome<Exit> list_due_times(Session& session, const std::string& schedule, int count);
Outcome<Exit> list_fires(Session& session, const std::string& schedule, int count);
// Starts a run of it out of turn and prints its id.
Outcome<Exit> run_schedule(Session& session, const std::string& schedule, bool force);
Outcome<Exit> pause_schedule(Session& session, const std::string& schedule);
Outcome<Exit> resume_schedule(Session& session, const std::string& schedule);
// From a file, which need not stay; `replace`: in place of the stored one of its name.
Outcome<Exit> add_schedule(Session& session, const std::string& file, bool replace);
Outcome<Exit> remove_schedule(Session& session, const std::string& schedule);
// Prints the paths of the files it wrote. Overwrites nothing.
Outcome<Exit> write_new_stack(Session& session, const NewStackOptions& options);
// Asks no daemon.
Outcome<Exit> init_folder(Session& session, const InitOptions& options);
// One name in a line: "stacks", "profiles", "schedules", or the short ids of "runs".
Outcome<Exit> print_names(Session& session, const std::string& collection);
Outcome<Exit> show_version(Session& session, const std::string& own_version);

}  // namespace dyno::cli
