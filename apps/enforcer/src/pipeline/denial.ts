import type { Verdict } from "@sluice/policy-engine";
import type { Access, StatementFacts } from "../languages/facts.ts";
import type { Denial } from "../protocols/protocol.ts";

/** Says in plain words why a pair is refused or held. No statement text, no values; names of objects only. */
export function denialOf(
  verdict: Exclude<Verdict, { readonly kind: "allow" }>,
  facts: StatementFacts,
  access: Access,
  wouldAllow: () => readonly string[],
): Denial {
  const what = `${facts.command} on ${objectName(access)}`;
  const policyId = verdict.determining[0];
  if (verdict.kind === "ask")
    return { kind: "approval", policyId: policyId ?? "approval", reason: `${what} needs approval`, hint: undefined };
  const hint = verdict.advice ?? wouldAllow().join("; or ");
  const basis = { kind: "policy", hint: hint === "" ? undefined : hint } as const;
  switch (verdict.code) {
    case "forbidden":
      return { ...basis, policyId: policyId ?? "guardrail", reason: `${what} is forbidden${because(facts)}` };
    case "no_permit":
      return {
        ...basis,
        policyId: "default-deny",
        reason: `no policy permits ${access.action} on ${objectName(access)}${because(facts)}`,
        hint: basis.hint ?? `an access policy or a grant that permits ${access.action} there`,
      };
    case "policy_error":
      return { ...basis, policyId: policyId ?? "policy", reason: `a policy could not be evaluated for ${what}` };
    case "unknown_obligation":
      return {
        ...basis,
        policyId: policyId ?? "policy",
        reason: `it asks for an obligation that this enforcer does not know`,
      };
    case "bad_request":
      return { ...basis, policyId: "engine", reason: "the request could not be put to the policies" };
  }
}

function because(facts: StatementFacts): string {
  if (facts.unparsed || facts.opaque) return facts.reason ? ` (not understood: ${facts.reason})` : " (not understood)";
  return facts.unbounded ? " (it names no rows: no condition limits it)" : "";
}

function objectName({ object }: Access): string {
  switch (object.kind) {
    case "database":
      return "the database";
    case "schema":
      return `schema ${object.name}`;
    case "table":
      return object.schema === "" ? object.name : `${object.schema}.${object.name}`;
    case "function":
      return `function ${object.schema}.${object.name}`;
  }
}
