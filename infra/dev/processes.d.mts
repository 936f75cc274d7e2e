/** One process that belongs to a state directory. */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  /** asked with this signal to end */
  readonly stopSignal: "SIGTERM" | "SIGINT";
  /** lower stops earlier: 1 for our processes, 2 for what they use */
  readonly stopOrder: 1 | 2;
  readonly port?: number;
  /** changes when the process must be started anew (its code or settings changed) */
  readonly fingerprint?: string;
  /** the kernel's start time, set by `noteProcess` */
  readonly startTime?: string | undefined;
}
export function startTimeOf(pid: number): string | undefined;
export function isAlive(record: ProcessRecord): boolean;
export function noteProcess(stateDir: string, record: ProcessRecord): ProcessRecord;
export function runningProcess(stateDir: string, name: string): ProcessRecord | undefined;
export function notedProcesses(stateDir: string): ProcessRecord[];
export function unnotedDatabases(stateDir: string): ProcessRecord[];
export function stopProcess(stateDir: string, record: ProcessRecord): Promise<string>;
export function stopAll(stateDir: string, onStopped?: (record: ProcessRecord, how: string) => void): Promise<number>;
