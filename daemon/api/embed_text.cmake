# Writes a .cpp that holds a text file, in pieces: compilers need not take a literal of more than 64 KiB. -DINPUT=<file> -DOUTPUT=<file>.
file(READ ${INPUT} text)
string(LENGTH "${text}" length)
set(literals "")
set(at 0)
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 30000 piece)
  string(APPEND literals "\n    std::string_view(R\"dyno(${piece})dyno\"),")
  math(EXPR at "${at} + 30000")
endwhile()
file(WRITE ${OUTPUT} "#include \"api/openapi_text.h\"

#include <string>

namespace dyno::api {

std::string_view openapi_text() {
  static const std::string text = [] {
    std::string whole;
    for (const std::string_view piece : {${literals}
    }) {
      whole += piece;
    }
    return whole;
  }();
  return text;
}

}  // namespace dyno::api
")
