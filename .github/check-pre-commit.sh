#!/usr/bin/env bash
# The hooks as a team meets them: the real pre-commit, a repository of its own, and the commits that have tripped others. The program is the one that
# the tests have built; what pre-commit would build from source is the same.
source "$(dirname "$0")/tools.sh"
python_tool pre-commit pre-commit
pre_commit="$tool"
binary

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
unset "${!GIT_@}"
export HOME="$scratch/home" PRE_COMMIT_HOME="$scratch/cache" GIT_CONFIG_GLOBAL="$scratch/gitconfig" GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global user.name tester
git config --global user.email tester@example.com
git config --global init.defaultBranch main
git config --global commit.gpgsign false

# The hooks, with the program that is already there in the place of one to be built.
mkdir "$scratch/hooks"
sed -E "s|^  entry: trailwarden |  entry: $trailwarden |; s|^  language: .*|  language: system|" .pre-commit-hooks.yaml >"$scratch/hooks/.pre-commit-hooks.yaml"
"$pre_commit" validate-manifest .pre-commit-hooks.yaml "$scratch/hooks/.pre-commit-hooks.yaml"
git -C "$scratch/hooks" init -q
git -C "$scratch/hooks" add .
git -C "$scratch/hooks" commit -qm hooks

mkdir "$scratch/team"
cd "$scratch/team"
git init -q
cat >.pre-commit-config.yaml <<END
repos:
  - repo: $scratch/hooks
    rev: $(git -C "$scratch/hooks" rev-parse HEAD)
    hooks:
      - id: trailwarden
END
"$pre_commit" install >/dev/null

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
sed -i.bak 's/id: trailwarden/id: trailwarden-full/' .pre-commit-config.yaml && rm .pre-commit-config.yaml.bak
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
