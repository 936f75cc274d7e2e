#!/usr/bin/env node
import { policyCommand } from "./policy/policy-command.ts";

const USAGE = `sluice policy check   [folder]            parse, validate and lint
sluice policy fmt     [folder] [--check]  format in place, or only tell
sluice policy test    [folder]            run the *.policy-tests.json beside the policies
sluice policy diff    <folder> <folder>   what changed, policy by policy
sluice policy explain [folder] --case <name>  why a test case gets its verdict

A folder holds guardrails.cedar, access.cedar and obligations.cedar.`;

const [area, ...rest] = process.argv.slice(2);
if (area === "policy") {
  process.exitCode = policyCommand(
    rest,
    { print: (line) => console.log(line), complain: (line) => console.error(line) },
    USAGE,
  );
} else {
  console.error(USAGE);
  process.exitCode = area === undefined || area === "help" || area === "--help" ? 0 : 2;
}
