/** What other features show of records. Apart from the index, which is the server's: a browser must not load that. */
export { changeWords, targetName } from "./screens/change-words.ts";
export { FactsView } from "./screens/facts-view.tsx";
export { RecordHeadings, RecordLine, recordLinePx } from "./screens/record-line.tsx";
