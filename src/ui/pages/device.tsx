import type { Html } from "../answer.ts";
import { Form } from "../components/form.tsx";
import { Notice, type NoticeText } from "../components/notice.tsx";
import { Layout } from "../layout.tsx";

/** Which device? The code is what it shows. */
export function DevicePage(
  { host, browser, code, notice }: {
    readonly host: string;
    readonly browser: string;
    readonly code: string;
    readonly notice: NoticeText | undefined;
  },
): Html {
  return (
    <Layout title="Connect a device" host={host}>
      <div class="intro">
        <h1>Connect a device</h1>
        <p class="muted" id="code-hint">
          Enter the code that your device shows. Never one that somebody sent you.
        </p>
      </div>
      {notice && <Notice notice={notice} />}
      <Form action="/device" browser={browser}>
        <div class="field">
          <label for="user_code">Code</label>
          <input
            id="user_code"
            name="user_code"
            type="text"
            class="user-code"
            value={code}
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxlength={20}
            required
            autofocus
            aria-describedby="code-hint"
          />
        </div>
        <button type="submit">Continue</button>
      </Form>
    </Layout>
  );
}
