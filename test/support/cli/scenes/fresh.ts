import { requireReal } from "../../programs/requireReal.js";

/** For the body of a suite: a scene that opens before each test and closes after it. */
export function useFreshScene<Scene extends { open(): Promise<void>; close(): Promise<void> }>(
  scene: Scene,
  suite: string,
  programs: readonly string[] = ["pulumi"],
): Scene {
  before(function () {
    requireReal(this, suite, programs);
  });
  beforeEach(() => scene.open());
  afterEach(() => scene.close());
  return scene;
}
