# Writes OUTPUT, a C++ file that holds the text of every migration, from FILES (separated by '|'): the program needs no
# migration at run time. Called by the build with cmake -P.
string(REPLACE "|" ";" FILES "${FILES}")
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  string(REGEX MATCH "^[0-9][0-9][0-9][0-9]" number "${name}")
  if(NOT number)
    message(FATAL_ERROR "${name}: a migration is named NNNN_what.sql")
  endif()
  math(EXPR version "1${number} - 10000")
  file(READ "${file}" text)
  string(APPEND rows "    Migration{${version}, \"${name}\", R\"~sql~(${text})~sql~\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"store/migrations.h\"

#include <array>

namespace dyno::store {
namespace {

constexpr std::array kMigrations{
${rows}};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

}  // namespace dyno::store
")
