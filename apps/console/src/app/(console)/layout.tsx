import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { ConsoleFrame } from "../../features/shell/screens/console-frame.tsx";
import { parseTheme, themeCookie } from "../../features/shell/screens/theme.ts";
import { api } from "../../server/page.ts";

/** Every signed-in page. */
export default async function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  const caller = await api();
  const [me, jar] = await Promise.all([caller.me(), cookies()]);
  return (
    <ConsoleFrame me={me} theme={parseTheme(jar.get(themeCookie)?.value)}>
      {children}
    </ConsoleFrame>
  );
}
