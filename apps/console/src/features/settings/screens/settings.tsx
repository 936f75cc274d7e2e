import type { Outputs } from "../../../client/api.tsx";
import { Badge } from "../../../ui/badge.tsx";
import { CopyId } from "../../../ui/copy.tsx";
import { Panel } from "../../../ui/panel.tsx";
import { Columns, Facts, Table, Td, Tr } from "../../../ui/table.tsx";
import { Time } from "../../../ui/time.tsx";
import { OrgName } from "./org-name.tsx";
import { SignInConnections } from "./sign-in-connections.tsx";

type Settings = Outputs["settings"]["get"];

const purposes: Readonly<Record<string, string>> = {
  ca: "issues enforcer certificates",
  bundle: "signs bundles",
  token: "signs client access tokens",
};

/** What the org has set: its name, where people sign in, workflows, roles and keys. */
export function SettingsScreen({ settings, mayWrite }: { readonly settings: Settings; readonly mayWrite: boolean }) {
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Organisation">
        <div className="grid gap-x-8 gap-y-4 md:grid-cols-2">
          <OrgName name={settings.org.name} mayWrite={mayWrite} />
          <Facts
            items={[
              { name: "Address name", value: <code className="text-xs">{settings.org.slug}</code> },
              { name: "Id", value: <CopyId id={settings.org.id} /> },
              { name: "Since", value: <Time at={settings.org.createdAt} /> },
              { name: "Sites", value: settings.sites.map((site) => site.name).join(", ") },
            ]}
          />
        </div>
      </Panel>
      <SignInConnections connections={settings.connections} mayWrite={mayWrite} />
      <Panel flush title="Approval workflows" description="Who must say yes, and for how long a statement waits">
        <Table label="Approval workflows">
          <Columns names={["Name", "Steps", "Waits", "For"]} />
          <tbody>
            {settings.workflows.map((workflow) => (
              <Tr key={workflow.id}>
                <Td className="font-mono text-xs font-medium">{workflow.name}</Td>
                <Td>
                  <ol className="flex flex-wrap items-center gap-1">
                    {workflow.steps.map((step, index) => (
                      <li key={`${step.group} ${step.count}`} className="flex items-center gap-1">
                        {index === 0 ? null : <span className="text-ink-faint">then</span>}
                        <Badge tone="accent">
                          {step.count} of {step.group}
                        </Badge>
                      </li>
                    ))}
                  </ol>
                </Td>
                <Td className="tabular-nums">{workflow.timeoutS} s</Td>
                <Td className="text-ink-muted">{workflow.description}</Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-[2fr_3fr]">
        <Roles roles={settings.roles} />
        <Panel flush title="Keys" description="Public halves; private ones are sealed and never shown">
          <Table label="Keys">
            <Columns names={["Purpose", "Algorithm", "Key id", "Made"]} />
            <tbody>
              {settings.keys.map((key) => (
                <Tr key={key.id}>
                  <Td>{purposes[key.purpose] ?? key.purpose}</Td>
                  <Td className="font-mono text-xs text-ink-muted">{key.algorithm}</Td>
                  <Td>
                    <CopyId id={key.keyId} />
                  </Td>
                  <Td className="text-ink-muted">
                    <Time at={key.createdAt} form="relative" />
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </Panel>
      </div>
    </div>
  );
}

function Roles({ roles }: { readonly roles: Settings["roles"] }) {
  return (
    <Panel flush title="Console roles" description="What each may do here; policies speak of groups instead">
      <Table label="Console roles">
        <Columns names={["Role", { right: "Members" }, "May"]} />
        <tbody>
          {roles.map((role) => (
            <Tr key={role.role}>
              <Td className="font-medium">{role.role}</Td>
              <Td className="text-right tabular-nums">{role.members}</Td>
              <Td>
                <details>
                  <summary className="list-none text-ink-muted underline decoration-dotted underline-offset-4 hover:text-ink">
                    {role.permissions.length} rights
                  </summary>
                  <p className="pt-1 font-mono text-xs text-ink-muted">{role.permissions.join(", ")}</p>
                </details>
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}
