# shellcheck shell=bash
# Base images: the official one where it is here or a registry answers, else a stand-in made from packages.
# A stand-in carries labels that say what it is; it never gets an official image's name.

BASES=$ROOT/compose/base
DEBIAN=stackdyno/base-debian-trixie

# Pairs "official stand_in" from build.base of every stack, each once; with `variants` also from their variants.
wanted_bases() {
  cat "$ROOT"/stacks/*/stack.yaml 2>/dev/null | awk -v also="${1:-}:" '
    /^[^ #]/ { inside = ($1 == "build:" || $1 == also) }
    inside {
      line = $0; sub(/ #.*/, "", line)
      if (match(line, /(^|[ {,-])image: *[^ ,}]+/))    { image = substr(line, RSTART, RLENGTH); sub(/.*image: */, "", image) }
      if (match(line, /stand_in: *[^ ,}]+/)) { other = substr(line, RSTART, RLENGTH); sub(/.*stand_in: */, "", other) }
      if (image != "" && other != "") { print image, other; image = other = "" }
    }' | tr -d "\"'" | sort -u
}

# Makes sure that each wanted base is here, officially or by its stand-in. ensure_bases [variants]
ensure_bases() {
  local image stand_in registry=unknown missing=()
  mkdir -p "$STATE/log"
  while read -r image stand_in; do
    if image_exists "$image"; then continue; fi
    if stand_in_is_current "$stand_in"; then continue; fi
    if [ "$registry" = unknown ]; then
      registry=$(registry_answers "$image")
      [ "$registry" = yes ] || note "no image registry answers: stand-ins are made from packages"
    fi
    if [ "$registry" = yes ] && pull "$image"; then continue; fi
    missing+=("$stand_in")
  done < <(wanted_bases "$@")
  make_stand_ins "${missing[@]}"
}

# Asks for one manifest only: a pull may rightly take minutes, an answer may not.
registry_answers() {
  note "asking the image registry for $1 (20 s at most)" >&2
  # A registry that answers "not found" or "unauthorized" is there; anything else is no registry.
  local reply
  reply=$(engine "/distribution/$1/json" -m 20 2>/dev/null) || { echo no && return; }
  case $reply in
    *'"Descriptor"'* | *'manifest unknown'* | *'not found'*) echo yes ;;
    *) echo no ;;
  esac
}

pull() {
  local log=$STATE/log/pull.log name=${1%:*} tag=latest
  case ${1##*/} in *:*) tag=${1##*:} ;; *) name=$1 ;; esac
  say "pulling $1"
  engine "/images/create?fromImage=$name&tag=$tag" -X POST -m 900 -o "$log" || return 1
  image_exists "$1" || { warn "$1 could not be pulled: $(tail -n 1 "$log" | cut -c 1-200)" && return 1; }
}

# What a stand-in is made from; a different recipe means a rebuild.
recipe_of() {
  local folder
  folder=$(folder_of "$1") || return 1
  {
    cat "$BASES/$folder"/*
    arguments_of "$1"
    if [ "$folder" = debian ]; then
      debian_mirror
      security_mirror
      find /usr/local/share/ca-certificates -name '*.crt' -exec sha256sum {} + 2>/dev/null | cut -d ' ' -f 1 | sort
    else
      recipe_of "$DEBIAN"
    fi
  } | sha256sum | cut -c 1-16
}

folder_of() {
  case $1 in
    "$DEBIAN") echo debian ;;
    stackdyno/base-node-22 | stackdyno/base-node-24 | stackdyno/base-node-26) echo node ;;
    stackdyno/base-go-1.25 | stackdyno/base-go-1.26) echo go ;;
    stackdyno/base-python-3.14) echo python ;;
    stackdyno/base-rust-1) echo rust ;;
    *) return 1 ;;
  esac
}

# Another version than the one that the recipe names.
arguments_of() {
  case $1 in
    stackdyno/base-node-22) echo NODE_VERSION=22.23.3 ;;
    stackdyno/base-node-24) echo NODE_VERSION=24.21.0 ;;
    stackdyno/base-go-1.25) echo GO_VERSION=1.25.14 ;;
  esac
}

stand_in_is_current() {
  local have_recipe
  folder_of "$1" >/dev/null || die "a stack asks for the stand-in $1, and no recipe in compose/base makes it"
  have_recipe=$(image_label "$1" stackdyno.recipe)
  [ -n "$have_recipe" ] && [ "$have_recipe" = "$(recipe_of "$1")" ]
}

# Debian first, on which the others are made two at a time: half of their time they wait for a mirror. Each is of its own process
# group: what bash starts in the background would not hear Ctrl-C otherwise.
make_stand_ins() ( # <stand-in>...
  makers=() maker='' failed=0
  [ $# -gt 0 ] || return 0
  stand_in_is_current "$DEBIAN" || make_debian
  trap 'for maker in "${makers[@]}"; do kill -- "-$maker" 2>/dev/null || true; done' EXIT
  for name in $(printf '%s\n' "$@" | sort -u); do
    [ "$name" != "$DEBIAN" ] || continue
    set -m
    make_stand_in "$name" &
    set +m
    makers+=($!)
    if [ ${#makers[@]} = 2 ]; then
      wait "${makers[0]}" || failed=1
      makers=("${makers[1]}")
    fi
  done
  wait "${makers[@]}" || failed=1
  makers=()
  return $failed
)

make_stand_in() {
  local folder
  folder=$(folder_of "$1")
  say "making $1 (some minutes; log in $STATE/log/build-${1##*/}.log)"
  BUILD_ARGUMENTS=$(arguments_of "$1") \
    build_image "$1" "$BASES/$folder" stackdyno.standin=true "stackdyno.recipe=$(recipe_of "$1")"
}

make_debian() {
  local changes
  say "making $DEBIAN by mmdebstrap (about half a minute; log in $STATE/log/mmdebstrap.log)"
  need_root mmdebstrap
  changes="changes=$(printf 'LABEL stackdyno.standin=true stackdyno.recipe=%s stackdyno.content="Debian trixie by mmdebstrap"' "$(recipe_of "$DEBIAN")" | url_encode)"
  changes="$changes&changes=$(printf 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' | url_encode)"
  changes="$changes&changes=$(printf 'CMD ["bash"]' | url_encode)"
  as_root "$BASES/debian/make.sh" "$(debian_mirror)" "$(security_mirror)" "$(scratch_folder)" 2>"$STATE/log/mmdebstrap.log" |
    engine "/images/create?fromSrc=-&repo=$DEBIAN&tag=latest&$changes" -X POST -H 'Content-Type: application/x-tar' -T - -o "$STATE/log/import.log" ||
    { tail -n 20 "$STATE/log/mmdebstrap.log" >&2 && die "making $DEBIAN failed"; }
  stand_in_is_current "$DEBIAN" || die "importing $DEBIAN failed: $(tail -n 1 "$STATE/log/import.log")"
}

# Device nodes are needed: a folder mounted nodev will not do. The state folder is where we may be large.
scratch_folder() {
  mkdir -p "$STATE/scratch"
  echo "$STATE/scratch"
}

# The mirrors this machine itself uses, in either syntax of apt.
apt_sources() {
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] && sed -n 's/\[[^]]*\]//; s/^deb  *\([^ ]*\)  *\([^ ]*\)  *\(.*\)/\1 \2 \3/p' "$file"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] && awk '
      function flush() { if (uri != "" && enabled) print uri, suite, parts; uri = suite = parts = ""; enabled = 1 }
      BEGIN { enabled = 1 }
      /^[ \t]*$/ { flush() }
      tolower($1) == "uris:" { uri = $2 }
      tolower($1) == "suites:" { suite = $2 }
      tolower($1) == "components:" { parts = $2 }
      tolower($1) == "enabled:" && tolower($2) == "no" { enabled = 0 }
      END { flush() }' "$file"
  done
  true
}

debian_mirror() {
  local codename
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  apt_sources | awk -v suite="$codename" '$2 == suite && $3 == "main" { print $1; exit }' | grep . ||
    die "no Debian mirror for $codename found in the apt sources"
}

security_mirror() { apt_sources | awk '$2 ~ /-security$/ { print $1; exit }'; }
