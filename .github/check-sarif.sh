#!/usr/bin/env bash
# The SARIF report against the specification and the rules of code scanning, by the format's own tool. It ends with 0 whatever it finds: its report counts.
source "$(dirname "$0")/tools.sh"
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=@microsoft/sarif-multitool-linux ;;
  *) skip "the multitool is not tried on this system" ;;
esac
command -v npm >/dev/null || skip "there is no npm for the multitool"
[ -d "$tools/node_modules/$package" ] || npm install --prefix "$tools" --no-audit --no-fund --silent --fetch-retries 1 --fetch-timeout 20000 "$package" >"$tools/npm.log" 2>&1 || skip "npm cannot install the multitool"
# The program itself: the script that npm puts before it takes the semicolon below for the end of a command.
validate="$tools/node_modules/$package/Sarif.Multitool"
chmod +x "$validate"
binary
# No globalization data is needed to read a report.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
failed=0
# A framework is a taxonomy, to which rules and results refer.
for asked in "testdata/demo" "testdata/cases" "testdata/fixes" "testdata/demo --framework cis-aws-3.0.0" "testdata/cases --framework soc-2"; do
  read -r project options <<<"$asked"
  report="$tools/report.sarif"
  # shellcheck disable=SC2086 # the options are words
  "$trailwarden" check --root "$project" "$project" $options --exit-zero --format sarif >"$report" || [ $? -le 2 ]
  rm -f "$tools/validation.sarif"
  "$validate" validate "$report" --rule-kind 'Sarif;Ghas' --output "$tools/validation.sarif" --log ForceOverwrite >"$tools/multitool.log" 2>&1 || true
  [ -s "$tools/validation.sarif" ] || { tail -5 "$tools/multitool.log"; skip "the multitool does not run here"; }
  python3 - "$asked" "$tools/validation.sarif" <<'END' || failed=1
import json, sys
asked, path = sys.argv[1:]
results = [result for run in json.load(open(path, encoding="utf-8-sig"))["runs"] for result in run.get("results", [])]
errors = [result for result in results if result.get("level", "warning") == "error"]
for result in errors[:20]:
    print(f"{asked}: {result['ruleId']}: {result['message']}")
print(f"{'WRONG' if errors else 'ok'}: {asked}: {len(errors)} errors, {len(results) - len(errors)} remarks")
sys.exit(bool(errors))
END
done
exit "$failed"
