/** Keys to press, one box each. Decoration: the action they stand beside is reachable without them. */
export function Keys({ keys }: { readonly keys: readonly string[] }) {
  return (
    <span className="inline-flex gap-0.5" aria-hidden>
      {keys.map((key, index) => (
        <kbd
          key={`${index}${key}`}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line bg-sunken px-1 text-xs text-ink-muted"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
