import type { Child } from "hono/jsx";
import type { Html } from "./answer.ts";
import { ASSETS } from "./assets.ts";
import { Mark } from "./components/icons.tsx";

/** What surrounds every page. */
export interface LayoutProps {
  readonly title: string;
  /** The host that the page is served from. */
  readonly host: string;
  readonly wide?: boolean;
  /** Whether the page works with passkeys, which need a script. */
  readonly script?: boolean;
  /** Where the browser goes by itself, at once. */
  readonly continueTo?: string;
  readonly children?: Child;
}

/** A page: a card in the middle, whose it is above it. */
export function Layout(
  { title, host, wide = false, script = false, continueTo, children }: LayoutProps,
): Html {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        {continueTo !== undefined && <meta http-equiv="refresh" content={`0;url=${continueTo}`} />}
        <title>{`${title} · spgov`}</title>
        <link rel="icon" type="image/svg+xml" href={ASSETS.mark.path} />
        <link rel="stylesheet" href={ASSETS.pages.path} />
        {script && <script type="module" src={ASSETS.passkeys.path}></script>}
      </head>
      <body>
        <header class="brand">
          <Mark />
          <strong>spgov</strong>
          <span>{host}</span>
        </header>
        <main class={wide ? "card wide" : "card"}>{children}</main>
        <footer>Sign-ins and decisions made here are recorded in the audit.</footer>
      </body>
    </html>
  );
}
