"use client";

interface Props {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** Whether an upstream connection is opened before the session that will use it. */
export function OpenAheadField({ checked, onChange }: Props) {
  return (
    <label className="flex items-start gap-2 text-sm text-ink">
      <input type="checkbox" className="mt-1" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>
        Open one connection ahead
        <span className="block text-xs text-ink-muted">
          While sessions begin one after another, the next one waits less. One more connection at the database, for 15 s
          at most; with one host that any session may use.
        </span>
      </span>
    </label>
  );
}
