import type { Overview } from "../schemas.ts";

/** What the overview's answer "what needs a person?" is made from. */
export interface AttentionFacts {
  readonly waiting: Overview["approvals"];
  readonly enforcers: number;
  readonly notCurrent: Overview["enforcers"]["notCurrent"];
  readonly resources: number;
  readonly policyVersion: number | null;
}

type Attention = Overview["attention"][number];

/** What needs a person, worst first; empty when nothing does. */
export function attentionOf(facts: AttentionFacts): Attention[] {
  const found = [...enforcerAttention(facts), ...approvalAttention(facts), ...setupAttention(facts)];
  const order = { critical: 0, warning: 1, info: 2 } as const;
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}

function enforcerAttention({ notCurrent }: AttentionFacts): Attention[] {
  return notCurrent.map(({ id, name, status, problem }) => ({
    kind: "enforcer",
    severity: status === "offline" ? "critical" : "warning",
    title: `Enforcer ${name} needs a look`,
    detail: problem,
    href: `/enforcers/${id}`,
  }));
}

function approvalAttention({ waiting }: AttentionFacts): Attention[] {
  if (waiting.waitingForMe === 0) return [];
  const one = waiting.waitingForMe === 1;
  return [
    {
      kind: "approval",
      severity: "warning",
      title: one ? "One approval waits for you" : `${waiting.waitingForMe} approvals wait for you`,
      detail: "Somebody's statement is held until you decide.",
      href: "/approvals",
    },
  ];
}

function setupAttention({ enforcers, resources, policyVersion }: AttentionFacts): Attention[] {
  const found: Attention[] = [];
  const add = (kind: Attention["kind"], title: string, detail: string, href: string) =>
    found.push({ kind, severity: "info", title, detail, href });
  if (policyVersion === null) add("policy", "Publish a first policy", "Until then everything is refused.", "/policies");
  if (enforcers === 0) add("setup", "Enrol an enforcer", "It runs next to your databases and dials out.", "/enforcers");
  if (resources === 0) add("resource", "Connect a database", "It takes a minute and one line.", "/resources");
  return found;
}
