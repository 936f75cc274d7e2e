"use client";
import { signOut } from "next-auth/react";
import type { ReactNode } from "react";
import { ApiProvider } from "../../../client/api.tsx";
import type { Me } from "../../identities/schemas.ts";
import { Shell } from "./shell.tsx";
import type { Theme } from "./theme.ts";

/** The frame with its connections to the world: the API for every screen, and the way out. */
export function ConsoleFrame({
  me,
  theme,
  children,
}: {
  readonly me: Me;
  readonly theme: Theme;
  readonly children: ReactNode;
}) {
  return (
    <ApiProvider>
      <Shell me={me} theme={theme} signOut={() => void signOut({ callbackUrl: "/sign-in" })}>
        {children}
      </Shell>
    </ApiProvider>
  );
}
