import { TRPCError } from "@trpc/server";
import { CircleAlert, Lock } from "lucide-react";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { ZodError } from "zod";
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
    // an address whose id is not even an id names nothing either
    if (cause.code === "NOT_FOUND" || cause.cause instanceof ZodError) notFound();
    if (cause.code === "FORBIDDEN")
      return <Refused icon={<Lock />} title="Your role does not include this" why={cause.message} />;
    if (cause.code === "INTERNAL_SERVER_ERROR") throw cause;
    return <Refused icon={<CircleAlert />} title="This cannot be shown now" why={cause.message} />;
  }
  return show(value);
}

function Refused({ icon, title, why }: { readonly icon: ReactNode; readonly title: string; readonly why: string }) {
  return (
    <EmptyState icon={icon} title={title}>
      {why}
    </EmptyState>
  );
}
