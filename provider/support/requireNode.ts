/*
 * The first import of each entry point: an older Node would fail in a dependency, at a place that explains nothing. This file
 * and the one that it imports must load on Node 18.
 */
import { nodeProblem } from "./nodeProblem.js";

const problem = nodeProblem(process.versions.node, process.execPath);
if (problem !== undefined) {
  const error = new Error(problem);
  error.stack = problem;
  // Pulumi's mark of an error that it prints without a stack trace; its SDK is not loaded here.
  throw Object.assign(error, { __pulumiRunError: true });
}
