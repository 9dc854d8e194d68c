// The command line of dyno-load taken apart and checked against the table of options. Every problem it finds is told, in the words of
// the command line; nothing is opened or resolved. Pure; thread-safe after it was read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "runners/load/options.h"

namespace dyno::loadgen {

class Arguments {
 public:
  // Without the name of the program. -c 64, -c64, --connections 64, --connections=64; flags may stand together (-kh); what follows --
  // is no option. A value may begin with a dash where it is no option itself: -r -5 is a wrong rate.
  explicit Arguments(std::span<const char* const> words);

  // What cannot be: an unknown option, a value out of its range, options that exclude each other. Empty: all is well.
  const std::vector<std::string>& problems() const { return problems_; }

  bool has(Opt id) const { return !of(id).empty(); }
  // Given, and with something else than what holds anyway.
  bool is_set(Opt id) const;
  bool has_any(Opts set) const;  // one of them is set
  const std::vector<std::string>& all(Opt id) const { return of(id); }
  std::string_view text(Opt id) const;  // as given, else what holds anyway
  // Of options of that kind; only where there are no problems. 0 where nothing holds.
  std::int64_t integer(Opt id) const;
  double number(Opt id) const;
  Nanos duration(Opt id) const;
  std::int64_t bytes(Opt id) const;

  const std::string& url() const { return url_; }

 private:
  const std::vector<std::string>& of(Opt id) const { return values_[static_cast<std::size_t>(id)]; }
  std::size_t take_long(std::span<const char* const> words);  // how many words it used
  std::size_t take_short(std::span<const char* const> words);
  std::size_t take_value(const Option& option, std::span<const char* const> words);  // the word behind its own
  void give(const Option& option, std::string value);
  void take_url(std::string_view word);
  void check_together();

  std::array<std::vector<std::string>, kOptions> values_;
  std::string url_;
  int urls_ = 0;
  bool has_unknown_ = false;
  std::vector<std::string> problems_;
};

}  // namespace dyno::loadgen
