/** The demo upstream as an enforcer reaches it: TLS verified against `caFile`, SCRAM. */
export interface UpstreamDatabase {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly caFile: string;
  /** the owner of the tables, to look at them past the enforcer */
  readonly owner: { readonly user: string; readonly password: string };
}

declare module "vitest" {
  export interface ProvidedContext {
    /** owner of the control plane's database: migrations and bootstrap only */
    ownerUrl: string;
    /** the application's role, which row-level security binds */
    appUrl: string;
    redisUrl: string;
    upstream: UpstreamDatabase;
  }
}
