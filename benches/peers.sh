#!/usr/bin/env bash
# Runs trailwarden and its peers over the same trees, one after the other on this machine, and prints a table: processor time, wall time, peak
# memory. Installs what package registries ship, pinned below, into a directory of its own; nothing else is fetched.
#
#   benches/peers.sh [TREE...]      trees to run on [default: generated ones]; $TRAILWARDEN_BENCH_DIR besides
#   PEERS_DIR=DIR                   where tools are kept between runs [default: target/peers]
#   PEERS_FILES=100                 files of a generated tree
#   PEERS_TIMEOUT=900               seconds after which a run is given up
#   PEERS_TRAILWARDEN=FILE          the program to measure [default: a release build of this source]
#
# What they do differs: Checkov asks some thousand things of one resource at a time, cfn-lint whether templates keep to the resource schemas,
# cfn-guard what the rule file beside this script asks, trailwarden whether resources together keep an audit trail that is itself watched. Who is
# slower may do more. Left out: Trivy, tfsec and KICS, whose programs no registry of packages (npm, PyPI, crates, Debian) ships as a file.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly checkov=3.3.30 cfn_lint=1.58.0 cfn_guard=3.2.1
tools="${PEERS_DIR:-$PWD/target/peers}"
files="${PEERS_FILES:-100}"
limit="${PEERS_TIMEOUT:-900}"
mkdir -p "$tools"

# Installs a tool unless this version of it is there: installed NAME VERSION COMMAND...
installed() {
  local mark="$tools/.$1-$2"
  [ -e "$mark" ] && return 0
  if "${@:3}" >"$tools/$1.log" 2>&1; then touch "$mark"; else
    printf 'left out: %s %s cannot be installed here (%s)\n' "$1" "$2" "$tools/$1.log" >&2
    return 1
  fi
}

python_tool() { python3 -m venv "$tools/$1" && "$tools/$1/bin/pip" install --quiet "$1==$2"; }

names=("trailwarden")
ours="${PEERS_TRAILWARDEN:-$PWD/target/release/trailwarden}"
[ -n "${PEERS_TRAILWARDEN:-}" ] || cargo build --quiet --release --locked
installed checkov "$checkov" python_tool checkov "$checkov" && names+=("checkov")
installed cfn-lint "$cfn_lint" python_tool cfn-lint "$cfn_lint" && names+=("cfn-lint")
installed cfn-guard "$cfn_guard" nice cargo install cfn-guard --version "$cfn_guard" --locked --root "$tools" && names+=("cfn-guard")

version() {
  case "$1" in
    trailwarden) "$ours" --version | cut -d' ' -f2 ;;
    checkov) echo "$checkov" ;;
    cfn-lint) echo "$cfn_lint" ;;
    cfn-guard) echo "$cfn_guard" ;;
  esac
}

# The command that checks a tree, in the array `run`. Those that read templates alone are given just those.
command_of() {
  local templates
  mapfile -t templates < <(find "$2" -name '*.yaml' -o -name '*.yml' -o -name '*.json' -o -name '*.template' | sort)
  case "$1" in
    trailwarden) run=("$ours" check --root "$2" --format json --exit-zero "$2") ;;
    checkov) run=("$tools/checkov/bin/checkov" --directory "$2" --framework terraform cloudformation --compact --quiet --output json --soft-fail --skip-download) ;;
    cfn-lint) run=("$tools/cfn-lint/bin/cfn-lint" --format json -- "${templates[@]}") ;;
    cfn-guard) run=("$tools/bin/cfn-guard" validate --rules benches/peers.guard --data "$2" --show-summary none --output-format json --structured) ;;
  esac
}

# Whether a tool reads anything of a tree.
reads() {
  case "$1" in
    cfn-lint | cfn-guard) [ -z "$(find "$2" -name '*.tf' -print -quit)" ] ;;
    *) true ;;
  esac
}

trees=("$@")
if [ ${#trees[@]} -eq 0 ]; then
  made="$(mktemp -d)"
  trap 'rm -rf "$made"' EXIT
  mapfile -t trees < <(TRAILWARDEN_BENCH_FILES="$files" cargo bench --quiet --profile dev --bench scaling -- --write "$made" 2>/dev/null)
fi
[ -z "${TRAILWARDEN_BENCH_DIR:-}" ] || trees+=("$TRAILWARDEN_BENCH_DIR")

printf '%s, %s cores, %s\n\n' "$(date -u +%Y-%m-%d)" "$(nproc)" "$(uname -sm)"
printf '| tree | tool | CPU s | wall s | peak MB |\n|---|---|---:|---:|---:|\n'
for tree in "${trees[@]}"; do
  for name in "${names[@]}"; do
    reads "$name" "$tree" || continue
    command_of "$name" "$tree"
    # What a tool answers with its exit code is its own affair; a time limit is told.
    measured="$(python3 - "$limit" "${run[@]}" <<'PYTHON'
import resource, subprocess, sys, time
start = time.monotonic()
try:
    done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=float(sys.argv[1]))
    wall = f"{time.monotonic() - start:.2f}"
except subprocess.TimeoutExpired:
    wall = f"over {sys.argv[1]}"
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{used.ru_utime + used.ru_stime:.2f} | {wall} | {used.ru_maxrss / 1024:.0f}")
PYTHON
)"
    printf '| %s | %s %s | %s |\n' "$(basename "$tree")" "$name" "$(version "$name")" "$measured"
  done
done
