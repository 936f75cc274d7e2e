export * from "./generated/sluice/control/v1/control_pb.js";
