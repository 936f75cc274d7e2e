import { writeSync } from "node:fs";
import { unwrap } from "@sluice/kernel";
import { RecordForm } from "./record-form.ts";
import type { RecordTicket } from "./recorder.ts";
import { draft, ended, testSpool } from "./spool.fixture.ts";

// Run by the crash test and killed by it: says on standard output what it was promised, line by line.
const directory = process.argv[2];
if (directory === undefined) throw new Error("usage: spool-crash.fixture.ts <directory>");
const spool = testSpool(directory, { segmentBytes: 65_536 });

async function burst(): Promise<void> {
  const finished: string[] = [];
  for (let count = 0; count < 50; count++) {
    const ticket = begun(count);
    if (count % 3 === 0) continue;
    spool.finish(ticket, ended);
    finished.push(`finish ${ticket.seq} ${ticket.id}\n`);
  }
  // a finish is in the file when a record that began after it is on disk
  await spool.durable(begun(0));
  for (const line of finished) writeSync(1, line);
}

/** What a pipeline keeps of a judgement: most records repeat one. */
const forms = [0, 1, 2].map((count) => new RecordForm(draft({ statement: `SELECT '${"é".repeat(count * 700)}'` })));

function begun(count: number): RecordTicket {
  const form = forms[count % 5];
  const ticket = unwrap(
    form === undefined
      ? spool.begin(draft({ statement: `SELECT '${"é".repeat(count * 7)}'` }))
      : spool.beginForm(form, Date.now()),
  );
  writeSync(1, `begin ${ticket.seq} ${ticket.id}\n`);
  return ticket;
}

for (;;) await burst();
