import type { PolicySetName } from "../schemas.ts";

/** The three sets, in the order in which they are read, and what each is for. */
export const policySets: readonly { readonly id: PolicySetName; readonly label: string; readonly about: string }[] = [
  { id: "guardrails", label: "Guardrails", about: "What the org forbids, or asks a person about, whoever it is." },
  { id: "access", label: "Access", about: "Who may do what. Nothing is allowed that no policy here permits." },
  {
    id: "obligations",
    label: "Obligations",
    about: "What an allowed exchange must still do: limits, masks, recording.",
  },
];
