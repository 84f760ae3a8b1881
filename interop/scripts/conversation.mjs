// How a script talks with the test that started it: one JSON value a line. The test
// tells it the facts first; the script asks it to lead a person somewhere and learns
// where that person came back to.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function hear() {
  const { value, done } = await lines.next();
  if (done) throw new Error("the test hung up");
  return JSON.parse(value);
}

function say(value, afterwards) {
  process.stdout.write(`${JSON.stringify(value)}\n`, afterwards);
}

/** What the test knows: addresses, the client and its secret. */
export const facts = await hear();

/** Send the person to an address of the product; return where they came back to. */
export async function visit(address) {
  say({ visit: String(address) });
  return new URL(await hear());
}

/** Tell the test where this server listens. */
export function listening(port) {
  say({ listening: port });
}

/** Tell the test what happened, and end. */
export function finish(result) {
  say({ result }, () => process.exit(0));
}

/** Return what a library says of a refusal that has to come. */
export async function refusalOf(attempt) {
  try {
    await attempt();
  } catch (problem) {
    const { name, code, status, error } = problem;
    return { name, code, status, error };
  }
  throw new Error("it was not refused");
}
