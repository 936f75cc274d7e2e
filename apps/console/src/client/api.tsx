"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, TRPCClientError } from "@trpc/client";
import type { inferRouterOutputs } from "@trpc/server";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import type { AppRouter } from "../server/root.ts";

/** What each procedure answers. */
export type Outputs = inferRouterOutputs<AppRouter>;

const context = createTRPCContext<AppRouter>();

/** Query and mutation options of every procedure, for React Query. */
export const useApi = context.useTRPC;
/** The procedures themselves, for calls outside of React Query. */
export const useApiClient = context.useTRPCClient;

const url = "/api/trpc";
const batchMax = 10;

/** Gives every screen below it the typed API: batched calls, live data over server-sent events. */
export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 10_000, retry: 1, refetchOnWindowFocus: true } } }),
  );
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === "subscription",
          true: httpSubscriptionLink({ url }),
          false: httpBatchLink({ url, maxItems: batchMax, methodOverride: "POST" }),
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}

/** What to tell a person about a failed call: the server's public sentence, or that it could not be reached. */
export function failureText(cause: unknown): string {
  if (cause instanceof TRPCClientError && cause.data !== null && cause.data !== undefined) return cause.message;
  if (cause instanceof TRPCClientError) {
    return "The console's server did not answer. Check your connection and try again; nothing was changed.";
  }
  return cause instanceof Error ? cause.message : "Something failed that should not. Reload the page and try again.";
}
