/** The mark: a gate between two posts, with water held behind and let through below. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 24 24" className={className} aria-hidden fill="none">
      <rect width="24" height="24" rx="5.5" fill="var(--accent-fill)" />
      <path d="M6 5v14M18 5v14" stroke="#fff" strokeWidth="1.8" strokeLinecap="round" />
      <rect x="8.6" y="5" width="6.8" height="7" rx="1.2" fill="#fff" />
      <path
        d="M8.4 16.2c.9-.9 1.5-.9 2.4 0s1.5.9 2.4 0 1.5-.9 2.4 0"
        stroke="#fff"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
