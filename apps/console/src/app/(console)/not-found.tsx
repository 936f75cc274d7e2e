import { SearchX } from "lucide-react";
import { ButtonLink } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/states.tsx";

/** Something that does not exist, or that belongs to somebody else: we do not say which. */
export default function NotFound() {
  return (
    <EmptyState
      icon={<SearchX />}
      title="There is nothing here"
      action={<ButtonLink href="/">Go to the overview</ButtonLink>}
    >
      What this address names was removed, or was never there. If a colleague sent it, check that it is complete.
    </EmptyState>
  );
}
