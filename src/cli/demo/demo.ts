import type { Scene } from "./scene.ts";

/** One demo: a script that talks to the running appliance and says what it expects at each step. */
export interface Demo {
  /** Category and file, as under `demo/`: `governance/01-happy-path`. */
  readonly name: string;
  readonly title: string;
  /** Other names that it is known by. */
  readonly aliases?: readonly string[];
  play(scene: Scene): Promise<void>;
}

/** One expectation and whether it was met. */
export interface Step {
  readonly text: string;
  readonly met: boolean;
  /** What was found instead. */
  readonly found?: unknown;
}

export interface DemoResult {
  readonly name: string;
  readonly title: string;
  readonly passed: boolean;
  readonly ms: number;
  readonly steps: readonly Step[];
  /** Why it ended early. */
  readonly error?: string;
}
