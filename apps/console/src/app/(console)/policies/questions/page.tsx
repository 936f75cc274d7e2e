import type { Metadata } from "next";
import { ExplainAnswer, WhoCanAnswer } from "../../../../features/policies/screens/answers.tsx";
import { parseQuestion, type Question } from "../../../../features/policies/screens/question.ts";
import { QuestionForm } from "../../../../features/policies/screens/question-form.tsx";
import { shown } from "../../../../features/shell/screens/shown.tsx";
import { api } from "../../../../server/page.ts";
import { Page, PageHeader } from "../../../../ui/panel.tsx";

export const metadata: Metadata = { title: "Ask the policy" };

async function answer(question: Question) {
  const caller = await api();
  const { action, resource, unbounded, principal } = question;
  const asked = { action, resource, assume: { unbounded } };
  if (principal === undefined) return shown(caller.policies.whoCan(asked), (found) => <WhoCanAnswer answer={found} />);
  return shown(caller.policies.explain({ ...asked, principal }), (found) => <ExplainAnswer answer={found} />);
}

/** /policies/questions?principal=User:ana&action=…&resource=…&unbounded=on */
export default async function QuestionsPage({
  searchParams,
}: {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}) {
  const [params, caller] = await Promise.all([searchParams, api()]);
  return (
    <Page>
      <PageHeader
        back={{ href: "/policies", label: "Policies" }}
        title="Ask the policy"
        description="Who can do this, or may this person or agent do it, and why: answered by the version in force."
      />
      {
        await shown(caller.policies.vocabulary(), async (vocabulary) => {
          const question = parseQuestion(
            params,
            (id) => vocabulary.actions.find((action) => action.id === id)?.resourceTypes ?? [],
          );
          return (
            <div className="flex flex-col gap-4">
              <QuestionForm vocabulary={vocabulary} asked={question} />
              {question === undefined ? null : await answer(question)}
            </div>
          );
        })
      }
    </Page>
  );
}
