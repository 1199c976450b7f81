/** How many of several objects are named in a report. */
const namedUsers = 3;

export interface FirstUsers {
  /** The first three, sorted. */
  readonly users: readonly string[];
  /** How many different ones there are. */
  readonly userCount: number;
}

export function firstUsers(descriptions: Iterable<string>): FirstUsers {
  const all = [...new Set(descriptions)].sort();
  return { users: all.slice(0, namedUsers), userCount: all.length };
}
