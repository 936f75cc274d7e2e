import type { Outputs } from "../../../client/api.tsx";
import { Button } from "../../../ui/button.tsx";
import { Input, Select } from "../../../ui/form.tsx";
import { Panel } from "../../../ui/panel.tsx";
import type { Question } from "./question.ts";

/** The question as a plain form: its answer is an address that can be sent to a colleague. */
export function QuestionForm({
  vocabulary,
  asked,
}: {
  readonly vocabulary: Outputs["policies"]["vocabulary"];
  readonly asked: Question | undefined;
}) {
  const things = [...vocabulary.tables, ...vocabulary.databases, ...vocabulary.dataClasses];
  const actions = vocabulary.actions.filter((action) => action.resourceTypes.length > 0);
  const who = asked?.principal === undefined ? "" : `${asked.principal.type}:${asked.principal.handle}`;
  const label = "flex min-w-0 flex-col gap-1 text-xs font-medium text-ink-muted";
  return (
    <Panel>
      <form
        action="/policies/questions"
        className="grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-[1fr_1.2fr_1.4fr_auto_auto]"
      >
        <label className={label}>
          Who
          <Select name="principal" defaultValue={who}>
            <option value="">Anyone: who can?</option>
            {vocabulary.users.map((handle) => (
              <option key={handle} value={`User:${handle}`}>
                {handle}
              </option>
            ))}
            {vocabulary.agents.map((handle) => (
              <option key={handle} value={`Agent:${handle}`}>
                {handle} (agent)
              </option>
            ))}
          </Select>
        </label>
        <label className={label}>
          Does
          <Select name="action" defaultValue={asked?.action ?? "sql.read.select"}>
            {actions.map((action) => (
              <option key={action.id} value={action.id}>
                {action.id}
              </option>
            ))}
          </Select>
        </label>
        <label className={label}>
          To
          <Input
            name="resource"
            required
            list="question-resources"
            autoComplete="off"
            spellCheck={false}
            placeholder="shop/public.customers"
            defaultValue={asked?.resource.id ?? vocabulary.tables[0] ?? ""}
          />
          <datalist id="question-resources">
            {things.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </datalist>
        </label>
        <label className="flex h-8 items-center gap-2 text-sm text-ink">
          <input
            type="checkbox"
            name="unbounded"
            defaultChecked={asked?.unbounded ?? false}
            className="size-4 accent-accent-fill"
          />
          every row
        </label>
        <Button type="submit" tone="primary">
          Ask
        </Button>
      </form>
    </Panel>
  );
}
