import { router } from "../../../server/trpc.ts";
import { get } from "./get.procedure.ts";
import { list } from "./list.procedure.ts";
import { saveDataClass } from "./save-data-class.procedure.ts";
import { saveUpstream } from "./save-upstream.procedure.ts";
import { setClass } from "./set-class.procedure.ts";

/** The resources feature's procedures. */
export const resourcesRouter = router({ get, list, saveDataClass, saveUpstream, setClass });
