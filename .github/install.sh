#!/usr/bin/env bash
# Puts the program into $RUNNER_TEMP/trailwarden/bin for the action: the binary of the release that the action was asked for, else one built from the
# action's own source.
set -euo pipefail
target="$RUNNER_TEMP/trailwarden"
mkdir -p "$target/bin"
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) asset=trailwarden-x86_64-unknown-linux-gnu.tar.gz ;;
  Linux-aarch64) asset=trailwarden-aarch64-unknown-linux-gnu.tar.gz ;;
  Darwin-arm64) asset=trailwarden-aarch64-apple-darwin.tar.gz ;;
  *) asset= ;;
esac
if [ -n "$asset" ] && [[ "${REF:-}" == v* ]] && command -v gh >/dev/null &&
  gh release download "$REF" --repo "$REPOSITORY" --pattern "$asset" --pattern SHA256SUMS --dir "$target" 2>/dev/null; then
  (cd "$target" && grep " $asset\$" SHA256SUMS | { sha256sum --check --quiet 2>/dev/null || shasum -a 256 --check --quiet; })
  tar -xzf "$target/$asset" -C "$target/bin"
else
  cargo install --quiet --locked --path "$SOURCE" --root "$target"
fi
"$target/bin/trailwarden" --version
