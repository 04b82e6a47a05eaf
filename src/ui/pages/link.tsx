import type { Html } from "../answer.ts";
import { Form } from "../components/form.tsx";
import { Layout } from "../layout.tsx";

/** A link that signs in is used by pressing a button: what only looks at addresses does not use it up. */
export function LinkPage(
  { host, browser, token }: {
    readonly host: string;
    readonly browser: string;
    readonly token: string;
  },
): Html {
  return (
    <Layout title="Sign in" host={host}>
      <div class="intro">
        <h1>Sign in with this link</h1>
        <p class="muted">The link works once. Use it only if you asked for it.</p>
      </div>
      <Form action="/sign-in/link" browser={browser} fields={{ token }}>
        <button type="submit">Sign in</button>
      </Form>
    </Layout>
  );
}
