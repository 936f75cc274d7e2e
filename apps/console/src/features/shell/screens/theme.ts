/** Light, dark, or whatever the system says. */
export type Theme = "system" | "light" | "dark";

/** The cookie that carries the choice, so that the server renders the right theme at once. */
export const themeCookie = "sluice-theme";

/** Reads a cookie's value; anything unknown follows the system. */
export function parseTheme(text: string | undefined): Theme {
  return text === "light" || text === "dark" ? text : "system";
}

/** Applies a theme now and keeps it for a year on this browser. */
export function setTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=31536000; samesite=lax`;
}
