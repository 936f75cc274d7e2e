"use client";
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";

/** What a toast says: a title that names what happened, and why or what next. */
export interface ToastMessage {
  readonly tone: "good" | "bad";
  readonly title: string;
  readonly detail?: string;
}

type Show = (message: ToastMessage) => void;

const ToastContext = createContext<Show>(() => undefined);

/** Shows a short message that leaves by itself (errors stay longer). */
export function useToast(): Show {
  return useContext(ToastContext);
}

const shownMax = 4;

/** Holds the page's toasts, at most four at a time. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [messages, setMessages] = useState<readonly (ToastMessage & { readonly id: number })[]>([]);
  const next = useRef(0);
  const show = useCallback<Show>((message) => {
    next.current += 1;
    const id = next.current;
    setMessages((before) => [...before.slice(1 - shownMax), { ...message, id }]);
  }, []);
  const close = (id: number): void => setMessages((before) => before.filter((message) => message.id !== id));
  const value = useMemo(() => show, [show]);
  return (
    <ToastContext value={value}>
      <Radix.Provider swipeDirection="right">
        {children}
        {messages.map((message) => (
          <Radix.Root
            key={message.id}
            duration={message.tone === "bad" ? 12_000 : 5_000}
            onOpenChange={(open) => {
              if (!open) close(message.id);
            }}
            className="pop-in flex items-start gap-2.5 rounded-lg border border-line bg-raised p-3 shadow-pop"
          >
            {message.tone === "good" ? (
              <CircleCheck className="mt-0.5 size-4 shrink-0 text-allow" aria-hidden />
            ) : (
              <CircleAlert className="mt-0.5 size-4 shrink-0 text-deny" aria-hidden />
            )}
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-medium text-ink">{message.title}</Radix.Title>
              {message.detail === undefined ? null : (
                <Radix.Description className="text-ink-muted">{message.detail}</Radix.Description>
              )}
            </div>
            <Radix.Close aria-label="Dismiss" className="rounded-sm p-0.5 text-ink-faint hover:text-ink">
              <X className="size-3.5" />
            </Radix.Close>
          </Radix.Root>
        ))}
        <Radix.Viewport className="fixed right-4 bottom-4 z-60 flex w-90 max-w-[calc(100vw-2rem)] flex-col gap-2 outline-none" />
      </Radix.Provider>
    </ToastContext>
  );
}
