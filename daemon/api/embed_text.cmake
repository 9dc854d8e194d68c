# Writes a .cpp that holds a text file: -DINPUT=<file> -DOUTPUT=<file>.
file(READ ${INPUT} text)
# Compilers limit a literal's length: pieces of 8000 characters, which the compiler joins.
string(LENGTH "${text}" length)
set(literal "")
set(begin 0)
while(begin LESS length)
  string(SUBSTRING "${text}" ${begin} 8000 piece)
  string(APPEND literal "\n    R\"dyno(${piece})dyno\"")
  math(EXPR begin "${begin} + 8000")
endwhile()
file(WRITE ${OUTPUT} "#include \"api/openapi_text.h\"\n\nnamespace dyno::api {\n\nstd::string_view openapi_text() {\n  return ${literal};\n}\n\n}  // namespace dyno::api\n")
