# Sourced by the scripts beside it: tools from PyPI and npm that check what no Rust test can. They are kept under `target/ci`, and where a
# registry cannot be reached, the check that needs them is skipped with a word.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools="$PWD/target/ci"
mkdir -p "$tools"

# skip WHY: ends the script as if all were well, and says what was not checked.
skip() {
  printf 'skipped: %s\n' "$*"
  exit 0
}

# python_tool PACKAGE COMMAND: puts the command's path into $tool.
python_tool() {
  local bin="$tools/python/bin"
  if ! [ -x "$bin/$2" ]; then
    command -v python3 >/dev/null || skip "there is no python3 for $1"
    [ -x "$bin/python" ] || python3 -m venv "$tools/python" >/dev/null 2>&1 || skip "python3 cannot make an environment for $1"
    "$bin/python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 "$1" >"$tools/pip.log" 2>&1 || skip "pip cannot install $1"
  fi
  tool="$bin/$2"
}

# The program as the tests have built it.
binary() {
  cargo build --quiet --locked
  trailwarden="${CARGO_TARGET_DIR:-$PWD/target}/debug/trailwarden"
}

case "$(uname -s)" in
  MINGW* | MSYS* | CYGWIN*) skip "these checks are written for Unix" ;;
esac
