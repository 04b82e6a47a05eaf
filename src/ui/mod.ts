/** The pages for people: signing in, consent, devices, one's own account. They work without a script. */
export type { DeviceCodes, Federation, PageDependencies } from "./dependencies.ts";
export { answerProblem } from "./problem_page.ts";
export { pageRoutes } from "./routes.ts";
