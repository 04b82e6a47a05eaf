// Passkeys are the one thing that needs a script: it asks the browser and puts its answer into the form.

const TEXTS = {
  NotAllowedError: "Nothing was chosen. You can try again.",
  InvalidStateError: "This device already has a passkey for this account.",
  SecurityError: "Passkeys do not work at this address.",
};

/** Asks the server for a challenge. */
async function fetchOptions(form) {
  const { form_token } = Object.fromEntries(new FormData(form));
  const response = await fetch(form.dataset.options, {
    method: "POST",
    body: new URLSearchParams({ form_token }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

/** Asks the browser: for a new passkey, or for one that signs. */
async function ask(kind, options) {
  if (kind === "create") {
    return await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    });
  }
  return await navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
  });
}

async function submit(form) {
  const alert = form.querySelector("[role=alert]");
  const button = form.querySelector("button");
  alert.hidden = true;
  button.disabled = true;
  try {
    const credential = await ask(form.dataset.passkey, await fetchOptions(form));
    form.elements.answer.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (error) {
    alert.textContent = TEXTS[error.name] ?? error.message;
    alert.hidden = false;
    button.disabled = false;
  }
}

const isSupported = typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON ===
  "function";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  for (const part of document.querySelectorAll("[data-with-passkeys]")) part.hidden = !isSupported;
  for (const part of document.querySelectorAll("[data-without-passkeys]")) {
    part.hidden = isSupported;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit(form);
  });
}
