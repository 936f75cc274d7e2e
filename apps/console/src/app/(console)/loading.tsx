export { PageSkeleton as default } from "../../ui/states.tsx";
