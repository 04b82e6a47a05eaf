import type { Html } from "../answer.ts";
import { Form } from "../components/form.tsx";
import { Tick } from "../components/icons.tsx";
import type { ClientView, PermissionView } from "../consent_view.ts";
import { Layout } from "../layout.tsx";

/** What the page shows. */
export interface ConsentProps {
  readonly host: string;
  readonly browser: string;
  readonly interaction: string;
  readonly client: ClientView;
  readonly server: string;
  readonly resource: string;
  readonly permissions: readonly PermissionView[];
  /** Shown by the device that waits; the reader compares. */
  readonly userCode: string | undefined;
  /** Whether this client can be remembered: it is asked about each time where not. */
  readonly remembers: boolean;
  readonly user: { readonly name: string; readonly email: string };
}

/** May this client act for you? */
export function ConsentPage(props: ConsentProps): Html {
  const { host, browser, interaction, client, userCode, remembers, user } = props;
  return (
    <Layout title="Allow access?" host={host}>
      <h1 class="name">Allow {client.label} to act for you?</h1>
      <Client client={client} />
      {userCode !== undefined && (
        <p class="notice warn">
          Your device has to show this code: <strong class="code">{userCode}</strong>
        </p>
      )}
      <Facts {...props} />
      <Form action="/consent" browser={browser} fields={{ interaction }}>
        <Permissions {...props} />
        {remembers && (
          <label class="check small">
            <input type="checkbox" name="once" value="yes" />
            <span>Only this time: ask me again next time</span>
          </label>
        )}
        <div class="actions">
          <button type="submit" name="decision" value="deny" class="second">Deny</button>
          <button type="submit" name="decision" value="allow">Allow</button>
        </div>
      </Form>
      <p class="muted small name">
        Signed in as <strong>{user.name}</strong> ({user.email}).{" "}
        <a class="keep" href="/sign-out">Not you?</a>
      </p>
    </Layout>
  );
}

function Client({ client }: { readonly client: ClientView }): Html {
  return (
    <div class="client">
      <span class={client.isVerified ? "monogram" : "monogram unknown"} aria-hidden="true">
        {client.isVerified ? [...client.knownBy][0]?.toUpperCase() : "?"}
      </span>
      <div>
        <p class="host">{client.knownBy}</p>
        {!client.isNameKnown && <p class="small muted name">calls itself “{client.name}”</p>}
        <p>
          <span class={client.isVerified ? "badge" : "badge warn"}>{client.standing}</span>
        </p>
      </div>
    </div>
  );
}

function Facts({ client, server, resource }: ConsentProps): Html {
  return (
    <dl class="facts">
      <dt>Server</dt>
      <dd>
        <strong>{server}</strong>
        <br />
        <code class="muted">{resource}</code>
      </dd>
      <dt>Answer goes to</dt>
      <dd>
        <strong>{client.returnsTo}</strong>
      </dd>
      <dt>Client id</dt>
      <dd>
        <code>{client.id}</code>
      </dd>
    </dl>
  );
}

function Permissions({ permissions }: ConsentProps): Html {
  const [first, ...more] = permissions;
  return (
    <fieldset>
      <legend>It will be able to</legend>
      {first && more.length === 0
        ? (
          <ul class="list permissions">
            <li>
              <Tick />
              <PermissionText permission={first} />
              <input type="hidden" name="scope" value={first.scope} />
            </li>
          </ul>
        )
        : permissions.map((permission) => (
          <label class="check">
            <input type="checkbox" name="scope" value={permission.scope} checked />
            <PermissionText permission={permission} />
          </label>
        ))}
    </fieldset>
  );
}

function PermissionText({ permission }: { readonly permission: PermissionView }): Html {
  return (
    <span>
      {permission.text} <code class="muted small">{permission.scope}</code>
    </span>
  );
}
