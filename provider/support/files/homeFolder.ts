import { homedir } from "node:os";

/**
 * The user's home folder. A user without HOME and without an entry in passwd, as in many containers and CI runners, has
 * the one that container engines give him: `/`.
 */
export function homeFolder(): string {
  try {
    return homedir() || "/";
  } catch {
    return "/";
  }
}
