"use client";
import { useQuery } from "@tanstack/react-query";
import { type Outputs, useApi } from "../../../client/api.tsx";
import { Field, Textarea } from "../../../ui/form.tsx";
import { Callout } from "../../../ui/states.tsx";
import { testFileName } from "./test-file.ts";

const shownMax = 5;

/** Tests that stop a publish, and for whoever may override them the place to say why. */
export function FailingTests({
  run,
  reason,
  onReason,
}: {
  readonly run: Outputs["policies"]["test"];
  readonly reason: string;
  readonly onReason: (reason: string) => void;
}) {
  const api = useApi();
  const { data: me } = useQuery(api.me.queryOptions());
  const failed = run.cases.filter(({ passed }) => !passed);
  const mayOverride = me?.permissions.includes("policies:override") === true && run.problems.length === 0;
  return (
    <section aria-label="Failing tests" className="flex flex-col gap-3">
      <Callout tone="bad" title={titleOf(failed.length, run)} live>
        <ul className="flex flex-col gap-1 pt-1">
          {run.problems.map(({ file, line, message }) => (
            <li key={`${file} ${line} ${message}`}>
              {testFileName(file)}:{line}: {message}
            </li>
          ))}
          {failed.slice(0, shownMax).map(({ suite, name, failures }) => (
            <li key={`${suite} ${name}`} className="wrap-anywhere">
              {name}: <span className="text-ink-muted">{failures[0]}</span>
            </li>
          ))}
          {failed.length > shownMax ? (
            <li className="text-ink-muted">And {failed.length - shownMax} more, under Tests.</li>
          ) : null}
        </ul>
        <p className="pt-1.5">
          Correct the policies, or the tests if they expect the wrong thing.
          {mayOverride || me === undefined ? "" : " Only an admin can publish all the same."}
        </p>
      </Callout>
      {mayOverride ? (
        <Field
          label="Why publish although tests fail"
          hint="Leave it empty not to. It stands in the version, in the audit log and before the second person."
        >
          {(field) => (
            <Textarea
              {...field}
              rows={2}
              maxLength={500}
              value={reason}
              onChange={(event) => onReason(event.target.value)}
            />
          )}
        </Field>
      ) : null}
    </section>
  );
}

function titleOf(failed: number, { cases, problems }: Outputs["policies"]["test"]): string {
  if (problems.length > 0) return "Tests cannot be read, so it cannot be published";
  return `${failed} of ${cases.length} tests fail, so it is not published`;
}
