#!/usr/bin/env bash
# The wheel that `language: python` installs: it is built, holds the program, and the program runs.
source "$(dirname "$0")/tools.sh"
python_tool maturin maturin
binary
# The tests' own build is packed, not a release: what is checked is the packing.
rm -rf "$tools/wheels"
"$tool" build --quiet --profile dev --locked --out "$tools/wheels" >"$tools/maturin.log" 2>&1 || { cat "$tools/maturin.log"; exit 1; }
"$tools/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --force-reinstall "$tools"/wheels/trailwarden-*.whl
version="$("$tools/python/bin/trailwarden" --version)"
[ "$version" = "$("$trailwarden" --version)" ] || { printf 'the wheel holds another program: %s\n' "$version"; exit 1; }
printf 'ok: %s from a wheel\n' "$version"
