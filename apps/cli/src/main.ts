#!/usr/bin/env node
import { policyCommand } from "./policy/policy-command.ts";

const USAGE = `sluice policy check   [folder]              parse, validate and lint
sluice policy fmt     [folder] [--check]    format in place, or only tell
sluice policy test    [folder] [--cover N]  run the *.policy-tests.json beside the policies
sluice policy diff    <folder> <folder>     what changed, policy by policy
sluice policy diff    <folder> --published  what it changes in what the console has published
sluice policy explain [folder] --case <name>
sluice policy explain [folder] --principal 'User::"ana"' --action sql.write.delete
                      --resource 'Table::"shop/public.orders"' [--on-behalf-of …] [--context JSON]
sluice policy export  <folder> [--version N] [--force]
sluice policy import  <folder> [--dry-run] [--note text] [--base <folder>]
sluice policy publish <draft>  [--note text] [--override-tests reason]
sluice policy discard <draft>

A folder holds guardrails/, access/ and obligations/ with a file per policy, or guardrails.cedar, access.cedar and
obligations.cedar. --json prints one JSON document. export, import, publish, discard and diff --published ask the console at
SLUICE_URL with SLUICE_API_TOKEN. Exit codes: 0 fine, 1 the policies are not, 2 the command is not.`;

const [area, ...rest] = process.argv.slice(2);
if (area === "policy") {
  process.exitCode = await policyCommand(rest, {
    terminal: { print: (line) => console.log(line), complain: (line) => console.error(line) },
    usage: USAGE,
  });
} else if (area === undefined || area === "help" || area === "--help") {
  console.log(USAGE);
} else {
  console.error(`There is no \`sluice ${area}\`.\n\n${USAGE}`);
  process.exitCode = 2;
}
