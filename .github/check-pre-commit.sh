#!/usr/bin/env bash
# The hooks as a team meets them: the real pre-commit, a repository of its own, and the commits that have tripped others.
#
# check-pre-commit.sh [system|python|rust]: how pre-commit comes by the program. `system` takes the one that the tests have built: seconds. `python` and
# `rust` let pre-commit install it from a clone of this repository, as a team does, by pip (about one minute of a processor, since it uses again what the
# tests have built) and by `cargo install` (about four, since it builds the dependencies for a release).
source "$(dirname "$0")/tools.sh"
python_tool pre-commit pre-commit
pre_commit="$tool"
how="${1:-system}"
binary

scratch="$(mktemp -d)"
built=
# What was built of the clone is of no use to anyone: each run would leave a hundred megabytes.
clean() {
  [ -z "$built" ] || find "$built" -newer "$scratch/began" -path '*/trailwarden-*' -prune -exec rm -rf {} + -o -newer "$scratch/began" -name 'libtrailwarden-*' -exec rm -rf {} +
  rm -rf "$scratch"
}
trap clean EXIT
unset "${!GIT_@}"
home="$HOME"
export HOME="$scratch/home" PRE_COMMIT_HOME="$scratch/cache" GIT_CONFIG_GLOBAL="$scratch/gitconfig" GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global user.name tester
git config --global user.email tester@example.com
git config --global init.defaultBranch main
git config --global commit.gpgsign false

"$pre_commit" validate-manifest .pre-commit-hooks.yaml
suffix=
case "$how" in
  system)
    # The hooks, with the program that is already there in the place of one to be built.
    mkdir "$scratch/hooks"
    sed -E "s|^  entry: trailwarden |  entry: $trailwarden |; s|^  language: .*|  language: system|" .pre-commit-hooks.yaml >"$scratch/hooks/.pre-commit-hooks.yaml"
    "$pre_commit" validate-manifest "$scratch/hooks/.pre-commit-hooks.yaml"
    git -C "$scratch/hooks" init -q
    ;;
  python | rust)
    # What is checked in, and what is about to be. The dependencies that the tests have built are used again, without optimization: what is tried is the way.
    git clone -q --depth 1 "file://$PWD" "$scratch/hooks" 2>"$scratch/log" || skip "there is no clone of this repository to be had"
    git diff --binary HEAD | git -C "$scratch/hooks" apply --allow-empty
    export CARGO_HOME="${CARGO_HOME:-$home/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$home/.rustup}" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
    built="$CARGO_TARGET_DIR"
    touch "$scratch/began"
    export MATURIN_PEP517_ARGS='--profile dev'
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 CARGO_PROFILE_RELEASE_STRIP=none
    [ "$how" = rust ] || suffix=-wheel
    ;;
  *)
    printf 'usage: check-pre-commit.sh [system|python|rust]\n' >&2
    exit 2
    ;;
esac
git -C "$scratch/hooks" add .
git -C "$scratch/hooks" commit -q --allow-empty -m hooks

mkdir "$scratch/team"
cd "$scratch/team"
git init -q
cat >.pre-commit-config.yaml <<END
repos:
  - repo: $scratch/hooks
    rev: $(git -C "$scratch/hooks" rev-parse HEAD)
    hooks:
      - id: trailwarden$suffix
END
"$pre_commit" install >/dev/null
if [ "$how" != system ]; then
  "$pre_commit" install-hooks >"$scratch/log" 2>&1 || {
    # Without its registry nothing can be installed from source.
    grep -qiE 'no matching distribution|connection|resolve host|network|timed out' "$scratch/log" && skip "pre-commit cannot fetch what the $how hook is built with"
    cat "$scratch/log" && exit 1
  }
fi

failed=0
# commit_must pass|fail NAME: tries to commit what is staged.
commit_must() {
  local outcome=fail
  git commit -qm "$2" >"$scratch/log" 2>&1 && outcome=pass
  if [ "$outcome" = "$1" ]; then
    printf 'ok: %s: %s\n' "$2" "$outcome"
  else
    printf 'WRONG: %s: expected %s\n' "$2" "$1"
    cat "$scratch/log"
    failed=1
  fi
}
told() {
  grep -q -- "$1" "$scratch/log" || { printf 'WRONG: the hook does not say %s\n' "$1"; cat "$scratch/log"; failed=1; }
}

cat >trail.tf <<'END'
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = aws_s3_bucket.trail.id
}

resource "aws_s3_bucket" "trail" {
  bucket = "example-trail"
}
END
cat >logging.tf <<'END'
resource "aws_s3_bucket_logging" "trail" {
  bucket        = aws_s3_bucket.trail.id
  target_bucket = "example-access-logs"
  target_prefix = "trail/"
}
END
# One rule is enough to see the hooks work.
printf 'select = ["cloudtrail-bucket-without-access-logging"]\n' >trailwarden.toml
git add .
commit_must pass 'a trail whose bucket is watched'

git rm -q logging.tf
commit_must fail 'a commit that only deletes the logging'
told cloudtrail-bucket-without-access-logging
git reset -q --hard

mkdir stack tofu
unwatched() { sed 's/"main"/"other"/g; s/"trail"/"unwatched"/; s/bucket\.trail/bucket.unwatched/; s/example-trail/example-unwatched/' trail.tf; }
unwatched >tofu/main.tofu
git add tofu
commit_must fail 'a .tofu file'
git reset -q --hard

cat >stack/audit.template <<'END'
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties: { IsLogging: true, S3BucketName: !Ref Logs }
  Logs:
    Type: AWS::S3::Bucket
END
git add stack
commit_must fail 'a .template file'
told stack/audit.template
git reset -q --hard

# What is on disk and not part of the commit is nobody's business now: the hook looks at the commit.
mkdir untracked
unwatched >untracked/main.tf
echo text >README
git add README
commit_must pass 'an unwatched trail in an untracked file'
git add untracked
commit_must fail 'the same file as part of the commit'
git reset -q
sed -i.bak "s/id: trailwarden.*/id: trailwarden-full$suffix/" .pre-commit-config.yaml && rm .pre-commit-config.yaml.bak
git add .pre-commit-config.yaml
commit_must fail 'everything on disk, which the other hook looks at'
git reset -q --hard
rm -r untracked
echo again >README
git add README
commit_must pass 'a commit of something else'

git worktree add -q "$scratch/linked" -b linked
cd "$scratch/linked"
git rm -q logging.tf
commit_must fail 'the logging deleted in a linked worktree'
git reset -q --hard
echo more >>README
git add README
commit_must pass 'a commit in a linked worktree'
exit "$failed"
