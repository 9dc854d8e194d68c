# The rules of module_table.txt, applied to sources given as daemon/... and runners/... paths.

function complain(why) {
  printf "%s:%d: %s\n", FILENAME, FNR, why
  bad++
}

function trimmed(text) {
  gsub(/^[ \t]+|[ \t]+$/, "", text)
  return text
}

# Is the current file one of the named files, or below one of the named folders?
function owned_by(owners, list, n, i) {
  n = split(owners, list, " ")
  for (i = 1; i <= n; i++)
    if (list[i] == FILENAME || (list[i] ~ /\/$/ && index(FILENAME, list[i]) == 1)) return 1
  return 0
}

function read_table(line, key, cut) {
  while ((getline line < table) > 0) {
    if (line ~ /^(#|$)/) continue
    key = line
    sub(/ .*/, "", key)
    sub(/^[a-z]+ +/, "", line)
    # The owners follow the last " :"; a regular expression may hold colons of its own.
    cut = match(line, / :[^:]*$/)
    if (!cut) { print "module_table.txt: no colon in: " line; exit bad = 1 }
    owners = trimmed(substr(line, cut + 2))
    line = trimmed(substr(line, 1, cut - 1))
    if (key == "may") may[line] = " " line " " owners " "
    else if (key == "library") library[line] = owners
    else if (key == "ban") {
      cut = index(line, " ~ ")
      ban_pattern[trimmed(substr(line, 1, cut - 1))] = trimmed(substr(line, cut + 3))
      ban_owners[trimmed(substr(line, 1, cut - 1))] = owners
    } else if (key == "text") {
      cut = index(line, " ~ ")
      text_pattern[trimmed(substr(line, 1, cut - 1))] = trimmed(substr(line, cut + 3))
      text_owners[trimmed(substr(line, 1, cut - 1))] = owners
    } else { print "module_table.txt: unknown rule " key; exit bad = 1 }
  }
}

function check_quoted(name, target) {
  if (name !~ /\//) { complain("\"" name "\" must name its module"); return }
  target = name
  sub(/\/.*/, "", target)
  if (!(target in may)) complain("\"" name "\" is in no module")
  else if (index(may[module], " " target " ") == 0) complain(module " may not include " target " (\"" name "\")")
}

function check_library(name, prefix, known) {
  for (prefix in library) {
    # A prefix without a slash names a header exactly, or the start of its file name up to a dot or underscore.
    if (prefix ~ /\/$/ ? index(name, prefix) == 1 : (name == prefix || name ~ "^" prefix "(_[a-z]+)?\\.h$")) {
      known = 1
      if (!owned_by(library[prefix])) complain("<" name "> may be included only by: " (library[prefix] == "" ? "nobody" : library[prefix]))
    }
  }
  if (!known && name ~ /\// && name !~ /^(sys|net|netinet|arpa|linux|asm|bits)\//) complain("<" name "> is a library the table does not know")
}

# The texts of a line, up to a comment.
function check_texts(line, begin, what) {
  gsub(/\\"/, "", line)
  while ((begin = index(line, "\"")) > 0) {
    if (index(substr(line, 1, begin), "//") > 0) return
    line = substr(line, begin + 1)
    for (what in text_pattern)
      if (substr(line, 1, index(line "\"", "\"") - 1) ~ text_pattern[what] && !owned_by(text_owners[what])) complain(what " are banned here; they belong to: " text_owners[what])
    line = substr(line, index(line "\"", "\"") + 1)
  }
}

BEGIN { read_table() }

FNR == 1 {
  split(FILENAME, part, "/")
  module = part[1] == "runners" ? "runners" : part[2]
  if (!(module in may)) complain("module " module " is not in the table")
  in_comment = 0
}

/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, piece, "\""); check_quoted(piece[2]); next }
/^[ \t]*#[ \t]*include[ \t]*</ { name = $0; sub(/^[^<]*</, "", name); sub(/>.*/, "", name); check_library(name); next }

{
  check_texts($0)
  line = $0
  # Words in comments and texts are free of bans.
  gsub(/\\"/, "", line)
  gsub(/"[^"]*"/, "\"\"", line)
  sub(/\/\/.*/, "", line)
  line = " " line " "
  for (what in ban_pattern)
    if (line ~ ban_pattern[what] && !owned_by(ban_owners[what])) complain(what " is banned here; it belongs to: " (ban_owners[what] == "" ? "nobody" : ban_owners[what]))
}

END {
  if (bad) { printf "%d violations of module_table.txt\n", bad; exit 1 }
}
