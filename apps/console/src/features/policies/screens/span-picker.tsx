"use client";
import { useState } from "react";
import { Button } from "../../../ui/button.tsx";
import { Input, Select } from "../../../ui/form.tsx";
import { type ImpactSpan, impactSpanSchema } from "../impact-schemas.ts";

/** A span of recorded time. */
export interface Span {
  readonly span: ImpactSpan;
  readonly from?: string;
  readonly to?: string;
}

const names: Readonly<Record<ImpactSpan, string>> = {
  hour: "Last hour",
  day: "Last day",
  week: "Last week",
  custom: "From … to …",
};

/** Which recorded time is replayed. A custom span counts once both ends are given and applied. */
export function SpanPicker({ value, onChange }: { readonly value: Span; readonly onChange: (span: Span) => void }) {
  const [custom, setCustom] = useState(false);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const ready = from !== "" && to !== "" && new Date(from) < new Date(to);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Select
        aria-label="Recorded time to replay"
        value={custom ? "custom" : value.span}
        onChange={(event) => {
          const span = impactSpanSchema.parse(event.target.value);
          setCustom(span === "custom");
          if (span !== "custom") onChange({ span });
        }}
      >
        {impactSpanSchema.options.map((span) => (
          <option key={span} value={span}>
            {names[span]}
          </option>
        ))}
      </Select>
      {custom ? (
        <>
          <Moment label="From" value={from} onChange={setFrom} />
          <Moment label="To" value={to} onChange={setTo} />
          <Button
            size="sm"
            disabled={!ready}
            onClick={() =>
              onChange({ span: "custom", from: new Date(from).toISOString(), to: new Date(to).toISOString() })
            }
          >
            Replay
          </Button>
        </>
      ) : null}
    </div>
  );
}

function Moment({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
}) {
  return (
    <span className="w-52">
      <Input
        type="datetime-local"
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  );
}
