#!/usr/bin/env bash
# Workflows, the action and the hooks against their schemas, and against what an attacker would look for in them.
source "$(dirname "$0")/tools.sh"
python_tool check-jsonschema check-jsonschema
"$tool" --builtin-schema vendor.github-workflows .github/workflows/*.yml
"$tool" --builtin-schema vendor.github-actions action.yml
python_tool zizmor zizmor
"$tool" --offline --no-progress --quiet --persona pedantic .github/workflows action.yml
printf 'ok: workflows and action\n'
