import type { Html } from "../answer.ts";
import { Layout } from "../layout.tsx";

/**
 * On the way back to the client. A page and no redirect: what a form may lead to is ours alone, and an app's
 * link needs a button where the browser does not open it by itself.
 */
export function ReturnedPage(
  { host, client, url, allowed }: {
    readonly host: string;
    readonly client: string;
    readonly url: string;
    /** What was decided; undefined where nobody was asked. */
    readonly allowed: boolean | undefined;
  },
): Html {
  const title = allowed === false ? "Not allowed" : "You are being sent back";
  return (
    <Layout title={title} host={host} continueTo={url}>
      <div class="intro">
        <h1>{title}</h1>
        <p class="muted">
          {allowed === false ? "Nothing was given to " : "Returning to "}
          <strong class="name">{client}</strong>. If nothing happens, go on by hand.
        </p>
      </div>
      <a id="continue" class="button" href={url} rel="noreferrer">Continue</a>
    </Layout>
  );
}
