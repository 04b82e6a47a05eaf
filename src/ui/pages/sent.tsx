import type { Html } from "../answer.ts";
import { Layout } from "../layout.tsx";

/** On the way to an identity provider. A page and no redirect: what a form may lead to is ours alone. */
export function SentPage(
  { host, title, url }: {
    readonly host: string;
    /** Of the provider. */
    readonly title: string;
    readonly url: string;
  },
): Html {
  return (
    <Layout title="Sign in" host={host} continueTo={url}>
      <div class="intro">
        <h1>You are being sent on</h1>
        <p class="muted">
          To sign in at <strong class="name">{title}</strong>. If nothing happens, go on by hand.
        </p>
      </div>
      <a id="continue" class="button" href={url} rel="noreferrer">Continue</a>
    </Layout>
  );
}
