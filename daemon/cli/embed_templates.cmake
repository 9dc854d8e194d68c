# Writes OUTPUT, a C++ file that holds every file below FOLDER, from FILES (relative, separated by '|'): the command needs no
# templates at run time. Called by the build with cmake -P.
string(REPLACE "|" ";" FILES "${FILES}")
set(rows "")
foreach(file IN LISTS FILES)
  string(REGEX MATCH "^[^/]+" runtime "${file}")
  string(REGEX REPLACE "^[^/]+/" "" path "${file}")
  file(READ "${FOLDER}/${file}" text)
  string(APPEND rows "    TemplateFile{\"${runtime}\", \"${path}\", R\"~file~(${text})~file~\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"cli/new_stack.h\"

#include <array>

namespace dyno::cli {
namespace {

constexpr std::array kFiles{
${rows}};

}  // namespace

std::span<const TemplateFile> template_files() { return kFiles; }

}  // namespace dyno::cli
")
