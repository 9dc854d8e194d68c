#!/usr/bin/env bash
# Public generators make clients from openapi.json, in Go, TypeScript and Python, and each drives a run from the list of stacks to
# its throughput against a real dynod; before that, two linters of such documents. `examples` asks a daemon whatever schemathesis can
# think of, EXAMPLES of them for each operation beside its own cases: no answer is 5xx, and none is undocumented.
# Everything runs in containers of the base images. run.sh [lint|go|typescript|python|examples]...: a line per check, and as the last
# line "N passed, N failed".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../compose/setup/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/stackdyno-clients.XXXXXX")
trap 'rm -rf "$work" 2>/dev/null || as_root rm -rf "$work"' EXIT
passed=0 failed=0

# image <official> <stand-in>: the first that is here.
image() {
  local name
  for name; do docker image inspect "$name" >/dev/null 2>&1 && echo "$name" && return; done
  die "neither $1 nor $2 is here: make setup"
}

# check <name> <image> <folder> <script>: the script in a copy of the folder, beside the document.
check() {
  local name=$1 image=$2 folder=$work/$1 log=$work/$1.log
  mkdir -p "$folder"
  cp -r "$here/$3/." "$folder"
  cp "$ROOT/daemon/api/openapi.json" "$folder/openapi.json"
  if docker run --rm --network host --label stackdyno.test=clients -e DYNO_URL="${DYNO_URL:-}" -v "$folder:/work" -w /work "$image" \
    bash -euo pipefail -c "$4" >"$log" 2>&1; then
    note "$name: $(tail -n 1 "$log")"
    passed=$((passed + 1))
  else
    echo "FAILED: $name" && tail -n 30 "$log"
    failed=$((failed + 1))
  fi
}

run_go() {
  check go "$(image golang:1.26-trixie stackdyno/base-go-1.26)" go '
    go generate ./... && go vet ./... && go run .'
}

run_typescript() {
  check typescript "$(image node:26-slim stackdyno/base-node-26)" typescript '
    npm ci --silent && npx openapi-typescript openapi.json -o schema.d.ts && npx tsc && node drive.js'
}

run_python() {
  check python "$(image python:3.14-slim-trixie stackdyno/base-python-3.14)" python '
    python3 -m venv v && v/bin/pip install -q -r requirements.txt
    v/bin/openapi-python-client generate --path openapi.json --output-path client --meta none --config config.yaml
    v/bin/python drive.py'
}

# The folder's schemathesis.toml with identifiers that exist, without which most answers were 404.
run_examples() {
  local run trial
  run=$(curl -sf "$DYNO_URL/api/v1/runs" | grep -o '"id":"[^"]*","state":"succeeded"' | head -n 1 | cut -d '"' -f 4)
  trial=$(curl -sf "$DYNO_URL/api/v1/runs/$run/trials" | grep -o '"id":"[^"]*"' | head -n 1 | cut -d '"' -f 4)
  [ -n "$run" ] && [ -n "$trial" ] || die "the daemon has no run to ask about"
  check examples "$(image python:3.14-slim-trixie stackdyno/base-python-3.14)" examples "
    sed -i 's/@RUN@/$run/; s/@TRIAL@/$trial/' schemathesis.toml
    python3 -m venv v && v/bin/pip install -q -r requirements.txt
    v/bin/st run openapi.json --url \$DYNO_URL --max-examples ${EXAMPLES:-3} --phases examples,coverage,fuzzing --no-color"
}

run_lint() {
  check lint "$(image node:26-slim stackdyno/base-node-26)" typescript '
    npm ci --silent
    npx redocly lint openapi.json
    printf "extends: [\"spectral:oas\"]\n" >.spectral.yaml
    npx spectral lint --fail-severity error --quiet openapi.json
    echo "redocly and spectral find no error"'
}

[ $# -gt 0 ] || set -- lint go typescript python
for one; do "run_$one"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
