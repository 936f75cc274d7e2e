"use client";
import { Field, Input } from "../../../ui/form.tsx";
import type { UpstreamReach } from "../schemas.ts";

type Pool = UpstreamReach["pool"];

const numbers = [
  { key: "idlePerIdentityMax", label: "Waiting for one identity", unit: 1, max: 50 },
  { key: "idleMax", label: "Waiting in all", unit: 1, max: 1_000 },
  { key: "idleMs", label: "Seconds waiting", unit: 1_000, max: 3_600 },
  { key: "ageMs", label: "Seconds in all", unit: 1_000, max: 86_400 },
  { key: "usesMax", label: "Sessions served", unit: 1, max: 100_000 },
] as const;

/** Whether connections serve several sessions of one identity, and within what bounds. */
export function PoolFields({ pool, onChange }: { readonly pool: Pool; readonly onChange: (pool: Pool) => void }) {
  return (
    <fieldset className="flex flex-col gap-3">
      <label className="flex items-start gap-2 text-sm text-ink">
        <input
          type="checkbox"
          className="mt-1"
          checked={pool.enabled}
          onChange={(event) => onChange({ ...pool, enabled: event.target.checked })}
        />
        <span>
          Reuse connections for the same identity
          <span className="block text-xs text-ink-muted">
            For clients that connect for each query. Reset and checked in between, never shared with another identity.
          </span>
        </span>
      </label>
      {pool.enabled ? (
        <div className="grid grid-cols-2 gap-3">
          {numbers.map(({ key, label, max, unit }) => (
            <Field key={key} label={label} hint={`at most ${max.toLocaleString("en")}`}>
              {(field) => (
                <Input
                  {...field}
                  type="number"
                  min={key === "usesMax" ? 2 : 1}
                  max={max}
                  value={pool[key] / unit}
                  onChange={(event) => onChange({ ...pool, [key]: Math.round(Number(event.target.value)) * unit })}
                />
              )}
            </Field>
          ))}
        </div>
      ) : null}
    </fieldset>
  );
}
