import { TRPCError } from "@trpc/server";
import { Lock } from "lucide-react";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { EmptyState } from "../../../ui/states.tsx";

/**
 * Renders what a procedure answers. What does not exist (or belongs to another org) is a 404; what the reader's role
 * does not include says so; anything else goes to the page's error boundary.
 */
export async function shown<T>(pending: Promise<T>, show: (value: T) => ReactNode): Promise<ReactNode> {
  let value: T;
  try {
    value = await pending;
  } catch (cause) {
    if (!(cause instanceof TRPCError)) throw cause;
    if (cause.code === "NOT_FOUND" || cause.code === "BAD_REQUEST") notFound();
    if (cause.code !== "FORBIDDEN") throw cause;
    return (
      <EmptyState icon={<Lock />} title="Your role does not include this">
        {cause.message}
      </EmptyState>
    );
  }
  return show(value);
}
