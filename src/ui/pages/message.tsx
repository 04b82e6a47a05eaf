import type { Html } from "../answer.ts";
import { Layout } from "../layout.tsx";

/** A page that says one thing. */
export function MessagePage(
  { host, title, text, hint, link }: {
    readonly host: string;
    readonly title: string;
    readonly text: string;
    readonly hint?: string | undefined;
    readonly link?: { readonly href: string; readonly text: string } | undefined;
  },
): Html {
  return (
    <Layout title={title} host={host}>
      <div class="intro">
        <h1>{title}</h1>
        <p class="name">{text}</p>
        {hint !== undefined && <p class="muted">{hint}</p>}
      </div>
      {link && <a class="button second" href={link.href}>{link.text}</a>}
    </Layout>
  );
}
