const DAY_MS = 86_400_000;

/** Milliseconds since 1970 as `2026-01-31T10:20:30.456Z`; undefined outside the years 0000 to 9999. */
export function isoText(ms: number): string | undefined {
  const days = Math.floor(ms / DAY_MS);
  // Days to the civil calendar over eras of 400 years that begin on 1 March (Howard Hinnant, "chrono-compatible dates").
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  if (year < 0 || year > 9_999) return undefined;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const rest = ms - days * DAY_MS;
  const clock = [rest / 3_600_000, (rest / 60_000) % 60, (rest / 1_000) % 60].map((part) =>
    padded(Math.floor(part), 2),
  );
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}T${clock.join(":")}.${padded(rest % 1_000, 3)}Z`;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
