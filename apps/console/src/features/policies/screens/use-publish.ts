"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useApiClient } from "../../../client/api.tsx";
import { useToast } from "../../../ui/toast.tsx";
import type { Content } from "./use-draft.ts";

/** What is published: a text as it stands, an old version's, or a draft's. */
export type PublishSource =
  | ({ readonly kind: "text"; readonly baseVersion: number } & Content)
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "draft"; readonly number: number };

/** A publish as somebody wants it. */
export interface PublishWish {
  readonly source: PublishSource;
  readonly note: string;
  /** why although tests fail */
  readonly overrideTests?: string | undefined;
}

/** The two ways on: publishing, and asking for a second person, who decides on the request's page. */
export function usePublish(done: () => void, onPublished: (version: number) => Promise<void>) {
  const toast = useToast();
  const router = useRouter();
  const { policies } = useApiClient();
  const asked = (id: string): void => {
    done();
    toast({ tone: "good", title: "It waits for a second person", detail: "They have a day to decide." });
    router.push(`/policies/requests/${id}`);
  };
  const publish = useMutation({
    mutationFn: async ({ source, note, overrideTests }: PublishWish) => {
      const how = { note, overrideTests };
      if (source.kind === "draft") return policies.drafts.publish.mutate({ number: source.number, ...how });
      const { version } =
        source.kind === "version"
          ? await policies.rollback.mutate({ version: source.version, ...how })
          : await policies.publish.mutate({ ...textOf(source), ...how });
      return { version, requestId: null };
    },
    onSuccess: async ({ requestId, version }) => {
      // the effect may have grown since it was shown: then a draft's publish has asked for the second person already
      if (version === null) {
        if (requestId !== null) asked(requestId);
        return;
      }
      done();
      toast({ tone: "good", title: `Version ${version} published`, detail: "Enforcers apply it within seconds." });
      await onPublished(version);
    },
  });
  const ask = useMutation({
    mutationFn: async ({ source, note, overrideTests }: PublishWish) => {
      const how = { note, overrideTests };
      if (source.kind === "draft") {
        return (await policies.drafts.publish.mutate({ number: source.number, ...how })).requestId;
      }
      const wanted = source.kind === "version" ? { version: source.version } : textOf(source);
      return (await policies.requests.open.mutate({ ...wanted, ...how })).id;
    },
    onSuccess: (id) => {
      if (id === null) done();
      else asked(id);
    },
  });
  return { publish, ask };
}

function textOf({ sets, tests, baseVersion }: Extract<PublishSource, { kind: "text" }>) {
  return { sets, tests: { ...tests }, baseVersion };
}
