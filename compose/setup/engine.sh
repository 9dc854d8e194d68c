# shellcheck shell=bash
# Talks to the Docker Engine over its unix socket with curl. The docker client is not needed:
# it may be absent (Debian 13) or present without an engine.

ENGINE=${DOCKER_HOST:-unix:///var/run/docker.sock}
case $ENGINE in
  unix://*) ENGINE_SOCKET=${ENGINE#unix://} ;;
  *) die "DOCKER_HOST=$ENGINE: only unix:// sockets are supported" ;;
esac
export ENGINE

# engine <path> [curl options]: one call; the newest API version the engine speaks.
engine() {
  local path=$1
  shift
  if [ -w "$ENGINE_SOCKET" ]; then
    curl -sS --unix-socket "$ENGINE_SOCKET" "$@" "http://localhost$path"
  else
    as_root curl -sS --unix-socket "$ENGINE_SOCKET" "$@" "http://localhost$path"
  fi
}

engine_answers() {
  [ -S "$ENGINE_SOCKET" ] && [ "$(engine /_ping -m 5 2>/dev/null)" = OK ]
}

# "Permission denied" is not "absent": an engine we may not ask must not be installed a second time.
engine_forbidden() {
  [ -S "$ENGINE_SOCKET" ] && [ ! -w "$ENGINE_SOCKET" ] && ! can_be_root
}

image_exists() { engine "/images/$1/json" -o /dev/null -f 2>/dev/null; }

# image_label <image> <label>: the label's value, empty without image or label.
image_label() {
  engine "/images/$1/json" -f 2>/dev/null | tr ',{}' '\n' | sed -n "s|^\"$2\":\"\\(.*\\)\"\$|\\1|p" | head -n 1
}

# build_image <name> <context folder> <label=value>...: the classic builder, its messages in $STATE/log. BUILD_ARGUMENTS may
# name one build argument, name=value.
build_image() {
  local name=$1 context=$2 log labels="" pair query
  shift 2
  for pair in "$@"; do labels="$labels${labels:+,}\"${pair%%=*}\":\"${pair#*=}\""; done
  log=$STATE/log/build-${name##*/}.log
  query="t=$name:latest&rm=1&forcerm=1&labels=$(printf '{%s}' "$labels" | url_encode)"
  query="$query&buildargs=$(proxy_arguments | url_encode)"
  # An error arrives inside a stream that began with 200.
  tar -C "$context" -c . |
    engine "/build?$query" -X POST -H 'Content-Type: application/x-tar' -T - -N >"$log" ||
    die "building $name: the engine broke off, see $log"
  if grep -q '"errorDetail"\|^{"message"' "$log"; then
    tail -n 20 "$log" | sed 's/\\u001b\[[0-9;]*m//g; s/^{"stream":"//; s/\\n"}\r*$//' >&2
    die "building $name failed, see $log"
  fi
}

# Proxies reach build steps as arguments, never as ENV of an image.
proxy_arguments() {
  local name pairs=""
  [ -n "${BUILD_ARGUMENTS:-}" ] && pairs="\"${BUILD_ARGUMENTS%%=*}\":\"${BUILD_ARGUMENTS#*=}\""
  for name in HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
    [ -n "${!name:-}" ] && pairs="$pairs${pairs:+,}\"$name\":\"${!name}\""
  done
  printf '{%s}' "$pairs"
}

url_encode() {
  local LC_ALL=C text i char
  text=$(cat)
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    case $char in
      [a-zA-Z0-9._~-]) printf '%s' "$char" ;;
      *) printf '%%%02X' "'$char" ;;
    esac
  done
}
