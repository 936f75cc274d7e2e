/** What other features show of shadow runs. Apart from the index, which is the server's: a browser must not load that. */
export { StartShadow } from "./screens/start-shadow.tsx";
