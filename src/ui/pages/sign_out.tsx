import type { Html } from "../answer.ts";
import { Form } from "../components/form.tsx";
import { Layout } from "../layout.tsx";

/** Asks before it signs out: an address alone changes nothing. */
export function SignOutPage(
  { host, browser, name }: {
    readonly host: string;
    readonly browser: string;
    readonly name: string;
  },
): Html {
  return (
    <Layout title="Sign out" host={host}>
      <div class="intro">
        <h1>Sign out?</h1>
        <p class="muted">
          You are signed in as <strong class="name">{name}</strong> in this browser.
        </p>
      </div>
      <Form action="/sign-out" browser={browser}>
        <div class="actions">
          <a class="button second" href="/account">Stay</a>
          <button type="submit">Sign out</button>
        </div>
      </Form>
    </Layout>
  );
}
