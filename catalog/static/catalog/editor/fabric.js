// The canvas library, in its vendored version: the one line that changes with it.
export * from "../../vendor/fabric-7.4.0/fabric.min.mjs";
