// The rules of a .dockerignore file: exact names, folders, '*' within a name, '**' over folders, '!' for exceptions, last rule wins.
// A rule that matches a folder covers all within. Pure; reads no file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dyno::docker {

class IgnoreRules {
 public:
  explicit IgnoreRules(std::string_view file_text);

  bool is_ignored(std::string_view relative_path) const;
  // False: nothing below an ignored folder can be taken back in.
  bool has_exceptions() const { return has_exceptions_; }

 private:
  struct Rule {
    std::vector<std::string> segments;
    bool exception = false;
  };
  std::vector<Rule> rules_;
  bool has_exceptions_ = false;
};

}  // namespace dyno::docker
